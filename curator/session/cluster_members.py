"""What is shown of the members of a cluster: figures, labels, what they say and how alike they are."""

from __future__ import annotations

from dataclasses import dataclass

from curator.analysis.prints import Likeness
from curator.edits.labels import Verdict
from curator.records.preview import PREVIEW_BYTES, preview
from curator.session.duplicates import Cluster
from curator.session.facade import Session
from curator.session.values import Row
from curator.session.working_source import WorkingSource


@dataclass(frozen=True, slots=True)
class Member:
    """A record of a cluster."""

    number: int
    """Its place in the files, counted from 1."""
    characters: int
    row: Row | None
    """What the audit knows of it; None while it has not got there."""
    tags: tuple[str, ...]
    verdict: Verdict | None
    marked: bool
    dropped: bool


def member(session: Session, cluster: Cluster, place: int) -> Member:
    """One of the records of a cluster."""
    source, record = cluster.records[place]
    overlay = source.edited.overlay
    return Member(
        session.listing.number_of(source, record),
        cluster.lengths[place],
        source.row(record, session.limit),
        overlay.labels.tags_of(record),
        overlay.labels.verdict_of(record),
        record in source.marked,
        record in overlay.dropped,
    )


def preview_of(session: Session, source: WorkingSource, record: int) -> str:
    """The few words by which a record is told."""
    line = source.edited.content.line(record, PREVIEW_BYTES)
    return preview(line, session.file_dialect(source.opened), only=bool(session.settings.dialect))


def said_in(session: Session, source: WorkingSource, record: int) -> str:
    """All that a record says, message by message, with the roles."""
    lines = []
    for message in session.record_of(source, record).conversation.messages:
        lines += [f"{message.role}:", message.text]
        lines += [f"{call.name} {call.arguments}" for call in message.tool_calls]
    return "\n".join(lines)


def likeness_of(session: Session, cluster: Cluster, one: int, other: int, likeness: Likeness) -> float:
    """How alike two members are, 0 to 1."""
    from curator.analysis.fingerprints import alike

    (first, record), (second, beside) = cluster.records[one], cluster.records[other]
    return alike(
        (session.spec(first.opened), first.edited.content.line(record)),
        (session.spec(second.opened), second.edited.content.line(beside)),
        likeness,
    )
