"""The facade that the terminal program and the headless commands share: open, read records, audit, sum up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curator.analysis.costs import default_epochs, training_cost
from curator.analysis.totals import Totals
from curator.edits.rule import Bulk, Rule, rule_for
from curator.engine.data_set import DataSet, OpenSource
from curator.errors import UsageError
from curator.records.codec import decode_exactly, line_body
from curator.records.conversation import Conversation
from curator.records.dialects import Dialect
from curator.records.sniffing import dialect_of
from curator.session.access import access_for
from curator.session.auditing import Auditing
from curator.session.by_rule import ByRule
from curator.session.editor import Editor
from curator.session.file_findings import FileFindings
from curator.session.ignoring import judged_row
from curator.session.listing import Listing
from curator.session.recount import Recount
from curator.session.set_sums import Chosen
from curator.session.values import Cost, Place, Record, Row, Standing
from curator.session.walking import Walk
from curator.session.working_source import WorkingSource, refuse_changing_twice
from curator.settings import Settings

if TYPE_CHECKING:
    from curator.session.groups import Groups
    from curator.storage.unpacked import Making


class Session(Auditing):
    """An opened data set. Reading is for any thread, the audit for one at a time.

    Raises UnreadableError or UsageError for files and settings that cannot be used, before anything is shown.
    """

    def __init__(
        self, paths: Sequence[Path], settings: Settings, wait: Callable[[Making], object] | None = None
    ) -> None:
        super().__init__(settings)
        self.data = DataSet(paths, access_for(settings, wait))
        chosen = Path(settings.journal) if settings.journal else None
        if chosen and len(paths) > 1:
            raise UsageError("A journal is that of one file: open the files one by one with `--journal`.")
        self.sources = tuple(WorkingSource(number, opened, chosen) for number, opened in enumerate(self.data.sources))
        refuse_changing_twice(self.sources)
        self.listing = Listing(self.sources)
        self.walk = Walk(self.sources, self.listing)
        self.editor = Editor(self.sources, self.listing, self._lock, self.rule)
        self.by_rule = ByRule(self.sources, self._lock, self)
        self.recount = Recount(self.sources, self._lock, self)
        self.chosen = Chosen(self.sources, self._lock, self, self.by_rule)
        self.file_findings = FileFindings(self.sources, self.listing, self._lock, self)

        self.groups: Groups | None = None
        """Groups of records that are alike, once the user has listed some."""

    def close(self) -> None:
        """Give files and journals back."""
        for source in self.sources:
            source.edited.close()
        self.data.close()

    # Records

    def __len__(self) -> int:
        return len(self.listing)

    def line(self, position: int, most: int = 0) -> bytes:
        """The bytes of a record's line, its line end included; at most the first `most` if that is not 0."""
        source, record = self.listing.locate(position)
        return source.edited.content.line(record, most)

    def line_length(self, position: int) -> int:
        """Bytes of a record's line, its line end included."""
        source, record = self.listing.locate(position)
        return source.edited.content.length(record)

    def record(self, position: int) -> Record:
        """A record, decoded. Malformed lines are records too; their conversation is empty."""
        source, record = self.listing.locate(position)
        return self.decoded(source, record, source.edited.content.line(record), position)

    def decoded(self, source: WorkingSource, record: int, line: bytes, position: int = -1) -> Record:
        """A line of a source as the record that it is, or would be."""
        value = decode_exactly(line_body(line))
        dialect = self.dialect_of(source.opened, value)
        conversation = dialect.read(value) if isinstance(value, dict) else Conversation()
        number = source.edited.content.saved.lines.place_of(record)
        version = source.edited.overlay.versions.of(record)
        at = None if number is None else number + 1
        place = Place(source.number, record)
        listed = self.listing.number_of(source, record)
        return Record(position, source.opened.path, at, line, value, dialect, conversation, place, version, listed)

    def record_of(self, source: WorkingSource, record: int) -> Record:
        """A record by its id; its position is -1 where it is not listed."""
        position = self.listing.position_of(source, record)
        line = source.edited.content.line(record)
        return self.decoded(source, record, line, -1 if position is None else position)

    def standing(self, position: int) -> Standing:
        """What was done to the record at a position, and said of it."""
        source, record = self.listing.locate(position)
        overlay, labels = source.edited.overlay, source.edited.overlay.labels
        return Standing(
            edited=record in overlay.versions.changed and source.edited.content.line_number(record) is None,
            dropped=record in overlay.dropped,
            marked=record in source.marked,
            verdict=labels.verdict_of(record),
            tags=labels.tags_of(record),
            note=labels.notes.get(record, ""),
            message_tags=labels.message_tags.get(record, {}),
            derived=record in overlay.derived and source.edited.content.line_number(record) is None,
        )

    def dialect_of(self, opened: OpenSource, value: Any) -> Dialect:
        """The dialect that a decoded record of a source is read in."""
        only = bool(self.settings.dialect)
        dialect = dialect_of(value, self.file_dialect(opened), only=only)
        return dialect if only else self.read_as(dialect)

    def learnt(self, record: Record) -> tuple[bool, ...]:
        """For each message of a record, whether the target's trainer learns from it."""
        return self.aim.masking.flags(record.dialect.name, record.conversation.messages)

    def rule(self, source: WorkingSource, bulk: Bulk) -> Rule:
        """What is done to many records of a source, as they are read now."""
        return rule_for(bulk, self.file_dialect(source.opened).name, only_dialect=bool(self.settings.dialect))

    def reason(self, opened: OpenSource) -> str:
        """Why a source is read in its dialect."""
        if self.settings.dialect:
            return "as you chose"
        detection, target = opened.detection, self.aim.target
        if target is None or self.read_as(detection.dialect) is detection.dialect:
            return detection.reason
        return f"{detection.reason}, which {target.title} reads so"

    # Figures

    def cost(self, totals: Totals) -> Cost:
        """What training on those records costs with the session's model."""
        epochs = self.settings.epochs or default_epochs(totals.examples)
        return Cost(epochs, training_cost(totals.billed_tokens, epochs, self.model))

    def cost_beside(self, totals: Totals) -> Decimal | None:
        """What training on some of the records costs, for as many epochs as all of them are trained."""
        return training_cost(totals.billed_tokens, self.cost(self.totals).epochs, self.model)

    @property
    def currency(self) -> str:
        """The currency of all costs."""
        return self.book.edition(self.model.edition).currency

    def row(self, position: int) -> Row | None:
        """What the audit knows of a record; None if it has not got there."""
        source, record = self.listing.locate(position)
        return judged_row(source, record, self.limit)

    def next_problem(self, position: int, step: int) -> int | None:
        """The nearest audited position after (`step` 1) or before (-1) another one whose record has a finding."""
        return self.walk.problem(position, step, self.limit)
