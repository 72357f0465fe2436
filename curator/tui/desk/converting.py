"""Export in another dialect: which one, which records, what would be lost in numbers, and only then the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pyroaring import BitMap64

from curator.errors import UsageError
from curator.records.dialects import DIALECTS, Dialect
from curator.session.working_source import WorkingSource
from curator.tui.desk.long_search import LongSearch
from curator.tui.desk.saving import Saving, wrong_target
from curator.tui.screens.ask import Ask
from curator.tui.screens.choose import Choose
from curator.tui.screens.confirm import Choice, Confirm
from curator.tui.visible import one_line

if TYPE_CHECKING:
    from curator.engine.converting import Count, Plan, Tally
    from curator.records.converting import Cause
    from curator.storage.writer import Proof

Offer = tuple[str, str, int]
"""Records that may be exported: what they are called, the word for them, and how many they are."""

EXAMPLE_CELLS = 100


class Conversion:
    """One export in another dialect, from the choice of the dialect to the file."""

    def __init__(
        self, desk: Saving, source: WorkingSource, chosen: Callable[[WorkingSource, str], BitMap64 | None]
    ) -> None:
        """`chosen` gives the records of a file that the word of an offer stands for; None for all."""
        self._desk = desk
        self._chosen = chosen
        self._source = source
        self._kind = ""
        self._count = 0
        self._target: Dialect = DIALECTS[0]

    def begin(self, offered: Sequence[Offer]) -> None:
        """Ask for the dialect, and for the records if there are several kinds."""
        own = self._desk.session.file_dialect(self._source.opened)
        others = [dialect for dialect in DIALECTS if dialect is not own]
        lines = [f"{dialect.name:<20}{dialect.title}" for dialect in others]

        def chosen(dialect: Dialect | None) -> None:
            if dialect is not None:
                self._target = dialect
                self._ask_which(offered)

        self._desk.app.push_screen(Choose(f"Export, from {own.title} to", lines, others), chosen)

    def _ask_which(self, offered: Sequence[Offer]) -> None:
        from curator.engine.converting import Plan

        def chosen(number: int | None) -> None:
            if number is not None:
                _, self._kind, self._count = offered[number]
                self._try(Plan(self._target.name))

        if len(offered) == 1:
            chosen(0)
            return
        lines = [f"{words:<26}{count:>12,}" for words, _, count in offered]
        self._desk.app.push_screen(Choose(f"Export as {self._target.title}", lines, range(len(offered))), chosen)

    def _try(self, how: Plan) -> None:
        """Convert everything once without writing, behind the screen."""
        from curator.engine.converting import Tally

        def steps() -> Iterator[tuple[float, Tally]]:
            tally = Tally()
            for _ in self._lines(how, tally):
                yield tally.records / max(1, self._count), tally
            yield 1.0, tally

        title = f"Trying {self._target.title}"
        LongSearch(self._desk, title, steps, lambda tally: self._offer(how, tally)).begin()

    def _lines(self, how: Plan, tally: Tally) -> Iterator[bytes]:
        from curator.session.converting import converted_records

        records = self._chosen(self._source, self._kind)
        executor, workers = self._desk.background.executor
        return converted_records(self._desk.session, self._source, records, how, executor, workers, tally)

    def _offer(self, how: Plan, tally: Tally) -> None:
        """Say what would be lost, and let the user choose what is written."""
        choices = list(_choices(tally))
        choices += _ways(how, tally)
        title = f"{self._source.opened.path.name} as {self._target.title}"

        def chosen(answer: str | None) -> None:
            if answer in ("all", "whole"):
                self._ask_where(how, lossy=answer == "all")
            elif answer is not None:
                self._try(_other_way(how, answer))

        if choices:
            self._desk.app.push_screen(Confirm(title, list(_sentences(tally)), choices), chosen)
        else:
            self._desk.say(f"None of these records can be converted: {_first_sentence(tally)}", severity="warning")

    def _ask_where(self, how: Plan, *, lossy: bool) -> None:
        from dataclasses import replace

        from curator.records.converting import Weight

        own = self._source.opened.path
        final = replace(how, most=Weight.LOST if lossy else Weight.TOLD)

        def chosen(text: str | None) -> None:
            if text:
                target = Path(text).expanduser()
                self._desk.write(lambda: self._written(final, target))

        proposed = str(own.with_name(f"{own.stem}.{self._target.name}{own.suffix}"))
        self._desk.app.push_screen(
            Ask(f"Export as {self._target.title}", proposed, check=lambda text: wrong_target(text, own)), chosen
        )

    def _written(self, how: Plan, target: Path) -> Callable[[], object]:
        from curator.engine.converting import Tally
        from curator.session.converting import write_converted

        if target.resolve() == self._source.edited.journal_path.resolve():
            raise UsageError(f"{target}: is the journal of the file; give another name.")
        tally = Tally()
        lines = self._lines(how, tally)
        written = write_converted(self._source.edited.source, lines, target, [tally], lambda _: False)
        assert written.proof is not None, "a file is read back"
        told = _outcome(target, tally, written.proof)
        return lambda: self._desk.say(" ".join([told, *written.notes]))


def _choices(tally: Tally) -> Iterator[Choice]:
    whole = tally.records - tally.lossy - tally.refused
    if tally.lossy:
        yield Choice("a", f"write {_records(whole + tally.lossy)}, those with a loss too …", "all")
    if whole:
        yield Choice("w", f"write {_records(whole)} without loss …", "whole")


def _ways(how: Plan, tally: Tally) -> Iterator[Choice]:
    """What may be chosen so that less is refused or lost."""
    from curator.records.converting import Cause, Keys

    if Cause.TWO_ANSWERS in tally.counts:
        yield Choice("c", "keep the preferred answer of each pair, and see again", "chosen")
        yield Choice("b", "make a record of each of the two answers, and see again", "both")
    if Cause.SYSTEM in tally.counts:
        yield Choice("f", "put the system prompt into the first user message, and see again", "fold")
    if tally.counts.keys() & {Cause.KEYS, Cause.MESSAGE_KEYS} and how.ways.keys is Keys.FITTING:
        yield Choice("k", "keep further keys wherever there is a place, and see again", "keep")
        yield Choice("d", "leave further keys out, and see again", "drop")


def _other_way(how: Plan, answer: str) -> Plan:
    from dataclasses import replace

    from curator.records.converting import Keep, Keys

    match answer:
        case "fold":
            ways = replace(how.ways, fold_system=True)
        case "keep" | "drop":
            ways = replace(how.ways, keys=Keys(answer))
        case _:
            ways = replace(how.ways, answers=Keep(answer))
    return replace(how, ways=ways)


def _sentences(tally: Tally) -> Iterator[str]:
    from curator.records.converting import Weight

    whole = tally.records - tally.lossy - tally.refused
    yield f"{_records(tally.records)}: {whole:,} without loss, {tally.lossy:,} with one, {tally.refused:,} not at all."
    for weight, heading in (
        (Weight.REFUSED, "Cannot be converted, and would be left out:"),
        (Weight.LOST, "Would be lost:"),
        (Weight.TOLD, "Said in another way, with nothing lost:"),
    ):
        found = tally.of(weight)
        if found:
            yield ""
            yield heading
            yield from (line for cause, count in found for line in _cause_lines(cause, count))


def _cause_lines(cause: Cause, count: Count) -> Iterator[str]:
    yield f"{count.records:>9,}  {cause.on_screen}"
    example = count.example.removeprefix(cause).lstrip(": ")
    where = f"first: record {count.lines[0]:,}{f', {example}' if example else ''}"
    yield f"{'':11}{one_line(where, EXAMPLE_CELLS)}"


def _first_sentence(tally: Tally) -> str:
    from curator.records.converting import Weight

    return next((str(cause.on_screen) for cause, _ in tally.of(Weight.REFUSED)), "there are none") + "."


def _outcome(target: Path, tally: Tally, proof: Proof) -> str:
    left = f", {tally.left_out:,} left out" if tally.left_out else ""
    return f"{target.name}: {_records(tally.written)} written{left}; read back and proved (XXH3 {proof.digest[:16]})."


def _records(count: int) -> str:
    return f"{count:,} record{'' if count == 1 else 's'}"
