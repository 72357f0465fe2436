"""Text that is almost JSON Lines becomes records, each repair named with its place."""

from curator.records.repair.kinds import Kind, Piece, Repair
from curator.records.repair.reading import pieces

__all__ = ["Kind", "Piece", "Repair", "pieces"]
