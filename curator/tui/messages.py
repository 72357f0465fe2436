"""Messages that cross widgets; a widget's own stand in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from textual.message import Message

from curator.analysis.report import RecordReport
from curator.session import Record


@dataclass
class DataGrew(Message):
    """More lines are indexed, or more of them audited."""


@dataclass
class AuditFailed(Message):
    """The audit or the index came to an end before its time."""

    reason: str


@dataclass
class ModelChosen(Message):
    """Another model or target counts, prices and judges from now on."""


@dataclass
class RecordAnalysed(Message):
    """The shown record's figures are there."""

    record: Record
    report: RecordReport


@dataclass
class DraftAnalysed(Message):
    """The figures of what is being typed are there."""

    key: int
    """Which question this answers."""
    report: RecordReport


@dataclass
class WorkDone(Message):
    """Work that was asked for behind the screen is done; whoever asked takes the answer."""

    then: Callable[[], object]
