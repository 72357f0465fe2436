"""Writes records of a source as they are now to another file, with their tags where the user wants them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import tee
from pathlib import Path
from typing import Any

from pyroaring import BitMap64

from curator.edits.labels import Verdict
from curator.edits.saving import SavePlan, plan_save
from curator.edits.segments import LinesOf, Segments, all_records, in_order, segments
from curator.errors import UsageError
from curator.records.codec import decode_exactly, encode, line_body
from curator.records.rewriting import rewrite
from curator.session.facade import Session
from curator.session.working_source import WorkingSource
from curator.storage.delivering import deliver
from curator.storage.packing import packing_of_name
from curator.storage.proving import write_lines
from curator.storage.replacing import replacing
from curator.storage.runs import Run, Runs
from curator.storage.writer import Proof

VERDICTS = {"accepted": Verdict.ACCEPTED, "rejected": Verdict.REJECTED, "needs-work": Verdict.NEEDS_WORK}
MARKED, UNREVIEWED = "marked", "unreviewed"
KINDS = (MARKED, *VERDICTS, UNREVIEWED)
"""The words by which records are chosen."""


@dataclass(frozen=True, slots=True)
class TagsTo:
    """Where tags go: nowhere, into a key of the record, or into a file of their own."""

    key: str = ""
    file: Path | None = None
    """JSON Lines, one object a record that anything is said of."""


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written."""

    plan: SavePlan
    proof: Proof | None
    """None where the output could not be read back, as a pipe cannot."""
    labelled: int = 0
    """Records whose labels were written."""
    untaggable: int = 0
    """Tagged lines that are no objects, so that no key could be put into them."""
    notes: tuple[str, ...] = ()


def choose(
    source: WorkingSource, kind: str = "", tags: Sequence[str] = (), without: Sequence[str] = ()
) -> BitMap64 | None:
    """The records of a kind (`KINDS`) that have one of some tags and none of others; None where nothing is asked."""
    if not (kind or tags or without):
        return None
    labels = source.edited.overlay.labels
    chosen = BitMap64()
    for first, count in all_records(source.edited):
        chosen.add_range(first, first + count)
    if kind == MARKED:
        chosen &= source.marked
    elif kind == UNREVIEWED:
        chosen -= labels.reviewed
    elif kind:
        chosen &= labels.verdicts[VERDICTS[kind]]
    if tags:
        chosen &= _tagged(source, tags)
    return chosen - _tagged(source, without)


def _tagged(source: WorkingSource, tags: Sequence[str]) -> BitMap64:
    held = source.edited.overlay.labels.tags
    return BitMap64().union(*(held[tag] for tag in tags if tag in held))


def export(
    session: Session,
    source: WorkingSource,
    records: BitMap64 | None,
    target: Path | int,
    tags: TagsTo,
    lines: LinesOf | None = None,
) -> ExportReport:
    """Write records (None for all) in their order to a file, or to an open descriptor. The source and its journal stay.

    `lines` gives the lines that are new. Raises UsageError for a target that is the source, its journal or the file of
    the tags, or a key that is in use; UnwritableError when the disk fails. Files are as they were then.
    """
    _refuse(source, target, tags)
    runs = all_records(source.edited)
    if records is not None:
        runs = in_order(records, runs)
    report = ExportReport(plan_save(source.edited, runs, lines), None)
    if tags.key:
        report = _Keyed(session, source, tags.key, lines).planned(report)
    if tags.file is None:
        return _written(source, report, target)
    with replacing(tags.file, like=None) as beside:
        labels = _Counted(_label_lines(source, report.plan.runs))
        write_lines([(source.edited.source, labels)], beside, packing_of_name(tags.file))
        report = _written(source, replace(report, labelled=labels.number), target)
        beside.commit()
    return replace(report, notes=(*report.notes, *beside.notes))


def _refuse(source: WorkingSource, target: Path | int, tags: TagsTo) -> None:
    edited = source.edited
    own = {Path(os.path.realpath(one)) for one in (edited.path, edited.journal_path)}
    for path in (target, tags.file):
        if isinstance(path, Path) and Path(os.path.realpath(path)) in own:
            raise UsageError(f"{path}: is the file itself, or its journal; export to another name.")
    if isinstance(target, Path) and tags.file and os.path.realpath(target) == os.path.realpath(tags.file):
        raise UsageError(f"{target}: records and tags cannot go to one file; give the tags another name.")


