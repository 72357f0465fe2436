"""What the user asked for, where that can be said again: the filter, the way to split, what counts as a duplicate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias

from pyroaring import BitMap64

from curator.edits.labels import Undo
from curator.edits.operations import Labelling
from curator.edits.overlay import Overlay

Option: TypeAlias = "str | bool | int | float"
"""What an option of a headless command takes."""


@dataclass(frozen=True, slots=True)
class Asked(Labelling):
    """Stands in a batch beside the operations, whose sets of records are what is in force; changes nothing."""

    kind: ClassVar[str] = "asked"
    where: str = ""
    """The filter whose records were meant, saved ones spelt out; empty where all records were."""
    do: str = ""
    """The step of a recipe that does it; empty where the operations tell."""
    options: Mapping[str, Option] = field(default_factory=dict)
    """What that step takes."""
    model: str = ""
    """The model whose tokens were counted, or whose limit was meant; empty where it makes no difference."""
    dialect: str = ""
    """The dialect in which every record was read because the user said so; else empty."""
    as_listed: bool = False
    """Whether records had changed, or were not all known, since they were listed: asked anew, the filter may differ."""

    def apply(self, _overlay: Overlay) -> Undo:
        """Nothing."""
        return lambda: None

    def concerns(self) -> BitMap64:
        """None by itself."""
        return BitMap64()
