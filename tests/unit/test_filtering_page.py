"""The page about filters has the tables that the program has."""

from __future__ import annotations

import runpy
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def test_the_tables_of_the_page_are_those_of_the_program() -> None:
    page = (DOCS / "filtering.md").read_text("utf-8")
    assert runpy.run_path(str(DOCS / "make_tables.py"))["with_tables"](page) == page, "run docs/make_tables.py"
