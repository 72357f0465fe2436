"""Every command takes every way in and every way out: one table, held against what the commands themselves read."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

from curator.cli import commands
from curator.cli.exit_codes import Exit
from curator.errors import UnreadableError, UsageError
from curator.storage.packing import PACKINGS, Unpacking
from tests.cli.editing import editing

pytestmark = pytest.mark.usefixtures("lines_alone")

IN, OUT = "<in>", "<out>"
REPLACED = ("--find", "shoes", "--by", "boots")

LINES: dict[str, tuple[str, ...]] = {
    "check": (IN,),
    "stats": (IN, "--json"),
    "grep": ("the", IN),
    "cost": (IN, "--csv"),
    "break-even": (IN, "--calls", "100", "--short-prompt", "5"),
    "replace": (IN, *REPLACED, "-o", OUT),
    "tag": (IN, "--tag", "seen", "-o", OUT),
    "shorten": (IN, "--prefix", "You", "--to", "Be brief.", "-o", OUT),
    "split": (IN, "--by", "turn", "-o", OUT),
    "convert": (IN, "--to", "claude", "--allow-lossy", "--skip", "-o", OUT),
    "merge": (IN, "-o", OUT),
    "shards": (IN, "--records", "3", "-o", OUT),
    "dedupe": (IN, "-o", OUT),
    "divide": (IN, "--ratio", "50:50", "-o", OUT),
    "sample": (IN, "-n", "4", "-o", OUT),
    "shuffle": (IN, "-o", OUT),
    "mix": (f"{IN}:1", "-o", OUT),
    "diff": (IN,),
    "apply": ("<patch>", IN, "-o", OUT),
    "export": (IN, "-o", OUT),
    "filter": ("turns > 1", IN, "-o", OUT),
    "facets": (IN,),
    "history": (IN,),
    "run": ("<recipe>", IN, "-o", OUT),
    "repair": (IN, "-o", OUT),
}
"""How each command that reads records is called."""
NAMED = re.compile(rb"""(^|[ "])(?:/[^ ":]*/in\.jsonl(?:\.\w+)?|/dev/fd/\d+|-(?=[":]))""", re.MULTILINE)
"""What an answer calls the file that was read."""
JOURNAL = {
    "check": "file",
    "stats": "file",
    "grep": "file",
    "cost": "journal",
    "break-even": "journal",
    "replace": "journal",
    "shorten": "journal",
    "tag": "journal",
    "split": "file",
    "convert": "file",
    "merge": "file",
    "shards": "file",
    "dedupe": "file",
    "divide": "file",
    "sample": "file",
    "shuffle": "file",
    "mix": "file",
    "diff": "",
    "apply": "file",
    "export": "",
    "filter": "journal",
    "facets": "journal",
    "history": "",
    "run": "file",
    "repair": "file",
}
"""Whether a command reads the file as it stands or as its journal has it, and says so; none says so of changes."""
PATTERNS = {"shards": "x-##.jsonl", "divide": "x-*.jsonl"}
"""Commands that write several files, which cannot go to stdout."""
PACKED: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": lambda content: _zst(content),
}
RECIPE = '[[step]]\ndo = "replace"\nfind = "shoes"\nby = "boots"\n'


def _zst(content: bytes) -> bytes:
    packer = next(one for one in PACKINGS if one.suffix == ".zst").compressor()
    return packer.compress(content) + packer.flush()


def unpacked(path: Path) -> bytes:
    """What is in a file, which has to be packed as its name says."""
    packing = next((one for one in PACKINGS if path.name.endswith(one.suffix)), None)
    if packing is None:
        return path.read_bytes()
    with path.open("rb", buffering=0) as file:
        return b"".join(Unpacking(file, packing, path.name).blocks())


def takes(name: str) -> set[str]:
    """What a command reads from its command line."""
    return {one.dest for one in commands.parser_of(name).known()}


MANY = [name for name in LINES if "files" in takes(name)]
ONE = [name for name in LINES if "files" not in takes(name)]
WRITERS = [name for name in LINES if OUT in LINES[name]]


def test_every_command_has_its_place() -> None:
    reads = {name for name in commands.COMMANDS if takes(name) & {"file", "files"}}
    assert reads == LINES.keys(), "a command that reads records belongs into the table"
    writes = {name for name in reads if "output" in takes(name)}
    assert writes - {"check"} == {*WRITERS}, "one that writes some too; `check --fix` has tests of its own"


@dataclass
class Bench:
    """A folder with the same records in all forms, in which commands are run."""

    folder: Path
    capture: pytest.CaptureFixture[bytes]

    @cached_property
    def content(self) -> bytes:
        """Some records, no two alike."""
        return b"".join(map(_line, range(12)))

    def put(self, name: str, content: bytes) -> Path:
        """A file in the folder."""
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        return path

    def run(self, name: str, came_in: object, out: object, stdin: bytes = b"") -> tuple[Exit, bytes]:
        """What the command exits with, and what it writes to stdout, with the name of the input taken out."""
        outcome, written, _ = self.call(name, came_in, out, stdin)
        return outcome, re.sub(NAMED, rb"\1FILE", written)

    def call(self, name: str, came_in: object, out: object, stdin: bytes = b"") -> tuple[Exit, bytes, str]:
        """What the command exits with, its answer and its talk."""
        replaced = {IN: str(came_in), OUT: str(out), "<patch>": str(self._patch), "<recipe>": str(self._recipe)}
        typed = [_filled(one, replaced) for one in LINES[name]]
        with _standard_input(stdin):
            outcome = commands.run(name, typed)
        done = self.capture.readouterr()
        return outcome, done.out, done.err.decode()

    def outcome(
        self, name: str, came_in: object, stdin: bytes = b"", suffix: str = ""
    ) -> tuple[Exit, bytes, dict[str, bytes]]:
        """All that comes of a command: its exit, its answer, and the files that it writes, unpacked."""
        with tempfile.TemporaryDirectory(dir=self.folder) as out:
            done = self.run(name, came_in, Path(out, PATTERNS.get(name, "out.jsonl") + suffix), stdin)
            made = sorted(Path(out).iterdir())
            assert all(path.name.endswith(suffix) for path in made)
            return (*done, {path.name.removesuffix(suffix): unpacked(path) for path in made})

    @cached_property
    def _recipe(self) -> Path:
        return self.put("recipe.toml", RECIPE.encode())

    @cached_property
    def _patch(self) -> Path:
        path = self.put("patched/x.jsonl", self.content)
        with editing(path) as at:
            at.drop(2)
        commands.run("diff", [str(path), "--patch"])
        return self.put("changes.patch", self.capture.readouterr().out)


def _line(number: int) -> bytes:
    said = [
        {"role": "system", "content": "You sell shoes."},
        {"role": "user", "content": f"What about the shoes of number {number}?"},
        {"role": "assistant", "content": f"They are {number} inches long."},
    ]
    return json.dumps({"messages": said * (1 + number % 2)}).encode() + b"\n"


def _filled(typed: str, replaced: dict[str, str]) -> str:
    for sign, text in replaced.items():
        typed = typed.replace(sign, text)
    return typed


@contextmanager
def _pipe() -> Iterator[tuple[int, int]]:
    """Both ends of a pipe."""
    ends = os.pipe()
    try:
        yield ends
    finally:
        for end in ends:
            os.close(end)


@contextmanager
def _pipe_with(content: bytes) -> Iterator[str]:
    """The name of a pipe with something in it."""
    reader, writer = os.pipe()
    os.write(writer, content)
    os.close(writer)
    try:
        yield f"/dev/fd/{reader}"
    finally:
        os.close(reader)


@contextmanager
def _standard_input(content: bytes) -> Iterator[None]:
    """Something on standard input, as a shell gives it."""
    kept = os.dup(0)
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.seek(0)
        os.dup2(file.fileno(), 0)
        try:
            yield
        finally:
            os.dup2(kept, 0)
            os.close(kept)


@pytest.fixture
def bench(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setenv("CURATOR_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    return Bench(tmp_path, capfdbinary)


@pytest.mark.parametrize("name", LINES)
def test_every_way_in_gives_the_same(bench: Bench, name: str) -> None:
    expected = bench.outcome(name, bench.put("in.jsonl", bench.content))
    assert expected[0] in (Exit.CLEAN, Exit.FINDINGS)
    for suffix, pack in PACKED.items():
        packed = bench.put(f"in.jsonl{suffix}", pack(bench.content))
        assert bench.outcome(name, packed) == expected, suffix
    one = bench.put("one/in.jsonl", bench.content)
    assert bench.outcome(name, one.parent) == expected, "a folder"
    assert bench.outcome(name, one.parent / "*.json?") == expected, "a pattern"
    for stdin in (bench.content, gzip.compress(bench.content)):
        assert bench.outcome(name, "-", stdin) == expected, "standard input"
        with _pipe_with(stdin) as pipe:
            assert bench.outcome(name, pipe) == expected, "what a shell makes of `<(…)`"


@pytest.mark.parametrize("name", WRITERS)
def test_every_way_out_holds_the_same(bench: Bench, name: str) -> None:
    came_in = bench.put("in.jsonl", bench.content)
    outcome, nothing, made = bench.outcome(name, came_in)
    assert made
    for suffix in PACKED:
        assert bench.outcome(name, came_in, suffix=suffix) == (outcome, nothing, made), suffix
    if name in PATTERNS:
        with pytest.raises(UsageError, match="cannot go to stdout"):
            bench.run(name, came_in, "-")
    else:
        assert bench.run(name, came_in, "-") == (outcome, *made.values())
        with _pipe() as (reader, writer):
            assert bench.run(name, came_in, f"/dev/fd/{writer}") == (outcome, b"")
            assert [os.read(reader, 1 << 16)] == [*made.values()], "what a shell makes of `>(…)`"


@pytest.mark.parametrize("name", MANY)
def test_several_files_may_come_in_any_form(bench: Bench, name: str) -> None:
    """All that a folder holds, or that fits a pattern, is read as if each file were named."""
    first, second = bench.content[: bench.content.index(b"\n") + 1], bench.content[bench.content.index(b"\n") + 1 :]
    (bench.folder / "two").mkdir()
    bench.put("two/in-2.jsonl.gz", gzip.compress(first))
    bench.put("two/in-10.jsonl", second)
    single = bench.outcome(name, bench.put("in.jsonl", bench.content))
    several = bench.outcome(name, bench.folder / "two")
    assert several[0] == single[0]
    assert bench.outcome(name, bench.folder / "two" / "*.jsonl*") == several
    if name in WRITERS and name not in ("divide", "shuffle", "mix", "sample"):
        assert several[2] == single[2]


@pytest.mark.parametrize("name", ONE)
def test_where_one_file_is_needed_several_are_refused_with_a_way(bench: Bench, name: str) -> None:
    bench.put("two/a.jsonl", bench.content)
    bench.put("two/b.jsonl", bench.content)
    with pytest.raises(UsageError, match=r"stands for 2 files, and one is needed; .*`curator merge .*two -o - \|"):
        bench.outcome(name, bench.folder / "two")
    typed = [one for typed in LINES[name] for one in ((typed, "b.jsonl") if typed == IN else (typed,))]
    with pytest.raises(UsageError, match="takes one file, and 2 are named") as refused:
        commands.run(name, typed)
    way = rf"`curator merge '<in>' b\.jsonl -o - \| curator {name} ([A-Z]+ )?- …`"
    assert re.search(way if JOURNAL[name] else "each has a journal of its own", str(refused.value))


@pytest.mark.parametrize("name", LINES)
def test_what_is_in_the_journal_is_told(bench: Bench, name: str) -> None:
    """Each command says how it takes records that differ in the journal; `-` is read without one."""
    path = bench.put("in.jsonl", bench.content)
    with editing(path) as at:
        at.drop(2, 3)
    out = bench.folder / PATTERNS.get(name, "out.jsonl")
    _, _, said = bench.call(name, path, out)
    piped = re.search(r"is read as it stands; `(curator export \S+ -o - \| curator (\S+) \S.*) …` takes them in", said)
    assert bool(piped) == (JOURNAL[name] == "file")
    assert ("they are taken as they are there, not as in the file" in said) == (JOURNAL[name] == "journal")
    if piped:
        assert piped[2] == name and re.search(r"-(:WEIGHT)?$", piped[1])


def test_the_page_on_files_tells_the_same_of_journals(project: Path) -> None:
    page = (project / "docs" / "files.md").read_text()
    rows = dict(re.findall(r"^\| (the file as it stands|what the journal holds)[^|]*\| (.*) \|$", page, re.MULTILINE))
    told = {kind: set(re.findall(r"`([a-z-]+)`", row)) for kind, row in rows.items()}
    assert told["the file as it stands"] == {name for name, kind in JOURNAL.items() if kind == "file"}
    assert told["what the journal holds"] == {name for name, kind in JOURNAL.items() if kind != "file"}


@pytest.mark.parametrize("name", LINES)
def test_of_a_damaged_file_all_that_is_sound_is_worked_on(bench: Bench, name: str) -> None:
    damaged = bench.put("in.jsonl.gz", gzip.compress(bench.content)[:-8])
    made = bench.folder / "out"
    made.mkdir()
    with pytest.raises(UnreadableError, match="ends in the middle of its gzip data"):
        bench.run(name, damaged, made / PATTERNS.get(name, "out.jsonl"))
    written = {path.name: path.read_bytes() for path in made.iterdir()}
    assert written == bench.outcome(name, bench.put("in.jsonl", bench.content))[2]


@pytest.mark.parametrize("name", [name for name in WRITERS if name not in PATTERNS])
def test_a_reader_that_leaves_ends_it(bench: Bench, name: str) -> None:
    """`main` ends quietly then, with 0."""
    came_in = bench.put("in.jsonl", bench.content)
    bench.outcome(name, came_in)
    with _nobody_reads(), pytest.raises(BrokenPipeError):
        bench.run(name, came_in, "-")


@contextmanager
def _nobody_reads() -> Iterator[None]:
    """A pipe on standard output whose reader has gone."""
    stdout = sys.stdout.fileno()
    kept = os.dup(stdout)
    reader, writer = os.pipe()
    os.close(reader)
    os.dup2(writer, stdout)
    os.close(writer)
    try:
        yield
    finally:
        os.dup2(kept, stdout)
        os.close(kept)
