"""Writes a folder as the library `datasets` lays it out: files of columns for each part, a README that names them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from curator.errors import UsageError
from curator.session.dataset_layout import README
from curator.session.naming import TABLE
from curator.storage.packing import packing_of_name
from curator.storage.replacing import replacing

ONE_FILE = f"-00000-of-00001{TABLE}"
"""What the name of a part in a single file ends with."""


@contextmanager
def dataset_folder(folder: Path, splits: Sequence[str], *, force: bool = False) -> Iterator[Path]:
    """The folder that the files of the parts go to, inside one that is made; its README is written when they are there.

    Raises UsageError where there is a README that may not be replaced, or nothing can be written.
    """
    data, paper = folder / "data", folder / README
    packing = packing_of_name(Path(ONE_FILE))
    assert packing is not None
    packing.require(str(folder))
    if paper.exists() and not force:
        raise UsageError(f"{paper}: is there already; name another folder.")
    made = not folder.exists()
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder}: cannot be made: {error.strerror}.") from error
    try:
        yield data
        with replacing(paper, like=None) as new:
            new.file.write(_readme(splits).encode())
            new.commit()
    finally:
        if made:
            with suppress(OSError):
                folder.rmdir()


def shard_names(split: str, count: int) -> list[str]:
    """The names of the files of a part."""
    return [f"{split}-{number:05}-of-{count:05}{TABLE}" for number in range(count)]


def _readme(splits: Sequence[str]) -> str:
    lines = ["---", "configs:", "- config_name: default", "  data_files:"]
    for split in splits:
        lines += [f"  - split: {split}", f"    path: data/{split}-*"]
    return "\n".join([*lines, "---", ""])
