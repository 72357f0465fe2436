"""The audit of one record in detail: what the reader shows beside it."""

from __future__ import annotations

from curator.analysis.analyst import analyst_for
from curator.analysis.context_end import context_end
from curator.analysis.record_counting import MessageTokens
from curator.analysis.report import AuditSpec, Flag, RecordReport
from curator.records.codec import decode, line_body, losses

NOTHING = MessageTokens([], 0, ())


def analyse_record(line: bytes, spec: AuditSpec) -> RecordReport:
    """Audit one line with the code of the audit, and count each of its messages. `spec.explain` has to be set."""
    analyst = analyst_for(spec)
    body = line_body(line)
    report = analyst.report([line.removesuffix(b"\n")], 1)
    tokens, trained = report.columns.tokens[0], report.columns.trained[0]
    value = decode(body)
    cut = None
    by_message = NOTHING
    if isinstance(value, dict):
        by_message = analyst.by_message(value)
        if 0 < spec.limit < tokens:
            cut = context_end(value, analyst.dialect_of(value), analyst.counting, by_message, spec.limit)
    return RecordReport(
        tokens,
        trained,
        tuple(one for one, _ in by_message.each),
        tuple(one for _, one in by_message.each),
        tokens - sum(one for one, _ in by_message.each),
        bool(report.columns.flags[0] & Flag.ESTIMATED),
        tuple(sorted((finding for _, finding in report.explained), key=lambda finding: finding.severity)),
        report.counter,
        report.columns,
        tuple(losses(body)),
        cut,
    )
