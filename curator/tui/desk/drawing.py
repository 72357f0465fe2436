"""Marks some of the listed records at random, to be looked through, tagged or exported."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pyroaring import BitMap64

from curator.session.working_source import WorkingSource
from curator.tui.desk.labelling import Labelling
from curator.tui.screens.ask import Answers, AskSeveral, Field

USUAL = 100
"""Records that are proposed."""


class Drawing(Labelling):
    """In the palette: a random sample of what is listed, as marks."""

    def action_draw(self) -> None:
        """Ask how many, and mark them in place of what is marked."""
        from curator.session.random_marks import candidates

        records = candidates(self.session)
        number = sum(map(len, records.values()))
        if not number:
            self.say("There are no records to draw from.")
            return

        def draw(answers: Answers | None) -> None:
            if answers is not None:
                count, seed = map(_whole, answers.texts)
                self.background.run(lambda: self._drawn(records, count, seed))

        def wrong(answers: Answers) -> str:
            count, seed = map(_whole, answers.texts)
            if not 1 <= count <= number:
                return f"How many: a number from 1 to {number:,}."
            return "" if seed >= 0 else "Seed: a whole number; another one, other records."

        title = f"Mark some of the {number:,} listed records, drawn at random"
        fields = [Field("How many", f"{min(USUAL, number):,}"), Field("Seed", "0")]
        self.app.push_screen(AskSeveral(title, fields, wrong), draw)

    def _drawn(self, records: dict[WorkingSource, BitMap64], count: int, seed: int) -> Callable[[], object]:
        """Runs behind the screen."""
        from curator.session.random_marks import drawn_from

        found = drawn_from(records, count, seed)
        of = sum(map(len, records.values()))
        told = f"{count:,} of {of:,} records are marked, drawn at random with seed {seed}."
        return lambda: self._mark_alone(found, told)

    def _mark_alone(self, found: Mapping[WorkingSource, BitMap64], told: str) -> None:
        for source in self.session.sources:
            self._mark(source.number, source.marked, on=False)
            self._mark(source.number, found.get(source, BitMap64()), on=True)
        self.say(told)


def _whole(text: str) -> int:
    """The whole number that is typed, with or without separators; -1 for anything else."""
    digits = text.replace(",", "").replace("_", "").strip()
    return int(digits) if digits.isdecimal() and len(digits) < 20 else -1
