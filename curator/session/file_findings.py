"""Findings that need whole files: what repeats, contradicts or stands out, and what is wrong with a file as such."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from threading import RLock
from typing import Protocol

from curator.analysis import comparing_records
from curator.analysis.comparing_records import SHARED
from curator.analysis.costs import default_epochs
from curator.analysis.file_sentences import findings_on_file
from curator.analysis.findings import Finding
from curator.analysis.lint.rules import BY_NUMBER
from curator.analysis.lint.view import Complaint
from curator.analysis.report import AuditSpec, RecordReport
from curator.analysis.totals import Totals
from curator.engine.data_set import OpenSource
from curator.session.file_look import Look, Seen, look_at, seen_in
from curator.session.file_wide import NOTHING, FileWide
from curator.session.listing import Listing
from curator.session.values import Place
from curator.session.working_source import WorkingSource
from curator.settings import Settings


class Audited(Protocol):
    """What the findings are about."""

    settings: Settings

    @property
    def audits(self) -> int:
        """Audits that were begun; what was taken before the newest is void."""

    @property
    def complete(self) -> bool:
        """Whether every line has been audited."""

    @property
    def totals(self) -> Totals:
        """The sums over all records as they are now."""

    def spec(self, opened: OpenSource, *, explain: bool = False) -> AuditSpec:
        """What the audit of a source's lines depends on."""


class FileFindings:
    """Finds what needs whole files, in workers, whenever records are others than they were. For any thread."""

    def __init__(self, sources: Sequence[WorkingSource], listing: Listing, lock: RLock, audited: Audited) -> None:
        self._sources = sources
        self._listing = listing
        self._lock = lock
        self._audited = audited
        self._key: object = None
        self.revision = 0
        """Grows whenever something else is found."""

    @property
    def known(self) -> bool:
        """Whether the files were looked at since the audit came to its end."""
        return self._key is not None

    def forget(self) -> None:
        """What was found is void."""
        with self._lock:
            self._key = None
            for source in self._sources:
                source.file_wide = NOTHING
            self.revision += 1

    def follow(self, executor: Executor) -> bool:
        """Look at the files if all is audited and anything has changed. Whether something was found anew."""
        with self._lock:
            if not self._audited.complete or (key := self._key_now()) == self._key:
                return False
            audit, epochs = self._audited.audits, self._epochs
            sums = [_sums_of(source) for source in self._sources]
        looks = [look_at(one, self._audited.spec(one.opened).rules, self._lock) for one in self._sources]
        seen = seen_in(executor, looks, epochs)
        found = [_found(number, look, seen, sums[number], epochs) for number, look in enumerate(looks)]
        with self._lock:
            if audit != self._audited.audits:
                return False
            self._key = key
            for source, one in zip(self._sources, found, strict=True):
                source.file_wide = one
            self.revision += 1
            return True

    def _key_now(self) -> object:
        """What the findings depend on."""
        known = tuple((len(one.opened.columns), one.figures.revision) for one in self._sources)
        return self._audited.audits, self._epochs, known

    @property
    def _epochs(self) -> int:
        return self._audited.settings.epochs or default_epochs(self._audited.totals.examples)

    # Sentences

    def of_record(self, place: Place, name: Callable[[Place], str] | None = None) -> tuple[Finding, ...]:
        """What is found of a record; `name` says how another one is called, in place of its number in the list."""
        source = self._sources[place.source]
        rules = self._audited.spec(source.opened).rules
        return tuple(
            BY_NUMBER[number].finding(Complaint("", sentence), rules.severity(number))
            for number, sentence in self._sentences(place, source.file_wide, name or self._number)
        )

    def added_to(self, report: RecordReport, place: Place) -> RecordReport:
        """A record's report with what is found of it in whole files."""
        found = self.of_record(place)
        return replace(report, findings=report.findings + found) if found else report

    def _number(self, place: Place) -> str:
        source = self._sources[place.source]
        return f"#{self._listing.number_of(source, place.id):,}"

    def _sentences(self, place: Place, wide: FileWide, name: Callable[[Place], str]) -> Iterator[tuple[int, str]]:
        row = wide.rows.of(place.id) if wide.rows is not None and place.id in wide.any else None
        if wide.rows is None or row is None:
            return
        for number, pairs in sorted(wide.pairs.items()):
            if found := pairs.of(row):
                other = Place(place.source, wide.rows.record(found[0]))
                yield number, self._sentence(number, place, other, found[1], name)
        shared = wide.shared.other(place.source, row) if wide.shared else None
        if shared is not None:
            file = self._sources[shared.source].opened.path.name
            yield SHARED, f"says the same as {name(shared)} in another of the opened files, {file}"

    def _sentence(self, number: int, place: Place, other: Place, count: int, name: Callable[[Place], str]) -> str:
        match number:
            case comparing_records.COPY:
                return f"says the same as {name(other)}{_more(count)}"
            case comparing_records.NEAR_COPY:
                return f"says the same as {name(other)}{_more(count)} but for case, punctuation, digits or spaces"
            case comparing_records.CONTRADICTION:
                answers = f"; it has {count:,} different answers" if count > 2 else ""
                return f"the same prompt has another answer in {name(other)}{answers}"
        mine, usual = self._has_prompt(place), self._has_prompt(other)
        if mine and usual:
            return f"the system prompt differs from that of {count} % of the records"
        return f"there is {'a' if mine else 'no'} system prompt here, unlike in {count} % of the records"

    def _has_prompt(self, place: Place) -> bool:
        found = self._sources[place.source].find(place.id)
        return found is not None and found.columns.system_hash[found.row] != 0


def _sums_of(source: WorkingSource) -> Totals:
    totals = Totals()
    totals.merge(source.opened.totals)
    totals.merge(source.figures.difference)
    return totals


def _found(number: int, look: Look, seen: Seen, sums: Totals, epochs: int) -> FileWide:
    """What a look has found in one source."""
    rows, pairs = look.rows, seen.pairs[number]
    records = {rule: rows.records(found.rows[:]) for rule, found in pairs.items()}
    shared = seen.shared if look.rules.asked(SHARED) else None
    if shared is not None:
        records[SHARED] = rows.records(shared.of_source(number))
    answers = seen.answers[number]
    copies, recited = (answers.copies, answers.different) if answers else (0, 0)
    on_file = tuple(findings_on_file(sums, epochs, copies, recited, look.rules))
    return FileWide(rows, pairs, shared, records, on_file)


def _more(count: int) -> str:
    return f" and {count - 1:,} more" if count > 1 else ""
