"""Export: some records or all, to another file, with their tags where the user wants them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pyroaring import BitMap64
from textual.binding import Binding, BindingType

from curator.session.naming import proposed_beside
from curator.session.working_source import WorkingSource
from curator.tui.desk.converting import Conversion
from curator.tui.desk.dividing import Dividing
from curator.tui.desk.saving import wrong_target
from curator.tui.screens.ask import Answers, AskSeveral, Field
from curator.tui.screens.choose import Choose
from curator.tui.visible import one_line

if TYPE_CHECKING:
    from curator.session.exporting import ExportReport, TagsTo

WHICH = (
    ("all records", ""),
    ("the marked ones", "marked"),
    ("the accepted ones", "accepted"),
    ("those that need work", "needs-work"),
    ("the rejected ones", "rejected"),
    ("those without a verdict", "unreviewed"),
    ("those of the filter", "filter"),
)
"""What may be exported, and the word for it."""

NAME_CELLS = 30
DIVIDE = "divide into training, validation and test files"


class Exporting(Dividing):
    """`X`: write records to another file."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("X", "export", "export records, and tags, to another file"),
        Binding("ctrl+x", "divide", "divide into training, validation and test files"),
    ]

    def action_export(self) -> None:
        """Ask which records, then where to."""
        self.follow()
        source = self.source

        def work() -> Callable[[], object]:
            counts = [self._count(source, kind) for _, kind in WHICH]
            return lambda: self._ask_which(source, counts)

        self.background.run(work)

    def _ask_which(self, source: WorkingSource, counts: list[int]) -> None:
        offered = [
            (words, kind, count) for (words, kind), count in zip(WHICH, counts, strict=True) if count or not kind
        ]
        lines = [f"{words:<26}{count:>12,}" for words, _, count in offered]

        def chosen(number: int | None) -> None:
            if number == len(offered):
                Conversion(self, source, self._chosen).begin(offered)
            elif number == len(offered) + 1:
                self.action_divide()
            elif number is not None:
                self._ask_where(source, *offered[number])

        lines += ["in another format …", DIVIDE]
        self.app.push_screen(Choose(f"Export{self._of_several(source)}", lines, range(len(lines))), chosen)

    def _of_several(self, source: WorkingSource) -> str:
        """The file that is meant, where others are open too; for behind a verb, else nothing."""
        return f", from {one_line(source.opened.path.name, NAME_CELLS)}" if len(self.session.sources) > 1 else ""

    def _ask_where(self, source: WorkingSource, words: str, kind: str, count: int) -> None:
        own = source.opened.path
        suffix = kind or "export"

        def wrong_tags(text: str) -> str:
            return wrong_target(text, own) if text.strip() else ""

        def answered(answers: Answers | None) -> None:
            from curator.session.exporting import TagsTo

            if answers is not None:
                target, key, beside = answers.texts
                tags = TagsTo(key.strip(), Path(beside).expanduser() if beside.strip() else None)
                self.write(lambda: self._exported(source, kind, Path(target).expanduser(), tags))

        fields = [
            Field(
                "To:",
                str(proposed_beside(own, suffix)),
                check=lambda text: wrong_target(text, own),
            ),
            Field("Tags into the key (empty: none):", ""),
            Field("Tags into a file (empty: none):", "", check=wrong_tags),
        ]
        self.app.push_screen(AskSeveral(f"Export {words}{self._of_several(source)}: {count:,}", fields), answered)

    def _exported(self, source: WorkingSource, kind: str, target: Path, tags: TagsTo) -> Callable[[], object]:
        from curator.session.exporting import export
        from curator.session.sweeping import swept_lines

        lines = swept_lines(source.edited, *self.background.executor)
        report = export(self.session, source, self._chosen(source, kind), target, tags, lines)
        return lambda: self.say(export_sentence(target, report))

    def _chosen(self, source: WorkingSource, kind: str) -> BitMap64 | None:
        """The records of a file that are meant; None for all."""
        from curator.session.exporting import choose

        if kind == "filter":
            return self.filtered.get(source, BitMap64()) - source.edited.overlay.dropped
        return choose(source, kind)

    def _count(self, source: WorkingSource, kind: str) -> int:
        chosen = self._chosen(source, kind)
        return len(source.edited) if chosen is None else len(chosen)


def export_sentence(target: Path, report: ExportReport) -> str:
    """What was written, in numbers."""
    plan = report.plan
    written = plan.changed + plan.added + plan.identical
    labels = f", {report.labelled:,} with labels" if report.labelled else ""
    left = f" {report.untaggable:,} lines are no objects, so they have no tags." if report.untaggable else ""
    proof = f"; read back and proved (XXH3 {report.proof.digest[:16]})" if report.proof else ""
    notes = "".join(f" {note}" for note in report.notes)
    return f"{target.name}: {written:,} records, {plan.identical:,} identical{labels}{proof}.{left}{notes}"
