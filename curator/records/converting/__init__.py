"""Records of one dialect as records of another, pure: nothing is lost untold, for what was written is read back."""

from curator.records.converting.capacity import CAPACITIES, Capacity, table
from curator.records.converting.causes import Cause, Loss, Weight
from curator.records.converting.convert import Converted, convert, convert_line
from curator.records.converting.ways import Keep, Keys, Ways

__all__ = [
    "CAPACITIES",
    "Capacity",
    "Cause",
    "Converted",
    "Keep",
    "Keys",
    "Loss",
    "Ways",
    "Weight",
    "convert",
    "convert_line",
    "table",
]
