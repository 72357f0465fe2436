"""What is done while the program is killed."""

from __future__ import annotations

from dataclasses import dataclass

from steps import (
    Apply,
    Drop,
    Duplicate,
    Edit,
    Export,
    Finish,
    Leave,
    MarkAll,
    Open,
    Redo,
    RedoHeadless,
    ReplaceAll,
    Review,
    Save,
    Step,
    Tag,
    TagMarked,
    Terminate,
    Type,
    Undo,
    UndoHeadless,
)

RECORDS = 120


@dataclass(frozen=True, slots=True)
class Scenario:
    """Steps of one run."""

    name: str
    steps: tuple[Step, ...]
    prepared: tuple[Step, ...] = ()
    """What was done before, in runs that ended well."""
    after_killed: str = ""
    """A scenario whose run was killed at its first rename, right after it, where this one begins."""
    headless: bool = False
    """Whether each step is a command of its own."""


EDITED = (Edit(0, "one "), Tag(1, "fine"), Drop(3), Review(2, "r"))

SCENARIOS = {
    one.name: one
    for one in (
        Scenario(
            "editing",
            (
                Open(),
                Edit(0, "first "),
                Edit(2, "second "),
                Review(3, "a"),
                Tag(1, "fine"),
                Duplicate(2),
                Edit(0, "again "),
                Drop(5),
                Review(6, "w"),
                Leave(),
            ),
        ),
        Scenario(
            "bulk change",
            (Open(), MarkAll(), TagMarked("all"), ReplaceAll("alpha", "beta"), ReplaceAll("beta", "gamma"), Leave()),
        ),
        Scenario(
            "undo",
            (
                Open(),
                Undo("replace"),
                Undo("reject"),
                Undo("drop #4"),
                Redo("drop #4"),
                Redo("reject"),
                Redo("replace"),
                Undo("replace"),
                Edit(0, "other "),
                Undo("edit message 1"),
                Leave(),
            ),
            prepared=(*EDITED, ReplaceAll("alpha", "beta")),
        ),
        Scenario(
            "save",
            (Open(), Save(), Edit(1, "later "), Save(), Undo("edit message 1"), Save(), Leave()),
            prepared=(*EDITED, ReplaceAll("alpha 1", "beta 1")),
        ),
        Scenario(
            "draft",
            (
                Open(),
                Type(0, "draft "),
                Finish(0, "ready ", "draft "),
                Type(1, "another "),
                Type(1, "and more ", "another "),
                Terminate(),
            ),
        ),
        Scenario(
            "recovery",
            (Open(), Edit(1, "later "), Save(), Undo("edit message 1"), Leave()),
            after_killed="save",
        ),
        Scenario(
            "commands",
            (UndoHeadless(), Export(), RedoHeadless(), Export(), Apply()),
            prepared=EDITED,
            headless=True,
        ),
    )
}
