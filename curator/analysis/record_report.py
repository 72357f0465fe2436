"""The audit of one record in detail: what the reader shows beside it."""

from __future__ import annotations

from curator.analysis.analyst import analyst_for
from curator.analysis.report import AuditSpec, Flag, RecordReport
from curator.records.codec import Malformed, decode, line_body, losses


def analyse_record(line: bytes, spec: AuditSpec) -> RecordReport:
    """Audit one line with the code of the audit, and count each of its messages. `spec.explain` has to be set."""
    analyst = analyst_for(spec)
    body = line_body(line)
    report = analyst.report([line.removesuffix(b"\n")], 1)
    tokens, trained = report.columns.tokens[0], report.columns.trained[0]
    value = decode(body)
    by_message = [] if isinstance(value, Malformed) or not isinstance(value, dict) else analyst.by_message(value)
    return RecordReport(
        tokens,
        trained,
        tuple(one for one, _ in by_message),
        tuple(one for _, one in by_message),
        tokens - sum(one for one, _ in by_message),
        bool(report.columns.flags[0] & Flag.ESTIMATED),
        tuple(sorted((finding for _, finding in report.explained), key=lambda finding: finding.severity)),
        report.counter,
        report.columns,
        tuple(losses(body)),
    )
