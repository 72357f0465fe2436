"""Text that is almost JSON Lines becomes records, each repair named with its place."""

from curator.records.repair.kinds import Kind, Piece, Repair
from curator.records.repair.reading import pieces
from curator.records.repair.shape import shape_of

__all__ = ["Kind", "Piece", "Repair", "pieces", "shape_of"]
