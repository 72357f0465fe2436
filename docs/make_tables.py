"""Writes the tables of docs/filtering.md from the program's own: `python docs/make_tables.py`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from curator.analysis.predicates import FIGURES, KINDS, STATES
from curator.analysis.predicates.completing import TEXTS
from curator.session.facets import FACETS
from curator.session.sorting import SORTABLE

PAGE = Path(__file__).with_name("filtering.md")
TABLES: dict[str, Mapping[str, str]] = {
    "figures": FIGURES,
    "states": STATES,
    "kinds": {f"{kind}:": about for kind, about in KINDS.items()},
    "texts": TEXTS,
    "columns": SORTABLE,
    "facets": FACETS,
}


def table(name: str) -> str:
    """The lines of a table between its marks."""
    rows = [f"| `{word}` | {about} |" for word, about in TABLES[name].items()]
    return "\n".join([f"<!-- table {name} -->", "| | |", "|---|---|", *rows, "<!-- end -->"])


def with_tables(page: str) -> str:
    """The page with its tables as they should be."""
    for name in TABLES:
        before, _, rest = page.partition(f"<!-- table {name} -->")
        _, _, after = rest.partition("<!-- end -->")
        page = f"{before}{table(name)}{after}"
    return page


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text("utf-8")), "utf-8")
