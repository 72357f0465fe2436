"""A record laid out in lines, lazily: only as many are made as somebody asks for. Pure, knows no widget."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from curator.analysis.findings import Finding, Severity
from curator.analysis.limits import OverLong
from curator.analysis.report import RecordReport
from curator.records.codec import Malformed, compact
from curator.records.conversation import Message
from curator.records.said import declared
from curator.session import Record
from curator.tui.context_cut import CUT, LOST, Cut, Divided, Trainer, cut_line, cut_of, not_taken
from curator.tui.layout_lines import CALLED, INDENT, Line, body, broken, json_body, of_item, restyled
from curator.tui.message_layout import message_lines
from curator.tui.visible import visible
from curator.tui.wrapping import wrap

FOLDED_LINES = 6
MASKED = {"text": "masked", "tool-text": "masked"}
"""The styles of what a message says, with those that they have where the trainer does not learn it."""

MOST_FINDINGS = 5
GLYPHS = {Severity.ERROR: "✗", Severity.WARNING: "!"}


class Item(NamedTuple):
    """What the cursor of the reader can be on."""

    kind: str
    """`message`, `tools` (all that are declared) or `key` (one beside the conversation)."""
    message: int = -1
    """The number of a message, from 0."""
    key: str = ""
    """The name of a key."""


class Marks(NamedTuple):
    """What the user said of messages, or did to them, by their number."""

    tags: Mapping[int, tuple[str, ...]] = {}
    edited: Collection[int] = ()


class Options(NamedTuple):
    """How a record is laid out."""

    width: int
    raw: bool = False
    """As JSON, token by token as the file spells it."""
    folded: bool = False
    """Long messages cut to their first lines."""
    open: frozenset[int] = frozenset()
    """The numbers of messages that are shown whole nevertheless."""


def item_count(record: Record, *, raw: bool = False) -> int:
    """How many items a record is laid out in: messages, declared tools, other keys; none for one shown as JSON."""
    conversation = record.conversation
    if raw or not conversation.messages:
        return 0
    return len(conversation.messages) + bool(conversation.tools) + len(conversation.other_keys)


def item_at(record: Record, number: int) -> Item:
    """The item of a number below `item_count`."""
    conversation = record.conversation
    if number < len(conversation.messages):
        return Item("message", message=number)
    number -= len(conversation.messages)
    if conversation.tools and number == 0:
        return Item("tools")
    return Item("key", key=conversation.other_keys[number - bool(conversation.tools)][0])


def lay_out(
    record: Record,
    options: Options,
    report: RecordReport | None,
    trainer: Trainer = Trainer(),  # noqa: B008 - immutable
    marks: Marks = Marks(),  # noqa: B008 - immutable
) -> Iterator[Line]:
    """The record's lines from first to last: what is wrong with it, then what it says."""
    if report is not None:
        yield from _findings(report, options.width)
    if isinstance(record.value, Malformed):
        yield from _malformed(record, record.value, options.width)
    elif options.raw or not record.conversation.messages:
        yield from json_body(record.body.decode("utf-8", "backslashreplace"), "text", options.width, indent="")
    else:
        yield from _trained(record, options, report, trainer, marks)
    if report is not None and len(report.findings) > MOST_FINDINGS:
        yield Line(())
        yield from _sentences(report.findings[MOST_FINDINGS:], options.width)


def _trained(
    record: Record, options: Options, report: RecordReport | None, trainer: Trainer, marks: Marks
) -> Iterator[Line]:
    """The conversation as the trainer would have it: cut, or lost as a whole, where it is too long."""
    cut = cut_of(report, trainer.limit) if report is not None else None
    if cut is None or report is None or trainer.over_long is OverLong.CUT:
        yield from _conversation(record, options, cut, trainer, marks)
        return
    yield from not_taken(trainer, report.tokens, options.width)
    yield from restyled(_conversation(record, options, None, trainer, marks), LOST)


def _findings(report: RecordReport, width: int) -> Iterator[Line]:
    findings = report.findings
    yield from _sentences(findings[:MOST_FINDINGS], width)
    if len(findings) > MOST_FINDINGS:
        yield Line(((f"  and {len(findings) - MOST_FINDINGS:,} more, at the end of the record", "quiet"),))
    told = {finding.message for finding in findings}
    for loss in [one for one in report.losses if one not in told][:MOST_FINDINGS]:
        yield from body(f"Re-encoding would change it: {loss}.", "warning", width)
    if findings or report.losses:
        yield Line(())


def _sentences(findings: Iterable[Finding], width: int) -> Iterator[Line]:
    for finding in findings:
        glyph = GLYPHS[finding.severity]
        text = visible(f"{finding.sentence} ({finding.code})").replace("\n", "⏎")
        for number, line in enumerate(wrap(text, max(1, width - 2))):
            yield Line(((f"{glyph if not number else ' '} {line}", finding.severity.value),))


