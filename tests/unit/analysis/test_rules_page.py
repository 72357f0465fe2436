"""The page of rules is the one that the table makes."""

from __future__ import annotations

import runpy
from pathlib import Path


def test_the_page_of_rules_is_current(project: Path) -> None:
    made = runpy.run_path(str(project / "docs" / "make_rules.py"))["page"]()
    assert made == (project / "docs" / "rules.md").read_text("utf-8"), "run `python docs/make_rules.py`"
