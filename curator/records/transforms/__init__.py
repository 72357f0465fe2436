"""Split and join, as pure functions from conversations to conversations.

Always: a tool call never parts from its results; no piece begins with an assistant or tool message that lacks what it
answers, unless its original did; nothing is dropped unsaid; tools and other keys go with every piece.
"""

from curator.records.transforms.by_turns import explode, pairs, window
from curator.records.transforms.fitting import fit
from curator.records.transforms.joining import join, split_at
from curator.records.transforms.pieces import NOT_DONE, Cause, Note, Piece, Split
from curator.records.transforms.ways import WAYS, Way
from curator.records.transforms.writing import Written, piece_lines, write_pieces

__all__ = [
    "NOT_DONE",
    "WAYS",
    "Cause",
    "Note",
    "Piece",
    "Split",
    "Way",
    "Written",
    "explode",
    "fit",
    "join",
    "pairs",
    "piece_lines",
    "split_at",
    "window",
    "write_pieces",
]
