"""curator check --group: what is wrong, cause by cause."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from curator.analysis.findings import Finding, Severity
from curator.cli import output
from curator.cli.audit_run import audited, beyond_limits, causes
from curator.cli.edited_file import excused, tell_unsaved
from curator.cli.exit_codes import Exit
from curator.errors import UsageError
from curator.session import Place, Session
from curator.session.causes import Group


def report_groups(session: Session, form: str, fail_on: Severity) -> Exit:
    """Audit the files, and report each cause with its number of records and an example, the most frequent first.

    What is said of a file as such stands behind them.

    Raises UsageError for a form that names single lines.
    """
    if form not in ("text", "json"):
        raise UsageError(f"--format {form} names single lines; with --group it is text or json.")
    for _ in audited(session, whole=True):
        pass
    lines = excused(session)
    groups = causes(session, {one.number: lines[one.opened.path] for one in session.sources}).ranked()
    for group in groups:
        output.data(_as_json(session, group) if form == "json" else _as_text(session, group))
    of_files = list(_of_files(session))
    for path, finding in of_files:
        output.data(_file_as_json(path, finding) if form == "json" else _file_as_text(path, finding))
    totals = session.totals
    count = len(groups) + len(of_files)
    number = f"{count:,} cause{'' if count == 1 else 's'}" if count else "nothing found"
    output.talk(f"{output.counted(totals.records, 'record')}, {number}.")
    tell_unsaved(session, "check")
    severities = {group.cause.severity for group in groups} | {finding.severity for _, finding in of_files}
    failing = Severity.ERROR in severities or (fail_on is Severity.WARNING and severities)
    return Exit.FINDINGS if failing else Exit.CLEAN


def _of_files(session: Session) -> Iterator[tuple[Path, Finding]]:
    """What is said of files as such."""
    yield from beyond_limits(session)
    for source in session.sources:
        yield from ((source.opened.path, finding) for finding in source.file_wide.on_file)


def _example(session: Session, group: Group) -> Finding | None:
    """What is found in the record that is the group's example."""
    if group.finding:
        return group.finding
    place = Place(group.source, group.record)
    found = session.file_findings.of_record(place, lambda other: f"line {other.id + 1:,}")
    return next((one for one in found if one.code == group.cause.code), None)


def _as_text(session: Session, group: Group) -> str:
    """`412 records: CUR003 the message has no `content` (at /messages/*)`, and a line with an example."""
    cause = group.cause
    where = f" (at {cause.shape})" if cause.shape else ""
    head = f"{group.count:,} record{'' if group.count == 1 else 's'}: {cause.code} {cause.sentence}{where}"
    path = session.data.sources[group.source].path
    finding = _example(session, group)
    example = f": {finding.sentence}" if finding else ""
    return f"{output.printable(head)}\n    {output.printable(f'{path}:{group.record + 1}{example}')}"


def _as_json(session: Session, group: Group) -> str:
    """One JSON object."""
    finding = _example(session, group)
    return json.dumps(
        {
            "code": group.cause.code,
            "severity": group.cause.severity.value,
            "records": group.count,
            "message": group.cause.sentence,
            "pointer": group.cause.shape,
            "example": {
                "path": str(session.data.sources[group.source].path),
                "line": group.record + 1,
                "pointer": finding.pointer if finding else "",
                "message": finding.sentence if finding else group.cause.sentence,
            },
        }
    )


def _file_as_text(path: Path, finding: Finding) -> str:
    """`train.jsonl: CUR008 31 examples: 50 or more are advised`."""
    return output.printable(f"{path}: {finding.code} {finding.sentence}")


def _file_as_json(path: Path, finding: Finding) -> str:
    """One JSON object, of no records and with the file as its example."""
    return json.dumps(
        {
            "code": finding.code,
            "severity": finding.severity.value,
            "records": 0,
            "message": finding.sentence,
            "pointer": "",
            "example": {"path": str(path), "line": None, "pointer": "", "message": finding.sentence},
        }
    )
