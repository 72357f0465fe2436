"""The streams of each compression, in one manner: its module is loaded when the first one is asked for."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from types import ModuleType


class Decompressor(Protocol):
    """One stream's worth of unpacking, as bz2, lzma and compression.zstd have it."""

    @property
    def eof(self) -> bool:
        """Whether the stream has come to its end."""

    @property
    def unused_data(self) -> bytes:
        """What stands behind that end."""

    @property
    def needs_input(self) -> bool:
        """Whether nothing more comes out before something is put in."""

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """What comes out of some more bytes; at most so many."""


class Compressor(Protocol):
    """One stream's worth of packing."""

    def compress(self, data: bytes, /) -> bytes:
        """What some more bytes amount to so far."""

    def flush(self) -> bytes:
        """The end of the stream."""


class Gunzip:
    """zlib's decompressor in the manner of the others."""

    def __init__(self) -> None:
        import zlib

        self._stream = zlib.decompressobj(wbits=31)
        self._waiting = b""

    @property
    def eof(self) -> bool:
        return self._stream.eof

    @property
    def unused_data(self) -> bytes:
        return self._stream.unused_data

    @property
    def needs_input(self) -> bool:
        return not self._waiting

    def decompress(self, data: bytes, max_length: int) -> bytes:
        out = self._stream.decompress(self._waiting + data, max_length)
        self._waiting = self._stream.unconsumed_tail
        return out


def gzip_compressor() -> Any:
    """One member of gzip, at the usual level."""
    import zlib

    return zlib.compressobj(level=6, wbits=31)


def zstd_module() -> ModuleType:
    """The standard library's module, or its backport."""
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd


def zstd_compressor() -> Any:
    """One frame of Zstandard, with a checksum."""
    zstd = zstd_module()
    return zstd.ZstdCompressor(options={zstd.CompressionParameter.checksum_flag: 1})


def bz2_module() -> ModuleType:
    """The standard library's module."""
    import bz2

    return bz2


def lzma_module() -> ModuleType:
    """The standard library's module."""
    import lzma

    return lzma
