"""Where the lines of a file end is noted while it is written."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from curator.storage.line_ends import LineEnds
from curator.storage.line_index import LineIndex
from curator.storage.source import Source
from curator.storage.writer import Segment, Stretch

LINES = st.lists(st.sampled_from([b"", b"a", b"abc", b"\r"]), max_size=6)


@given(lines=LINES, ended=st.booleans(), choices=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=5))
def test_the_ends_are_those_that_an_index_finds(
    lines: list[bytes], ended: bool, choices: list[tuple[int, int]]
) -> None:
    content = b"\n".join(lines) + (b"\n" if ended and lines else b"")
    with TemporaryDirectory() as name:
        path = Path(name) / "data.jsonl"
        path.write_bytes(b"{" + content)
        source = Source(path)
        index = LineIndex(source)
        index.finish()
        segments: list[Segment] = [b"new", b"\n"]
        for first, count in choices:
            some = [index.span(line) for line in range(len(index))][first : first + count]
            segments += [Stretch(some[0][0], some[-1][1]), b"\n"] if some else [b"", b"one\ntwo"]
        notes = LineEnds(source, index)
        assert list(notes.noted(segments)) == segments
        written = b"".join(
            one if isinstance(one, bytes) else source.read(one.start, one.end - one.start) for one in segments
        )
        (Path(name) / "new.jsonl").write_bytes(written)
        new = Source(Path(name) / "new.jsonl")
        found = LineIndex(new)
        found.finish()
        known = LineIndex(new, notes.ends)
        assert known.complete
        assert [known.span(line) for line in range(len(known))] == [found.span(line) for line in range(len(found))]
        source.close()
        new.close()