def _malformed(record: Record, fault: Malformed, width: int) -> Iterator[Line]:
    """The line as it stands, the character at fault marked."""
    text = record.body.decode("utf-8", "backslashreplace")
    unreadable = fault.code == "CUR034"
    before = (
        record.body[: fault.column - 1].decode("utf-8", "backslashreplace") if unreadable else text[: fault.column - 1]
    )
    shown = visible(text) or " "
    at = min(len(visible(before)), len(shown) - 1)
    for start, end, joint in broken(shown, width):
        if start <= at < end or at == end == len(shown):
            pieces: tuple[tuple[str, str], ...]
            pieces = ((shown[start:at], "text"), (shown[at : at + 1], "fault"), (shown[at + 1 : end], "text"))
        else:
            pieces = ((shown[start:end], "text"),)
        yield Line(tuple(piece for piece in pieces if piece[0]), joint=joint, escaped=True)


def _conversation(record: Record, options: Options, cut: Cut | None, trainer: Trainer, marks: Marks) -> Iterator[Line]:
    callers = {
        call.call_id: call.name for one in record.conversation.messages for call in one.tool_calls if call.call_id
    }
    section = ""
    for number, message in enumerate(record.conversation.messages):
        lost = cut is not None and number > cut.message
        folded = options.folded and number not in options.open
        if message.section != section:
            section = message.section
            yield Line(((f"── {section} ", "section"),))
        yield Line((*_title(message, callers, lost=lost), *_marks(marks, number)), message=number, item=number)
        if cut is not None and number == cut.message:
            lines = _cut(message, cut, trainer.limit_of, options, folded=folded)
        else:
            plain = message_lines(message, options.width)
            lines = _folded(plain) if folded else plain
        yield from of_item(number, restyled(lines, LOST) if lost else lines if trainer.learns(number) else _dim(lines))
        yield Line(())
    yield from _rest(record, options.width)


def _cut(message: Message, cut: Cut, limit_of: str, options: Options, *, folded: bool) -> Iterator[Line]:
    """The message in which the context ends; the line across is there even where it is folded away."""
    divided = Divided(lambda: cut_line(cut, limit_of, options.width), cut.character)
    lines = message_lines(message, options.width, divided, cut.piece)
    if not folded:
        yield from lines
        return
    across = False
    for line in _folded(lines):
        across |= any(style == CUT for _, style in line.spans)
        yield line
    if not across:
        yield from cut_line(cut, limit_of, options.width)


def _dim(lines: Iterator[Line]) -> Iterator[Line]:
    """The lines with what they say in the style of what is not learnt."""
    for line in lines:
        yield line._replace(spans=tuple((text, MASKED.get(style, style)) for text, style in line.spans))


def _marks(marks: Marks, number: int) -> Iterator[tuple[str, str]]:
    """What stands behind the role of a message that was edited or has tags."""
    if number in marks.edited:
        yield "  ~ edited", "edited"
    if tags := marks.tags.get(number):
        yield visible(f"  {'tag' if len(tags) == 1 else 'tags'}: {', '.join(tags)}").replace("\n", "⏎"), "tag"


def _title(message: Message, callers: dict[str, str], *, lost: bool) -> Iterator[tuple[str, str]]:
    """The role, and who is called or who answers; names that are told nowhere else have a style of their own."""
    role, name = ("lost-title", LOST) if lost else (f"role-{message.role}", CALLED)
    calls = message.tool_calls
    pieces = [(message.role, role)]
    if message.name:
        pieces += (" (", role), (message.name, name), (")", role)
    if calls:
        pieces += (" → ", role), (", ".join(call.name for call in calls), name if len(calls) == 1 else role)
    if message.tool_call_id:
        pieces.append((f" ← {callers.get(message.tool_call_id, message.tool_call_id)}", role))
    return ((visible(text).replace("\n", " "), style) for text, style in pieces)


def _folded(lines: Iterator[Line]) -> Iterator[Line]:
    yield from islice(lines, FOLDED_LINES)
    if next(lines, None) is not None:
        yield Line(((f"{INDENT}… more; z unfolds", "quiet"),), folded=True)


def _rest(record: Record, width: int) -> Iterator[Line]:
    """The declared tools, and keys that are no part of the conversation."""
    conversation = record.conversation
    item = len(conversation.messages)
    if conversation.tools:
        yield Line((("tools declared", "section"),), item=item)
        for tool in conversation.tools:
            text, is_json = declared(tool)
            yield from of_item(item, body(text, "quiet", width, escaped=is_json))
        item += 1
    if conversation.other_keys:
        yield Line((("other keys", "section"),))
        for number, (key, value) in enumerate(conversation.other_keys, item):
            yield from of_item(number, body(f"{key}: {compact(value)}", "quiet", width, escaped=True))
