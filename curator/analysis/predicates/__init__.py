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
from curator.analysis.predicates.paths import items_at, path_keys, paths_of, spelt_path, values_at

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
    "items_at",
    "leaves",
    "meaning",
    "parse",
    "path_keys",
    "paths_of",
    "read_from_texts",
    "spelt",
    "spelt_path",
    "values_at",
]
