"""Filter expressions: parsed into predicates, whose leaves are asked of columns, of what users said, or of texts."""

from curator.analysis.predicates.completing import Completion, complete, meaning, spelt
from curator.analysis.predicates.nodes import (
    COMPARISONS,
    FIGURES,
    KINDS,
    STATES,
    And,
    Everything,
    Figure,
    Kind,
    Not,
    Or,
    Path,
    Predicate,
    State,
    Text,
    leaves,
    read_from_texts,
)
from curator.analysis.predicates.parsing import FilterError, parse

__all__ = [
    "COMPARISONS",
    "FIGURES",
    "KINDS",
    "STATES",
    "And",
    "Completion",
    "Everything",
    "Figure",
    "FilterError",
    "Kind",
    "Not",
    "Or",
    "Path",
    "Predicate",
    "State",
    "Text",
    "complete",
    "leaves",
    "meaning",
    "parse",
    "read_from_texts",
    "spelt",
]
