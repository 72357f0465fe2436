"""Chooses the dialect, with the reason for the one in force."""

from __future__ import annotations

from curator.records.dialects import DIALECTS
from curator.session import Session
from curator.tui.screens.choose import Choose
from curator.tui.visible import one_line

LONGEST_REASON = 100


class ChooseDialect(Choose[str]):
    """Detection, or one of the dialects for all records."""

    def __init__(self, session: Session) -> None:
        names = ["", *(dialect.name for dialect in DIALECTS)]
        first = session.data.sources[0]
        detected = f"{first.detection.dialect.name}, because {first.detection.reason}"
        lines = [f"{'detect':<20}{one_line(detected, LONGEST_REASON)}"]
        lines += [f"{dialect.name:<20}every record as {dialect.title}" for dialect in DIALECTS]
        super().__init__("Read records as", lines, names, names.index(session.settings.dialect))
