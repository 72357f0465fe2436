"""What the bars say of a session; no widgets."""

from __future__ import annotations

import time
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from curator.analysis.findings import Severity
from curator.analysis.lint.rules import BY_CODE
from curator.analysis.report import RecordReport
from curator.session import Record, Row, Session, Standing, dollars
from curator.session.listing import ALL
from curator.storage.source import STDIN
from curator.tui.figures import duration, meter, plural, short
from curator.tui.visible import one_line
from curator.tui.widgets.bars import Segment

if TYPE_CHECKING:
    from curator.session.editable import Editable

METER_CELLS = 12
LONGEST_NAME, SHORT_NAME = 60, 16
LONGEST_NOTE = 120
LONGEST_FILTER = 60
SHORT_FILTER, SHORT_ORDER = 16, 10


def file_segment(session: Session) -> Segment:
    """The name of what is open."""
    sources = session.data.sources
    name = "standard input" if sources[0].path == STDIN else one_line(sources[0].path.name, LONGEST_NAME)
    more = f" and {len(sources) - 1} more" if len(sources) > 1 else ""
    brief = f" +{len(sources) - 1}" if more else ""
    return Segment(f"{name}{more}", f"{one_line(name, SHORT_NAME)}{brief}", "strong")


def view_segments(session: Session) -> Iterator[Segment]:
    """Which records are listed, and in which order, if it is not all of them in the order of the files."""
    view = session.listing.view
    if view.title:
        from curator.session.filtering import asks_figures

        number, of = len(session), session.listing.number_of_all
        far = "" if session.complete or not asks_figures(view.predicate) else " so far"
        count = f"{number:,} of {of:,}{far}"
        title = one_line(view.title, LONGEST_FILTER)
        brief = one_line(view.title, SHORT_ORDER if view.order_title else SHORT_FILTER)
        yield Segment(f"{count} where {title}", f"{short(number)} of {short(of)}: {brief}", "warning")
    if view.order_title:
        by = one_line(view.order_title, LONGEST_FILTER)
        yield Segment(f"sorted by {by}", f"by {one_line(view.order_title, SHORT_ORDER)}", "warning")


def none_matches(session: Session) -> Segment:
    """What stands in place of a record where the filter lists none."""
    from curator.session.filtering import asks_figures

    if session.complete or not asks_figures(session.listing.view.predicate):
        return Segment("no record matches the filter", "none matches", "quiet")
    return Segment("no record that was audited so far matches the filter", "none so far", "quiet")


def position_segment(session: Session, position: int) -> Segment:
    """Where the cursor is."""
    known = len(session)
    if not known:
        return Segment("no records", "no records", "quiet")
    if not session.data.whole:
        of = f"{known:,}… so far"
    else:
        of = f"{known:,}" if session.data.indexed else f"{known:,}… (indexing)"
    if session.listing.view is not ALL:
        return Segment(f"{position + 1:,} of {of}", f"at {position + 1:,}")
    return Segment(f"line {position + 1:,} of {of}", f"{position + 1:,} of {of}")


def progress_segment(session: Session, started: float) -> Segment:
    """How far the audit is, and how long it will still take."""
    if session.complete:
        counted = f", counted by {session.counter}" if session.counter else ""
        return Segment(f"audit complete{counted}", "audit complete", "quiet")
    if coming := [one.source for one in session.data.sources if not one.source.whole]:
        share = sum(one.share for one in coming) / len(coming)
        word = "reading standard input" if coming[0].path == STDIN else "unpacking"
        there = short(sum(one.size for one in coming))
        percent = f" {share:.0%}" if share else ""
        return Segment(f"{word}{percent}: {there}B so far", f"{word}{percent}")
    done, total = session.audited_bytes, max(1, session.data.bytes)
    share = done / total
    elapsed = time.monotonic() - started
    left = f"  {duration(elapsed / share - elapsed)} left" if share > 0.02 and elapsed > 1 else ""
    rate = f"  {short(round(done / elapsed))}B/s" if done and elapsed > 1 else ""
    percent = f"{share:.0%}"
    return Segment(f"audit {meter(share, METER_CELLS)} {percent}{rate}{left}", f"audit {percent}")


