"""Texts that are given in files of their own."""

from __future__ import annotations

from pathlib import Path

from curator.errors import UnreadableError


def text_of(path: Path) -> str:
    """The text of a file, without a line end at its end. Raises UnreadableError where there is none in UTF-8."""
    return whole_text_of(path).removesuffix("\n").removesuffix("\r")


def whole_text_of(path: Path) -> str:
    """The text of a file as it is. Raises UnreadableError where there is none in UTF-8."""
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise UnreadableError(f"{path}: cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UnreadableError(f"{path}: is not text in UTF-8.") from error
