"""What lines may be packed in: how that is told, unpacked and packed. Nothing of it is loaded before it is used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from shlex import quote
from typing import BinaryIO, Protocol

from curator.errors import UnreadableError
from curator.storage.streams import (
    Compressor,
    Decompressor,
    Gunzip,
    bz2_module,
    gzip_compressor,
    lzma_module,
    zstd_compressor,
    zstd_module,
)

PACKED_BLOCK = 1 << 16
"""Bytes that are read of a packed file at a time; of a damaged one, so many before the damage may be lost."""
PLAIN_BLOCK = 1 << 20
"""Bytes that come out of one step at most, however well they were packed."""


class DamagedError(UnreadableError):
    """A packed file cannot be unpacked to its end."""


class Blocks(Protocol):
    """A packed file while it is unpacked."""

    read: int
    """Packed bytes that were read so far."""

    def blocks(self) -> Iterator[bytes]:
        """What comes out, none of it empty. Raises DamagedError with the place; what came before it is sound."""


@dataclass(frozen=True, slots=True)
class Packing:
    """What lines may be packed in: a compression, or a table."""

    name: str
    suffix: str
    """Of file names, with its dot."""
    magic: bytes
    """What a file, or each stream of a compression, begins with."""

    def unpacking(self, file: BinaryIO, name: str) -> Blocks:
        """What comes out of a file; sentences call it by a name."""
        raise NotImplementedError

    def said(self, path: Path) -> str:
        """That a file is packed so, and how it becomes lines, as a sentence."""
        raise NotImplementedError

    def require(self, name: str) -> None:
        """Raise UnreadableError where what it takes to read or write a file of a name is not installed."""

    def why_not_written(self) -> str:
        """Why no such file can be written, as a sentence; empty where one can."""
        return ""

    def of(self, path: Path) -> Packing:
        """How a file is packed anew in its own place."""
        del path
        return self


@dataclass(frozen=True, slots=True)
class Compression(Packing):
    """A compression: the same bytes come out again."""

    command: str
    """What unpacks it in a shell."""
    decompressor: Callable[[], Decompressor]
    compressor: Callable[[], Compressor]

    def unpacking(self, file: BinaryIO, name: str) -> Unpacking:
        """All streams that stand in the file."""
        return Unpacking(file, self, name)

    def said(self, path: Path) -> str:
        """Which compression it is."""
        return f"{path}: is compressed with {self.name}; unpack it first: {self.command} {quote(str(path))}"


@dataclass(frozen=True, slots=True)
class Table(Packing):
    """A file of columns: the same records come out again, spelt in one way. See `curator.storage.tables`."""

    like: Path | None = None
    """The file whose columns a new one is to have; without it, those that its records need."""

    def unpacking(self, file: BinaryIO, name: str) -> Blocks:
        """All records, as lines."""
        from curator.storage.tables import TableBlocks

        return TableBlocks(file, self, name)

    def said(self, path: Path) -> str:
        """Which kind of table it is."""
        name = quote(str(path))
        return f"{path}: is a {self.name} file; make lines of it first: curator export {name} -o {name}.jsonl"

    def require(self, name: str) -> None:
        """pyarrow, of the extra `parquet`."""
        from importlib.util import find_spec

        if find_spec("pyarrow") is None:
            raise UnreadableError(
                f"{name}: {self.name} files take what the extra `parquet` brings: pip install 'curator-tui[parquet]'"
            )

    def why_not_written(self) -> str:
        """Only Parquet is written."""
        return (
            "" if self.suffix == ".parquet" else "Arrow files are read, not written; give a name that ends in .parquet."
        )

    def of(self, path: Path) -> Table:
        """With the columns that it has."""
        return replace(self, like=path)


PACKINGS = (
    Compression("gzip", ".gz", b"\x1f\x8b", "gzip -dk", Gunzip, gzip_compressor),
    Compression(
        "Zstandard", ".zst", b"\x28\xb5\x2f\xfd", "zstd -dk", lambda: zstd_module().ZstdDecompressor(), zstd_compressor
    ),
    Compression(
        "bzip2",
        ".bz2",
        b"BZh",
        "bzip2 -dk",
        lambda: bz2_module().BZ2Decompressor(),
        lambda: bz2_module().BZ2Compressor(),
    ),
    Compression(
        "xz",
        ".xz",
        b"\xfd7zXZ",
        "xz -dk",
        lambda: lzma_module().LZMADecompressor(format=lzma_module().FORMAT_XZ),
        lambda: lzma_module().LZMACompressor(),
    ),
)
TABLES = (
    Table("Parquet", ".parquet", b"PAR1"),
    Table("Arrow", ".arrow", b"ARROW1"),
    Table("Arrow", ".arrow", b"\xff\xff\xff\xff"),
)
"""The last is a stream, as `datasets` keeps it on disk."""
_ALL: tuple[Packing, ...] = (*PACKINGS, *TABLES)
LONGEST_MAGIC = max(len(one.magic) for one in _ALL)
SKIPPABLE = tuple(bytes((number, 0x2A, 0x4D, 0x18)) for number in range(0x50, 0x60))
"""What frames of Zstandard begin with that hold no content (RFC 8878, section 3.1.2)."""


def packing_of_start(head: bytes) -> Packing | None:
    """What a file is packed in by its first bytes; None for a plain one."""
    return next((one for one in _ALL if head.startswith(one.magic)), None)


def packing_of_name(path: Path) -> Packing | None:
    """What a file's name asks for it to be packed in."""
    return next((one for one in _ALL if path.suffix.lower() == one.suffix), None)