def totals_segments(session: Session) -> tuple[Segment, ...]:
    """The sums, in the order in which they give way; those of the records that are chosen come first."""
    totals = session.totals
    about = "≈" if totals.estimated or session.estimated else ""
    so_far = () if session.complete else (Segment("so far", "…", "quiet"),)
    return (
        *_chosen_segments(session),
        *so_far,
        Segment(f"{totals.records:,} records", f"{short(totals.records)} rec"),
        Segment(f"{totals.messages:,} messages", ""),
        Segment(f"{about}{short(totals.tokens)} tokens", f"{about}{short(totals.tokens)} tok"),
        Segment(f"{about}{short(totals.trained_tokens)} trained", ""),
        Segment(f"{about}{short(totals.billed_tokens)} billed", ""),
        _counted(totals.over_context, "over", "over"),
        _counted(totals.malformed, "malformed", "broken"),
        _counted(totals.invalid, "invalid", "inv"),
        *_on_files(session),
    )


def _chosen_segments(session: Session) -> Iterator[Segment]:
    """What the chosen records add up to, once that is known; until then how many they are.

    While the audit has not come to all of them, the sums are those so far.
    """
    chosen = session.chosen
    number = len(chosen)
    if not number:
        return
    totals = chosen.totals
    sign = "●" if chosen.word == "marked" else " rec"
    if not chosen.settled:
        yield Segment(f"{number:,} {chosen.word}: …", f"{short(number)}{sign} …", "strong")
        return
    about = "≈" if totals.estimated else ""
    tokens = f"{about}{short(totals.tokens)}"
    cost = session.cost_beside(totals)
    money = "" if cost is None else dollars(cost)
    word = "token" if totals.tokens == 1 else "tokens"
    far, brief = ("", "") if session.complete or totals.records >= number else (" so far", "…")
    yield Segment(
        f"{number:,} {chosen.word}: {', '.join(filter(None, (f'{tokens} {word}', money)))}{far}",
        " ".join(filter(None, (f"{short(number)}{sign}", tokens, money))) + brief,
        "strong",
    )


def _on_files(session: Session) -> tuple[Segment, ...]:
    """How much is to be said of the files as such; `curator check` says it."""
    found = [finding for source in session.sources for finding in source.file_wide.on_file]
    if not found:
        return ()
    tone = "error" if any(finding.severity is Severity.ERROR for finding in found) else "warning"
    of_all = "file" if len(session.sources) == 1 else "files"
    return (Segment(f"{len(found):,} on the {of_all}", f"{len(found):,} on {of_all}", tone, whole=True),)


def _counted(number: int, long: str, brief: str) -> Segment:
    tone = "error" if number else "quiet"
    return Segment(f"{number:,} {long}", f"{short(number)} {brief}", tone, whole=True)


def cost_segments(session: Session) -> tuple[Segment, ...]:
    """The model, the epochs and what training costs; and what edits have made of it since the files were opened."""
    cost = session.cost(session.totals)
    known = cost.training is not None
    money = dollars(cost.training)
    target = session.aim.target
    return (
        *((Segment(f"for {target.title}", f"for {target.name}", "strong"),) if target else ()),
        Segment(f"{session.model.id} x {plural(cost.epochs, 'epoch')}", ""),
        Segment(money if known else "cost not known", money if known else "", "strong"),
        *_change_segments(session),
    )


def _change_segments(session: Session) -> Iterator[Segment]:
    """How tokens and cost have changed since opening; nothing where they have not."""
    change = session.change_since_opening
    if change is None:
        return
    now, before = session.totals, session.totals
    before.subtract(change)
    new, old = session.cost(now).training, session.cost(before).training
    paid = Decimal(0) if new is None or old is None else new - old
    tokens = now.tokens - before.tokens
    if not tokens and not paid:
        return
    parts = changed_by(tokens, before.tokens, "tokens"), f"{'+' if paid > 0 else ''}{dollars(paid)}" if paid else ""
    brief = changed_by(tokens, before.tokens, "tok"), parts[1]
    yield Segment(f"{', '.join(filter(None, parts))} since opening", " ".join(filter(None, brief)), "warning")


def changed_by(more: int, before: int, what: str) -> str:
    """A change in proportion, such as `-18 % tokens`; as a number where that says more. Empty where there is none."""
    if not more:
        return ""
    share = 100 * more / before if before else 0.0
    places = 0 if abs(share) >= 1 else 1
    if round(abs(share), places) < 0.1:
        return f"{'-' if more < 0 else '+'}{short(abs(more))} {what}"
    return f"{share:+,.{places}f} % {what}"