def _written(source: WorkingSource, report: ExportReport, target: Path | int) -> ExportReport:
    own = source.edited.source
    written = deliver([(own, report.plan.segments)], target, like=own, size=report.plan.bytes)
    plan = replace(report.plan, bytes=written.bytes, estimated=False)
    return replace(report, plan=plan, proof=written.proof, notes=written.notes)


class _Counted:
    """Lines that are counted as they pass by."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines = lines
        self.number = 0

    def __iter__(self) -> Iterator[bytes]:
        for line in self._lines:
            self.number += 1
            yield line


class _Keyed:
    """Puts the tags of records into a key of theirs; all other bytes stay."""

    def __init__(self, session: Session, source: WorkingSource, key: str, lines: LinesOf | None) -> None:
        self._source = source
        self._key = key
        self._labels = source.edited.overlay.labels
        self._listing = session.listing
        self._given = lines or (lambda records: map(source.edited.content.line, records))
        self._tagged = BitMap64().union(*self._labels.tags.values())

    def planned(self, report: ExportReport) -> ExportReport:
        """The report on what is to be written then. Rules change texts only, so the lines before them tell."""
        plan, content = report.plan, self._source.edited.content
        labelled = untaggable = changed = growth = 0
        for record in (one for run in in_order(self._tagged, plan.runs) for one in range(run[0], sum(run))):
            line, _ = content.layers(record)
            tagged = self._with_tags(record, line)
            labelled += tagged is not None
            untaggable += tagged is None
            if tagged is not None:
                growth += len(tagged) - len(line)
                changed += tagged != line and content.line_number(record) is not None
        plan = replace(
            plan,
            segments=Segments(lambda: segments(self._source.edited, plan.runs, self._lines, self._tagged)),
            bytes=plan.bytes + growth,
            changed=plan.changed + changed,
            identical=plan.identical - changed,
            same=plan.same and not changed,
        )
        return replace(report, plan=plan, labelled=labelled, untaggable=untaggable)

    def _lines(self, records: Iterable[int]) -> Iterator[bytes]:
        """The lines of records, with the tags of those that have any."""
        ahead, here = tee(records)
        for record, line in zip(here, self._given(ahead), strict=True):
            yield (self._with_tags(record, line) if record in self._tagged else None) or line

    def _with_tags(self, record: int, line: bytes) -> bytes | None:
        """A record's line with its tags; None where it is no object."""
        body = line_body(line)
        value = decode_exactly(body)
        if not isinstance(value, dict):
            return None
        self._refuse_key_in_use(value, record)
        tags = list(self._labels.tags_of(record))
        return rewrite(body, value, {**value, self._key: tags}) + line[len(body) :]

    def _refuse_key_in_use(self, value: dict[str, Any], record: int) -> None:
        held = value.get(self._key, [])
        if isinstance(held, list) and all(isinstance(one, str) for one in held):
            return
        position = self._listing.position_of(self._source, record)
        where = f"record {position + 1:,}" if position is not None else "a record"
        raise UsageError(f"{where} has a key `{self._key}` that holds no tags; choose another key for them.")


def _label_lines(source: WorkingSource, runs: Sequence[Run]) -> Iterator[bytes]:
    """What is said of records, with the line that each is to stand on, in the order of the lines."""
    labels, places = source.edited.overlay.labels, Runs(runs)
    known = BitMap64([*labels.notes, *labels.message_tags]).union(labels.reviewed, *labels.tags.values())
    lines = ((places.place_of(record), record) for record in known)
    for line, record in sorted((line, record) for line, record in lines if line is not None):
        value: dict[str, Any] = {"line": line + 1}
        if tags := labels.tags_of(record):
            value["tags"] = list(tags)
        if verdict := labels.verdict_of(record):
            value["review"] = verdict.value
        if note := labels.notes.get(record):
            value["note"] = note
        if message_tags := labels.message_tags.get(record):
            value["message_tags"] = {str(one): sorted(names) for one, names in sorted(message_tags.items())}
        yield encode(value) + b"\n"
