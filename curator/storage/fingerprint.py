"""By what a source is known again: its size, what the file system says of it, and samples of its bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum

from xxhash import xxh3_128

from curator.errors import UnreadableError
from curator.storage.source import Source

SAMPLES = 16
SAMPLE_BYTES = 1 << 16
NUMBERS = ("size", "mtime_ns", "inode", "device")
UNKNOWN_TIME = -1
"""The time of change of a source whose path meanwhile leads to another file, or to none."""


class Relation(StrEnum):
    """What a source is to the one that a fingerprint was taken of."""

    SAME = "same"
    """The same bytes."""
    GREW = "grew"
    """The same bytes, and more after them."""
    CHANGED = "changed"
    """Other bytes."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What tells a source from others without reading all of it."""

    size: int
    """Bytes."""
    mtime_ns: int
    """When it was last changed, in nanoseconds since 1970, or UNKNOWN_TIME."""
    inode: int
    device: int
    samples: str
    """xxh3_128 in hex over 16 blocks of 64 kB spread evenly from the first to the last; over all of a small file."""

    def to_json(self) -> dict[str, int | str]:
        """The fingerprint as a JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: object) -> Fingerprint:
        """The fingerprint that `to_json` made `value` from. Raises UnreadableError when it is none."""
        if isinstance(value, Mapping):
            numbers = [value.get(name) for name in NUMBERS]
            samples = value.get("samples")
            match [number for number in numbers if isinstance(number, int)], samples:
                case [size, mtime_ns, inode, device], str():
                    return cls(size, mtime_ns, inode, device, samples)
        raise UnreadableError("What the journal says of its file is damaged; move the journal away to do without it.")


def fingerprint_of(source: Source, size: int | None = None) -> Fingerprint:
    """The fingerprint of a source, or of its first `size` bytes.

    Reads 1 MB at most. Raises UnreadableError when the source cannot be read.
    """
    size = source.size if size is None else min(size, source.size)
    device, inode = source.identity
    return Fingerprint(size, modified_at(source), inode, device, _samples(source, size))


def relation(known: Fingerprint, source: Source) -> Relation:
    """What `source` is to the one that `known` was taken of.

    The source is read only where its size or what the file system says of it differs. Raises UnreadableError when
    it cannot be read.
    """
    if source.size < known.size:
        return Relation.CHANGED
    if source.size == known.size and _is_untouched(known, source):
        return Relation.SAME
    if _samples(source, known.size) != known.samples:
        return Relation.CHANGED
    return Relation.SAME if source.size == known.size else Relation.GREW


def _is_untouched(known: Fingerprint, source: Source) -> bool:
    changed_at = modified_at(source)
    return changed_at != UNKNOWN_TIME and (changed_at, source.identity) == (
        known.mtime_ns,
        (known.device, known.inode),
    )


def modified_at(source: Source) -> int:
    """When the file was last changed, in nanoseconds since 1970; UNKNOWN_TIME if its path leads elsewhere now."""
    try:
        status = source.place.stat()
    except OSError:
        return UNKNOWN_TIME
    return status.st_mtime_ns if (status.st_dev, status.st_ino) == source.identity else UNKNOWN_TIME


def _samples(source: Source, size: int) -> str:
    digest = xxh3_128()
    if size <= SAMPLES * SAMPLE_BYTES:
        digest.update(source.read(0, size))
    else:
        for sample in range(SAMPLES):
            digest.update(source.read(sample * (size - SAMPLE_BYTES) // (SAMPLES - 1), SAMPLE_BYTES))
    return digest.hexdigest()