def edits_segments(session: Session) -> tuple[Segment, ...]:
    """What was done that the files do not hold yet, how far the review is, and why nothing can be changed."""
    edited = sum(len(source.edited.unsaved) for source in session.sources)
    dropped = sum(len(source.edited.dropped_since) for source in session.sources)
    reviewed = sum(len(source.edited.overlay.labels.reviewed) for source in session.sources)
    read_only = any(source.edited.read_only for source in session.sources)
    segments = [
        Segment("read only", "read only", "warning") if read_only else None,
        Segment(f"{edited:,} edited", f"{short(edited)}~", "warning") if edited else None,
        Segment(f"{dropped:,} dropped", f"{short(dropped)}-", "warning") if dropped else None,
        Segment(
            f"{reviewed:,} reviewed ({reviewed / max(1, session.listing.number_of_all):.0%})", f"{short(reviewed)} rev"
        )
        if reviewed
        else None,
    ]
    return tuple(one for one in segments if one)


def editing_segments(
    what: Editable, report: RecordReport | None, before: Row | None, fault: str
) -> tuple[Segment, ...]:
    """What is being edited, and what it takes as it stands."""
    title = Segment(what.title, what.title, "strong")
    if fault:
        return title, wrong_segment(fault)
    if report is None:
        return (title,)
    about = "≈" if report.estimated else ""
    change = report.tokens - before.tokens if before else 0
    total = Segment(
        f"record {about}{plural(report.tokens, 'token')}{f' ({change:+,})' if change else ''}",
        f"{about}{short(report.tokens)} tok",
    )
    message: tuple[Segment, ...] = ()
    if what.what in ("message", "insert") and what.message < len(report.message_tokens):
        tokens = report.message_tokens[what.message]
        message = (Segment(f"{about}{plural(tokens, 'token')}", f"{short(tokens)}"),)
    there = before.findings if before else 0
    errors = [
        one.message for one in report.findings if one.severity is Severity.ERROR and not there & BY_CODE[one.code].bit
    ]  # not what was wrong before, and a text that is not finished yet is warned of soon enough
    wrong = tuple(map(wrong_segment, errors[:1]))
    return title, *message, total, *wrong


def wrong_segment(sentence: str) -> Segment:
    """What is wrong with a text that is being edited."""
    return Segment(f"✗ {one_line(sentence, 200)}", f"✗ {one_line(sentence, LONGEST_NAME)}", "error")


def summary(
    record: Record | None,
    report: RecordReport | None,
    standing: Standing | None = None,
    *,
    several: bool,
    estimated: bool = False,
) -> tuple[Segment, ...]:
    """What the shown record is; `several` says that there is more than one file, `estimated` that all counts are."""
    if record is None:
        return (Segment("no records in this file", "no records in this file", "quiet"),)
    number = f"#{record.number:,}"
    line = "new" if record.line_number is None else f"{record.line_number:,}"
    place = f"{one_line(record.path.name, LONGEST_NAME)}:{line}" if several else number
    messages = len(record.conversation.messages)
    what = f"{record.dialect.name}   {plural(messages, 'message')}" if messages else "not a conversation"
    figures: tuple[Segment, ...] = ()
    if report is not None and messages:
        about = "≈" if report.estimated or estimated else ""
        figures = (Segment(f"{about}{plural(report.tokens, 'token')}", f"{about}{short(report.tokens)} tok"),)
    return Segment(place, number, "strong"), Segment(what, what), *figures, *_standing(standing)


def _standing(standing: Standing | None) -> Iterator[Segment]:
    """What was done to the record, and said of it."""
    if standing is None:
        return
    if standing.dropped:
        yield Segment("dropped", "dropped", "warning")
    elif standing.derived or standing.edited:
        word = "new" if standing.derived else "edited"
        yield Segment(word, word, "warning")
    if standing.verdict:
        yield Segment(standing.verdict, standing.verdict, "strong")
    if standing.tags:
        tags = one_line(", ".join(standing.tags), LONGEST_NAME)
        yield Segment(f"{'tag' if len(standing.tags) == 1 else 'tags'}: {tags}", tags)
    if standing.note:
        note = one_line(standing.note, LONGEST_NOTE)
        yield Segment(f"note: {note}", note, "quiet")
