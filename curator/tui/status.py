"""What the bars say of a session; no widgets."""

from __future__ import annotations

import time

from curator.analysis.report import RecordReport
from curator.session import Record, Session, dollars
from curator.tui.figures import duration, meter, short
from curator.tui.visible import one_line
from curator.tui.widgets.bars import Segment

METER_CELLS = 12
LONGEST_NAME = 60


def file_segment(session: Session) -> Segment:
    """The name of what is open."""
    sources = session.data.sources
    name = one_line(sources[0].path.name, LONGEST_NAME)
    more = f" and {len(sources) - 1} more" if len(sources) > 1 else ""
    return Segment(f"{name}{more}", f"{name}{more}", "strong")


def position_segment(session: Session, position: int) -> Segment:
    """Where the cursor is."""
    known = len(session.data)
    if not known:
        return Segment("no records", "no records", "quiet")
    of = f"{known:,}" if session.data.indexed else f"{known:,}… (indexing)"
    return Segment(f"line {position + 1:,} of {of}", f"{position + 1:,} of {of}")


def progress_segment(session: Session, started: float) -> Segment:
    """How far the audit is, and how long it will still take."""
    if session.complete:
        counted = f", counted by {session.counter}" if session.counter else ""
        return Segment(f"audit complete{counted}", "audit complete", "quiet")
    done, total = session.audited_bytes, max(1, session.data.bytes)
    share = done / total
    elapsed = time.monotonic() - started
    left = f"  {duration(elapsed / share - elapsed)} left" if share > 0.02 and elapsed > 1 else ""
    rate = f"  {short(round(done / elapsed))}B/s" if done and elapsed > 1 else ""
    percent = f"{share:.0%}"
    return Segment(f"audit {meter(share, METER_CELLS)} {percent}{rate}{left}", f"audit {percent}")


def totals_segments(session: Session) -> tuple[Segment, ...]:
    """The sums, in the order in which they give way."""
    totals = session.totals
    about = "≈" if totals.estimated else ""
    so_far = () if session.complete else (Segment("so far", "…", "quiet"),)
    return (
        *so_far,
        Segment(f"{totals.records:,} records", f"{short(totals.records)} rec"),
        Segment(f"{totals.messages:,} messages", ""),
        Segment(f"{about}{short(totals.tokens)} tokens", f"{about}{short(totals.tokens)} tok"),
        Segment(f"{about}{short(totals.trained_tokens)} trained", ""),
        Segment(f"{about}{short(totals.billed_tokens)} billed", ""),
        _counted(totals.over_context, "over", "over"),
        _counted(totals.malformed, "malformed", "broken"),
        _counted(totals.invalid, "invalid", "inv"),
    )


def _counted(number: int, long: str, brief: str) -> Segment:
    tone = "error" if number else "quiet"
    return Segment(f"{number:,} {long}", f"{short(number)} {brief}", tone)


def cost_segments(session: Session) -> tuple[Segment, ...]:
    """The model, the epochs and what training costs."""
    cost = session.cost(session.totals)
    known = cost.training is not None
    money = dollars(cost.training)
    return (
        Segment(f"{session.model.id} x {cost.epochs} epochs", ""),
        Segment(money if known else "cost not known", money if known else "", "strong"),
    )


def summary(record: Record | None, report: RecordReport | None, *, several: bool) -> tuple[Segment, ...]:
    """What the shown record is; `several` says that there is more than one file."""
    if record is None:
        return (Segment("no records in this file", "no records in this file", "quiet"),)
    number = f"#{record.position + 1:,}"
    place = f"{one_line(record.path.name, LONGEST_NAME)}:{record.line_number:,}" if several else number
    messages = len(record.conversation.messages)
    what = f"{record.dialect.name}   {_plural(messages, 'message')}" if messages else "not a conversation"
    figures: tuple[Segment, ...] = ()
    if report is not None and messages:
        about = "≈" if report.estimated else ""
        figures = (Segment(f"{about}{_plural(report.tokens, 'token')}", f"{about}{short(report.tokens)} tok"),)
    return Segment(place, number, "strong"), Segment(what, what), *figures


def _plural(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
