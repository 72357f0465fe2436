"""The only module that prints: data to stdout, talk to stderr."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from curator.errors import CuratorError

if TYPE_CHECKING:
    from tqdm import tqdm


_passing_folder: Path | None = None


@contextmanager
def on_the_way(folder: Path) -> Iterator[None]:
    """Send answers to stderr as well, and tell the files of a folder, which will be gone, by their names alone.

    The folder itself is told by the one that it is in, where there is room or not.
    """
    global _passing_folder
    _passing_folder = folder
    try:
        with redirect_stdout(sys.stderr):
            yield
    except CuratorError as error:
        error.args = tuple(_by_name(one) if isinstance(one, str) else one for one in error.args)
        raise
    finally:
        _passing_folder = None


def prepare() -> None:
    """Show as escapes what the encoding of stdout lacks, so that no text can stop the program.

    A standard stream that is closed leads nowhere from then on, lest a file that is opened later gets its number and is
    read or written in its place.
    """
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free, which is this one
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def data(text: str) -> None:
    """A line of the answer."""
    sys.stdout.write(f"{_by_name(text)}\n")


def octets(content: bytes) -> None:
    """A part of the answer that is bytes, whatever the encoding of stdout."""
    sys.stdout.flush()
    sys.stdout.buffer.write(content)


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun: `1 record`, `2,000 records`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def talk(text: str) -> None:
    """A sentence to the person at the terminal."""
    sys.stderr.write(f"curator: {printable(_by_name(text))}\n")


def _by_name(text: str) -> str:
    if _passing_folder is None:
        return text
    return text.replace(f"{_passing_folder}/", "").replace(str(_passing_folder), str(_passing_folder.parent))


def table(header: Sequence[str], rows: Iterable[Sequence[str]], right: frozenset[int] = frozenset()) -> None:
    """Aligned columns; those numbered in `right` are aligned to the right."""
    all_rows = [header, *rows]
    widths = [max(len(row[column]) for row in all_rows) for column in range(len(header))]
    for row in all_rows:
        cells = (
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        data("  ".join(cells).rstrip())


def pairs(rows: Iterable[tuple[str, str]]) -> None:
    """Names and values, aligned."""
    known = list(rows)
    width = max(len(name) for name, _ in known)
    for name, value in known:
        data(f"{name.ljust(width)}  {value}")


@contextmanager
def progress(total_bytes: int | None) -> Iterator[tqdm[NoReturn]]:
    """A progress bar on stderr, counted in bytes; nothing where stderr is not a terminal."""
    from tqdm import tqdm

    with tqdm(total=total_bytes, unit="B", unit_scale=True, leave=False, disable=None, file=sys.stderr) as bar:
        yield bar


def printable(text: str) -> str:
    """Text from a file with what could act on a terminal shown as an escape."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text)
