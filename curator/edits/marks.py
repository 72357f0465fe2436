"""Which records are marked, as a journal remembers it."""

from __future__ import annotations

from base64 import b64decode, b64encode

from pyroaring import BitMap64

from curator.storage.journal import Journal

NAME = "marks"


def keep_marks(journal: Journal, marked: BitMap64) -> None:
    """Remember which records are marked; a power cut may take it back."""
    journal.remember(NAME, b64encode(marked.serialize()).decode("ascii") if marked else "")


def kept_marks(journal: Journal | None) -> BitMap64:
    """The records that a journal remembers as marked."""
    packed = journal.remembered(NAME) if journal is not None else None
    return BitMap64.deserialize(b64decode(packed)) if packed else BitMap64()
