"""Dividing: records as they are now into files of training, validation and test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from curator.analysis.division import SIDES, Division, counts_of, ratio_of
from curator.errors import CuratorError, UsageError
from curator.session.editor import Selection
from curator.tui.desk.saving import Saving
from curator.tui.figures import plural
from curator.tui.scopes import Scope, scopes_of
from curator.tui.screens.ask import Answers, AskSeveral, Field, Toggle
from curator.tui.screens.choose import Choose
from curator.tui.screens.confirm import Choice, Confirm

if TYPE_CHECKING:
    from curator.session.dividing import Divided, Request


class Dividing(Saving):
    """Division into files."""

    def action_divide(self) -> None:
        """Ask of which records and how, then show in numbers what comes of it."""
        self.follow()
        offered = scopes_of(self.session, self.marked, self.filtered)

        def chosen(number: int | None) -> None:
            if number is not None:
                self._ask_how(offered[number])

        if len(offered) == 1:
            chosen(0)
            return
        self.app.push_screen(Choose("Divide", [one.words for one in offered], range(len(offered))), chosen)

    def _ask_how(self, scope: Scope) -> None:
        from curator.session.facets import FACETS

        own = self.session.sources[0].opened.path
        fields: list[Field | Toggle] = [
            Field("Ratio:", "90:5:5"),
            Field("Or records (500, or 500:500):", ""),
            Field("Seed:", "0"),
            Field("Spread evenly (a facet, or a key):", "", tuple(FACETS)),
            Field("Keep together by (a key):", ""),
            Field("Into the folder:", str(own.with_name(f"{own.stem}.divided"))),
            Toggle("near duplicates stay on one side too", value=True),
        ]
        if len(self.session.sources) > 1:
            fields.insert(-1, Field("Keep out what this open file has:", ""))

        def answered(answers: Answers | None) -> None:
            if answers is not None:
                request, facet = self._request(answers)
                folder = Path(answers.texts[5]).expanduser()
                self.write(partial(self._divided, request, facet, folder, scope.records), "Dividing …")

        names = [source.opened.path.name for source in self.session.sources]
        check = partial(wrong_division, names)
        self.app.push_screen(AskSeveral(f"Divide {scope.words}, without leaks", fields, check=check), answered)

    def _request(self, answers: Answers) -> tuple[Request, str]:
        """How to divide, and the facet that is spread evenly, if there is one."""
        from curator.session.dividing import Request
        from curator.session.strata import facet_or_key

        facet, key = facet_or_key(answers.texts[3].strip())
        together = answers.texts[4].strip()
        near = self.session.settings.near_percent / 100 if answers.toggles[0] else 0.0
        names = [source.opened.path.name for source in self.session.sources]
        without = frozenset(number for number, name in enumerate(names) if name in kept_out(answers))
        return Request(division_of(answers), near, key, together, without=without), facet

    def _divided(self, request: Request, facet: str, folder: Path, among: Selection | None) -> Callable[[], object]:
        """Runs behind the screen. Of files that are kept out all records count, whatever is divided."""
        from curator.session.dividing import divided
        from curator.session.facets import FROM_FIGURES
        from curator.session.filtering import there
        from curator.session.strata import strata

        if facet in FROM_FIGURES and not self.session.complete:
            raise UsageError(f"The audit tells {facet}; divide by it when the audit is complete.")
        if facet:
            *_, (_, even) = strata(self.session, facet, *self.background.executor)
            request = replace(request, strata=even)
        if among is not None:
            sources = self.session.sources
            among = {**among, **{sources[number]: there(sources[number]) for number in request.without}}
        found = None
        for _, found in divided(self.session, request, *self.background.executor, among):  # noqa: B007 - the last counts
            pass
        assert found is not None
        return partial(self._offer_division, found, folder)

    def _offer_division(self, found: Divided, folder: Path) -> None:
        sizes, sides = found.sizes(), found.request.division.sides
        if sum(sizes) < sum(found.request.division.counts):
            self.say(f"There are {plural(sum(sizes), 'record')}, fewer than are asked for.", severity="error")
            return
        sets, records, largest = found.kept_together()
        lines = [f"{side + '.jsonl':<18}{size:>12,} records" for side, size in zip(sides, sizes, strict=True)]
        if sets:
            lines += ["", f"{records:,} records in {plural(sets, 'set')} stay together, {largest:,} in the largest."]
        if found.pieces:
            lines.append(f"{found.pieces:,} of them are pieces of conversations that were split.")
        if found.alike > largest:
            lines.append(
                f"{found.alike:,} records begin like more than a fifth of all, or share a turn: that counts for"
            )
            lines.append("nothing, or all would be on one side.")
        if found.request.without:
            lines.append(
                f"{plural(len(found.kept_out()), 'record')} left out that belong together with what is kept out."
            )
        if empty := found.empty_sides():
            lines.append(f"Nothing fell to {' or '.join(empty)}: the sets that stay together are too large.")
        if found.blank:
            lines.append(f"{plural(found.blank, 'blank line')} left out.")

        def chosen(answer: str | None) -> None:
            if answer:
                self.write(partial(self._sides_written, found, folder))

        choices = [Choice("y", f"write them into {folder}", "yes")]
        self.app.push_screen(Confirm("Divide so?", lines, choices), chosen)

    def _sides_written(self, found: Divided, folder: Path) -> Callable[[], object]:
        from curator.session.dividing import paths_of_sides, write_sides

        paths = paths_of_sides(folder, found.request.division.sides)
        written = write_sides(self.session, found, paths)
        notes = "".join(f" {note}" for one in written for note in one.notes)
        told = ", ".join(f"{path.name} {size:,}" for path, size in zip(paths, found.sizes(), strict=True))
        return lambda: self.say(f"{folder.name}: {told} records; read back and proved.{notes}")


def division_of(answers: Answers) -> Division:
    """The division that was typed. Raises UsageError."""
    ratio, counts, seed = (text.strip() for text in answers.texts[:3])
    number = int(seed[:18]) if seed.isascii() and seed.isdigit() else -1
    return Division((), counts_of(counts), number) if counts else Division(ratio_of(ratio), (), number)


def kept_out(answers: Answers) -> list[str]:
    """The names of the open files whose records are kept out, with commas between them."""
    return [name.strip() for name in "".join(answers.texts[6:]).split(",") if name.strip()]


def wrong_division(names: Sequence[str], answers: Answers) -> str:
    """What is wrong with what was typed, or nothing, given the names of the open files."""
    from curator.session.strata import facet_or_key

    without = kept_out(answers)
    if unknown := [name for name in without if name not in names]:
        return f"No file {unknown[0]} is open; these are: {', '.join(names)}."
    if set(names) == set(without):
        return "Something has to be left to be divided."
    try:
        facet_or_key(answers.texts[3].strip())
        division = division_of(answers)
        folder = Path(answers.texts[5]).expanduser()
        if not answers.texts[5].strip() or (folder.exists() and not folder.is_dir()):
            return "It takes the name of a folder."
        if not folder.parent.is_dir():
            return f"There is no folder {folder.parent}."
        there = [side for side in SIDES if (folder / f"{side}.jsonl").exists()]
    except CuratorError as error:
        return str(error)
    except (OSError, RuntimeError):
        return "It takes the name of a folder."
    if division.seed < 0:
        return "A seed is a whole number."
    return f"{folder.name} has a file {there[0]}.jsonl already; give another name." if there else ""
