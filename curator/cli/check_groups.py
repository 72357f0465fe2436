"""curator check --group: what is wrong, cause by cause."""

from __future__ import annotations

import json

from curator.analysis.findings import Severity
from curator.cli import output
from curator.cli.audit_run import audited, causes
from curator.cli.edited_file import excused, tell_unsaved
from curator.cli.exit_codes import Exit
from curator.errors import UsageError
from curator.session import Session
from curator.session.causes import Group


def report_groups(session: Session, form: str, fail_on: Severity) -> Exit:
    """Audit the files, and report each cause with its number of records and an example, the most frequent first.

    Raises UsageError for a form that names single lines.
    """
    if form not in ("text", "json"):
        raise UsageError(f"--format {form} names single lines; with --group it is text or json.")
    for _ in audited(session):
        pass
    lines = excused(session)
    groups = causes(session, {one.number: lines[one.opened.path] for one in session.sources}).ranked()
    for group in groups:
        output.data(_as_json(session, group) if form == "json" else _as_text(session, group))
    totals = session.totals
    number = f"{len(groups):,} cause{'' if len(groups) == 1 else 's'}" if groups else "nothing found"
    output.talk(f"{totals.records:,} records, {number}.")
    tell_unsaved(session, "check")
    severities = {group.cause.severity for group in groups}
    failing = Severity.ERROR in severities or (fail_on is Severity.WARNING and severities)
    return Exit.FINDINGS if failing else Exit.CLEAN


def _as_text(session: Session, group: Group) -> str:
    """`412 records: CUR003 the message has no `content` (at /messages/*)`, and a line with an example."""
    cause = group.cause
    where = f" (at {cause.shape})" if cause.shape else ""
    head = f"{group.count:,} record{'' if group.count == 1 else 's'}: {cause.code} {cause.sentence}{where}"
    path = session.data.sources[group.source].path
    example = f": {group.finding.sentence}" if group.finding else ""
    return f"{output.printable(head)}\n    {output.printable(f'{path}:{group.record + 1}{example}')}"


def _as_json(session: Session, group: Group) -> str:
    """One JSON object."""
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
                "pointer": group.finding.pointer if group.finding else "",
                "message": group.finding.sentence if group.finding else group.cause.sentence,
            },
        }
    )
