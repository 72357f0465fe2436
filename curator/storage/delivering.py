"""The one way in which lines leave for what the user names: a new file, packed as its name asks for, or a pipe."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from curator.storage.packing import Packing, packing_of_name
from curator.storage.proving import Part, write_lines
from curator.storage.replacing import check_room, replacing
from curator.storage.source import Source
from curator.storage.writer import Proof, write_segments


@dataclass(frozen=True, slots=True)
class Delivered:
    """What was written."""

    bytes: int
    """Of the lines, before they were packed."""
    proof: Proof | None
    """None where the output could not be read back, as a pipe cannot."""
    notes: tuple[str, ...] = ()
    """Sentences on what of the file that was replaced could not be kept."""


def deliver(
    parts: Iterable[Part],
    target: Path | int,
    *,
    like: Source,
    size: int,
    before_rename: Callable[[], None] | None = None,
) -> Delivered:
    """Write segments of one or several sources to a file, read it back and let it take its place; or to a descriptor.

    The file has the owner and mode of the one that it replaces, else of the given source. `size` is about the bytes of
    the lines; `before_rename` is called when only the rename is left to do. Raises what that raises, NoRoomError,
    WriteFaultError or UsageError; the target is as it was then. Writing to a descriptor raises OSError.
    """
    if isinstance(target, int):
        return Delivered(sum(write_segments(source, segments, target).bytes for source, segments in parts), None)
    check_room(target.absolute().parent, size)
    with replacing(target, like=target if target.is_file() else like.owner) as new:
        proof = write_lines(parts, new, packing_for(target, like)).proof
        new.commit(before_rename)
    return Delivered(proof.bytes, proof, tuple(new.notes))


def packing_for(target: Path, like: Source) -> Packing | None:
    """How a file is packed: as its name says; where a source itself is replaced, as that was."""
    own = os.path.realpath(target) == os.path.realpath(like.path)
    return like.packing if own else packing_of_name(target)
