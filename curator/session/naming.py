"""Which files are meant by what the user names: files, folders of them, patterns, and `-` for standard input."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from shlex import quote

from curator.errors import UnreadableError, UsageError
from curator.session.dataset_layout import ABOUT, FOLDERS, by_split, stated
from curator.storage.packing import Table, packing_of_name
from curator.storage.source import STDIN, is_stream

LINES = (".jsonl", ".ndjson", ".json")
"""Suffixes of files of records, with or without that of a compression behind them."""
TABLE = ".parquet"
"""The suffix of tables that can be written."""


def paths_of(names: Iterable[Path]) -> list[Path]:
    """The files that are meant, those of a folder or a pattern in natural order.

    Raises UnreadableError for a folder that has none, or a pattern that fits none, and UsageError for a second `-`.
    """
    paths = [path for name in names for path in _meant(name)]
    if paths.count(STDIN) > 1:
        raise UsageError("Standard input (`-`) can be read once only; name it once.")
    return paths


def one_path(name: Path) -> Path:
    """The one file that is meant. Raises what `paths_of` raises, and UsageError where there are several."""
    paths = paths_of([name])
    if len(paths) > 1:
        raise UsageError(
            f"{name}: stands for {len(paths):,} files, and one is needed; name it, or put them together on the way:"
            f" `curator merge {quote(str(name))} -o - | curator COMMAND -`."
        )
    return paths[0]


def _meant(name: Path) -> Iterator[Path]:
    if name == STDIN:
        yield name
    elif name.is_dir():
        yield from _of_folder(name)
    elif any(sign in str(name) for sign in "*?[") and not name.exists():
        yield from _of_pattern(name)
    else:
        yield name


def _of_folder(folder: Path) -> list[Path]:
    found = stated(folder)
    if found is None:
        found = _found_in(folder)
    if not found:
        raise UnreadableError(
            f"{folder}: is a folder without files of records ({', '.join((*LINES, TABLE))}, also compressed) in it."
        )
    return by_split(found, natural)


def _found_in(folder: Path) -> list[Path]:
    """The files of records that lie in a folder; where there are none, those in the folders of its parts."""
    try:
        inside = list(folder.iterdir())
    except OSError as error:
        raise UnreadableError(f"{folder}: cannot be read: {error.strerror}.") from error
    found = [one for one in inside if holds_records(one) and one.is_file()]
    parts = [one for one in inside if one.name.lower() in FOLDERS and one.is_dir()]
    return found or [path for part in parts for path in _found_in(part)]


def _of_pattern(name: Path) -> list[Path]:
    from glob import glob

    names = glob(str(name), recursive=True)  # noqa: PTH207 - a pattern may begin at the root, which Path.glob refuses
    found = [path for path in map(Path, names) if path.is_file() and not _is_own(path)]
    if not found:
        raise UnreadableError(f"{name}: no file fits this pattern.")
    return by_split(found, natural)


def holds_records(path: Path) -> bool:
    """Whether a file in a folder is taken for one of records, by its name."""
    if path.name.startswith(".") or _is_own(path) or path.name in ABOUT:
        return False
    packing = packing_of_name(path)
    if isinstance(packing, Table):
        return True
    suffix = Path(path.stem).suffix if packing else path.suffix
    return suffix.lower() in LINES


def proposed_beside(path: Path, word: str) -> Path:
    """A name for a file made of another: `x.jsonl.gz` becomes `x.WORD.jsonl.gz`, standard input `input.WORD.jsonl`."""
    if is_stream(path):
        return Path(f"input.{word}.jsonl")
    packing = packing_of_name(path)
    if isinstance(packing, Table):
        return path.with_name(f"{path.stem}.{word}{TABLE}")
    suffixes = "".join(path.suffixes[-2:]) if packing else path.suffix
    return path.with_name(f"{path.name.removesuffix(suffixes)}.{word}{suffixes}")


def _is_own(path: Path) -> bool:
    """Whether a file is a journal, or of one."""
    return ".curator" in path.suffix or path.name.endswith((".curator-wal", ".curator-shm", ".curator-journal"))


def natural(path: Path) -> list[tuple[int, int, str]]:
    """What files are sorted by, so that `part-2` comes before `part-10`."""
    parts = re.split(r"([0-9]+)", str(path))
    return [(0, int(one), one) if one.isdecimal() and one.isascii() else (1, 0, one) for one in parts]
