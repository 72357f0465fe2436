"""What a file that is not JSON Lines seems to be instead, told from its start."""

from __future__ import annotations

from curator.records.repair.kinds import Kind, Repair
from curator.records.repair.reading import pieces

_SHAPES = (
    (Kind.UTF_16_OR_32, "{detail} text"),
    (Kind.CONFLICT, "a file with the markers of a merge conflict in it"),
    (Kind.ARRAY, "one JSON array"),
    (Kind.ENCODING, "text that is not UTF-8 ({detail})"),
    (Kind.LAYOUT, "records laid out over several lines"),
    (Kind.CONTROL, "records with line breaks in their strings"),
    (Kind.SINGLE_QUOTES, "printed Python dictionaries"),
    (Kind.SMART_QUOTES, "JSON that went through a word processor"),
    (Kind.BARE_KEY, "JavaScript objects, whose keys have no quotes"),
    (Kind.TRAILING_COMMA, "JSON with trailing commas"),
    (Kind.COMMENT, "JSON with comments"),
    (Kind.MESSAGES, "bare lists of messages"),
)
"""What a kind of repair says of the file, the most telling first."""


def shape_of(head: bytes) -> str:
    """What a file that begins like this looks like, as a noun; empty where nothing of it can be repaired."""
    first: dict[Kind, Repair] = {}
    for piece in pieces([head]):
        for one in piece.repairs + piece.guesses:
            first.setdefault(one.kind, one)
    return next((words.format(detail=first[kind].detail) for kind, words in _SHAPES if kind in first), "")