class Output(Protocol):
    """Where bytes can be written to."""

    def write(self, data: bytes, /) -> object:
        """Write some bytes."""


class PackedOutput:
    """Packs what is written to it, if there is a compression, into a file."""

    def __init__(self, file: Output, packing: Compression | None) -> None:
        self._file = file
        self._compressor = packing.compressor() if packing else None

    def write(self, data: bytes, /) -> None:
        """Write some bytes."""
        self._file.write(self._compressor.compress(data) if self._compressor else data)

    def finish(self) -> None:
        """Write what ends the stream."""
        if self._compressor:
            self._file.write(self._compressor.flush())


class Unpacking:
    """Unpacks a file block by block, over all streams that stand in it one after the other."""

    def __init__(self, file: BinaryIO, packing: Compression, name: str) -> None:
        self._file = file
        self._packing = packing
        self._name = name
        self.read = 0
        """Packed bytes that were read so far."""
        self.unpacked = 0
        """Bytes that came out of them."""

    def blocks(self) -> Iterator[bytes]:
        """What comes out, none of it empty. Raises DamagedError with the place; what came before it is sound."""
        data = self._next()
        while data:
            stream = self._packing.decompressor()
            while not stream.eof:
                block = self._step(stream, data)
                data = b""
                if block:
                    self.unpacked += len(block)
                    yield block
                if not stream.eof and stream.needs_input and not (data := self._next()):
                    raise self._fault(f"ends in the middle of its {self._packing.name} data, after {self.read:,} bytes")
            data = self._next_stream(stream.unused_data)

    def _next(self) -> bytes:
        try:
            data = self._file.read(PACKED_BLOCK)
        except OSError as error:
            raise self._fault(f"cannot be read behind byte {self.read:,}: {error.strerror}") from error
        self.read += len(data)
        return data

    def _step(self, stream: Decompressor, data: bytes) -> bytes:
        try:
            return stream.decompress(data, PLAIN_BLOCK)
        except Exception as error:  # each library has a class of its own for damage
            if isinstance(error, MemoryError | ImportError):
                raise
            place = f"about byte {max(0, self.read - len(data)):,}"
            raise self._fault(f"its {self._packing.name} data are damaged at {place} ({error})") from error

    def _next_stream(self, rest: bytes) -> bytes:
        """The start of the stream that follows; empty at the end of the file, before which zeros may stand."""
        while not (rest := rest.lstrip(b"\0")):
            if not (rest := self._next()):
                return b""
        if len(rest) < LONGEST_MAGIC:
            rest += self._next()
        if not rest.startswith((self._packing.magic, *(SKIPPABLE if self._packing.suffix == ".zst" else ()))):
            place = self.read - len(rest)
            raise self._fault(f"behind its {self._packing.name} data, from byte {place:,} on, stands something else")
        return rest

    def _fault(self, what: str) -> DamagedError:
        return DamagedError(f"{self._name}: {what}; the {self.unpacked:,} bytes before it could be read.")
