"""Where lines end, whatever the bytes and wherever the blocks are cut."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier, Thread

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from curator.storage import line_index
from curator.storage.line_index import LineIndex
from curator.storage.source import opened

contents = st.lists(
    st.sampled_from(
        [b"\n", b"\n", b"\r\n", b"\r", b"\x0b\x0c\x1c\x85", "\u2028\u2029\u0085".encode(), b"", b"a", b"{}"]
    )
    | st.binary(max_size=12),
    max_size=30,
).map(lambda pieces: b" " + b"".join(pieces))
blocks = st.integers(1, 40)


@contextmanager
def indexed(folder: Path, content: bytes) -> Iterator[LineIndex]:
    path = folder / "data.jsonl"
    path.write_bytes(content)
    with opened(path) as source:
        yield LineIndex(source)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for files; blocks are cut anew by each example, and set back at the end."""
    monkeypatch.setattr(line_index, "BLOCK_BYTES", line_index.BLOCK_BYTES)
    return tmp_path


def lines_of(content: bytes) -> list[bytes]:
    """What the index has to find: only a line feed ends a line, and a last one without it counts too."""
    lines = [line + b"\n" for line in content.split(b"\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


@given(content=contents, block=blocks)
@example(content=b"", block=4)
@example(content=b"abc\n", block=4)
@example(content=b"abc\ndef", block=4)
@example(content=b"abc\ndef\n", block=4)
@example(content=b"\n\n\n\n", block=1)
@example(content=b"abcd", block=4)
def test_lines_are_those_between_line_feeds(folder: Path, content: bytes, block: int) -> None:
    line_index.BLOCK_BYTES = block
    with indexed(folder, content) as index:
        index.finish()
        spans = [index.span(line) for line in range(len(index))]
    assert [content[start:end] for start, end in spans] == lines_of(content)
    assert b"".join(content[start:end] for start, end in spans) == content


@given(content=contents, block=blocks, length=st.integers(1, 60))
def test_chunks_cover_every_line_once_and_in_order(folder: Path, content: bytes, block: int, length: int) -> None:
    line_index.BLOCK_BYTES = block
    with indexed(folder, content) as index:
        first, chunks = 0, []
        while (end := index.chunk_end(first, length)) > first:
            chunks.append((first, end))
            first = end
        assert index.complete
        assert first == len(index) == len(lines_of(content))
        assert index.chunk_end(first, length) == first
        for begin, end in chunks:
            held = index.start(end) - index.start(begin)
            assert held <= length or end == begin + 1
            longer = end < len(index) and index.span(end)[1] - index.start(begin)
            assert not longer or longer > length


@given(content=contents, block=blocks, cut=st.integers(0, 20))
def test_what_is_known_early_stays_as_it_was(folder: Path, content: bytes, block: int, cut: int) -> None:
    line_index.BLOCK_BYTES = block
    with indexed(folder, content) as index:
        for _ in range(cut):
            index.advance()
        early = [index.span(line) for line in range(len(index))]
        index.finish()
        assert [index.span(line) for line in range(len(early))] == early


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"", []),
        (b"\n", [b"\n"]),
        (b"\n\n", [b"\n", b"\n"]),
        (b"a", [b"a"]),
        (b"a\n\nb", [b"a\n", b"\n", b"b"]),
        (b"a\r\nb\r\n", [b"a\r\n", b"b\r\n"]),
        (b"a\rb\n", [b"a\rb\n"]),
        ('"a\u2028b\u2029c\u0085d"\n{}\n'.encode(), ['"a\u2028b\u2029c\u0085d"\n'.encode(), b"{}\n"]),
    ],
)
def test_only_a_line_feed_ends_a_line(tmp_path: Path, content: bytes, lines: list[bytes]) -> None:
    with indexed(tmp_path, content) as index:
        index.finish()
        assert [content[start:end] for start, end in map(index.span, range(len(index)))] == lines


def test_an_empty_file_is_complete_at_once(tmp_path: Path) -> None:
    with indexed(tmp_path, b"") as index:
        assert index.complete
        assert len(index) == 0
        assert index.chunk_end(0, 100) == 0


def test_a_line_longer_than_a_block_is_one_line(folder: Path) -> None:
    line_index.BLOCK_BYTES = 8
    with indexed(folder, b"x" * 100 + b"\ny\n") as index:
        index.advance()
        assert len(index) == 0
        index.finish()
        assert [index.span(0), index.span(1)] == [(0, 101), (101, 103)]


def test_a_chunk_reads_no_further_than_it_has_to(folder: Path) -> None:
    line_index.BLOCK_BYTES = 10
    with indexed(folder, b"abcd\n" * 100) as index:
        assert index.chunk_end(0, 12) == 2
        assert index.scanned < 50


def test_a_line_that_has_not_been_found_is_no_line(tmp_path: Path) -> None:
    with indexed(tmp_path, b"a\n") as index:
        with pytest.raises(IndexError):
            index.span(0)
        index.finish()
        assert index.start(1) == 2
        with pytest.raises(IndexError):
            index.span(1)


def test_several_threads_may_advance_it_while_others_read(folder: Path) -> None:
    line_index.BLOCK_BYTES = 64
    content = b"".join(b"x" * (number % 23) + b"\n" for number in range(5_000))
    wrong: list[object] = []
    with indexed(folder, content) as index:
        together = Barrier(4)

        def advance() -> None:
            together.wait()
            index.finish()

        def read() -> None:
            together.wait()
            while not index.complete:
                known = len(index)
                if known and content[index.span(known - 1)[1] - 1] != 10:
                    wrong.append(known)

        threads = [Thread(target=work) for work in (advance, advance, advance, read)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not wrong
        assert [content[start:end] for start, end in map(index.span, range(len(index)))] == lines_of(content)
