"""A record laid out in lines, lazily: only as many are made as somebody asks for. Pure, knows no widget."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import accumulate, islice
from typing import NamedTuple

from rich.cells import cell_len

from curator.analysis.findings import Finding, Severity
from curator.analysis.report import RecordReport
from curator.records.codec import Malformed, compact
from curator.records.conversation import Message, Part, ToolCall
from curator.session import Record
from curator.tui.json_layout import pretty
from curator.tui.visible import visible
from curator.tui.wrapping import spans, wrap

INDENT = "  "
FOLDED_LINES = 6
PIECE = 1 << 16
"""Characters that are made visible at once, and up to the end of the line that they end in."""

MOST_FINDINGS = 5
GLYPHS = {Severity.ERROR: "✗", Severity.WARNING: "!"}
SHORT_ARGUMENTS = 200


class Line(NamedTuple):
    """A line of the reader: pieces of visible text with the names of their styles."""

    spans: tuple[tuple[str, str], ...]
    message: int = -1
    """The message that the line is the header of, whose tokens stand at its right edge; else -1."""
    item: int = -1
    """The item that the line belongs to, as `item_at` counts them; -1 for lines around and between them."""


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


class Cut(NamedTuple):
    """Where the model's longest example ends."""

    message: int
    lost: int
    """Trained tokens that come after it."""
    limit: int


def cut_of(report: RecordReport, limit: int) -> Cut | None:
    """The message inside which the limit falls, or None if the record fits or its messages are not counted."""
    if not limit or report.tokens <= limit or not report.message_tokens:
        return None
    ends = accumulate(report.message_tokens, initial=report.overhead)
    for place, end in enumerate(islice(ends, 1, None)):
        if end > limit:
            lost = min(report.trained_message_tokens[place], end - limit)
            return Cut(place, lost + sum(report.trained_message_tokens[place + 1 :]), limit)
    return None


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
    limit: int,
    model: str,
    marks: Marks = Marks(),  # noqa: B008 - immutable
) -> Iterator[Line]:
    """The record's lines from first to last: what is wrong with it, then what it says."""
    if report is not None:
        yield from _findings(report, options.width)
    cut = cut_of(report, limit) if report else None
    if isinstance(record.value, Malformed):
        yield from _malformed(record, record.value, options.width)
    elif options.raw or not record.conversation.messages:
        yield from _json(record.body.decode("utf-8", "backslashreplace"), "text", options.width, indent="")
    else:
        yield from _conversation(record, options, cut, model, marks)
    if report is not None and len(report.findings) > MOST_FINDINGS:
        yield Line(())
        yield from _sentences(report.findings[MOST_FINDINGS:], options.width)


def _findings(report: RecordReport, width: int) -> Iterator[Line]:
    findings = report.findings
    yield from _sentences(findings[:MOST_FINDINGS], width)
    if len(findings) > MOST_FINDINGS:
        yield Line(((f"  and {len(findings) - MOST_FINDINGS:,} more, at the end of the record", "quiet"),))
    told = {finding.message for finding in findings}
    for loss in [one for one in report.losses if one not in told][:MOST_FINDINGS]:
        yield from _body(f"Re-encoding would change it: {loss}.", "warning", width)
    if findings or report.losses:
        yield Line(())


def _sentences(findings: Iterable[Finding], width: int) -> Iterator[Line]:
    for finding in findings:
        glyph = GLYPHS[finding.severity]
        text = visible(f"{sentence(finding)} ({finding.code})").replace("\n", "⏎")
        for number, line in enumerate(wrap(text, max(1, width - 2))):
            yield Line(((f"{glyph if not number else ' '} {line}", finding.severity.value),))


def sentence(finding: Finding) -> str:
    """The finding with its place in words: `message 4: the role ...`."""
    tokens = finding.pointer.split("/")[1:]
    for place, token in enumerate(tokens):
        if token.isdecimal() and place and tokens[place - 1] in ("messages", "conversations"):
            rest = "/".join(tokens[place + 1 :])
            return f"message {int(token) + 1}{f', {rest}' if rest else ''}: {finding.message}"
    return f"{'/'.join(tokens)}: {finding.message}" if tokens else finding.message


def _malformed(record: Record, fault: Malformed, width: int) -> Iterator[Line]:
    """The line as it stands, the character at fault marked."""
    text = record.body.decode("utf-8", "backslashreplace")
    unreadable = fault.code == "CUR034"
    before = (
        record.body[: fault.column - 1].decode("utf-8", "backslashreplace") if unreadable else text[: fault.column - 1]
    )
    shown = visible(text) or " "
    at = min(len(visible(before)), len(shown) - 1)
    for start, end in spans(shown, width):
        if start <= at < end or at == end == len(shown):
            pieces = ((shown[start:at], "text"), (shown[at : at + 1], "fault"), (shown[at + 1 : end], "text"))
            yield Line(tuple(piece for piece in pieces if piece[0]))
        else:
            yield Line(((shown[start:end], "text"),))


def _json(text: str, style: str, width: int, indent: str = INDENT) -> Iterator[Line]:
    for line in pretty(text):
        yield from _body(line, style, width, indent)


def _body(text: str, style: str, width: int, indent: str = INDENT) -> Iterator[Line]:
    for piece in _pieces(text):
        for line in wrap(visible(piece), max(1, width - len(indent))):
            yield Line(((f"{indent}{line}", style),))


def _pieces(text: str) -> Iterator[str]:
    """The text in pieces that end at a line's end, so that a long one is not made visible before it is wanted."""
    start = 0
    while len(text) - start > PIECE:
        end = text.find("\n", start + PIECE)
        if end < 0:
            break
        yield text[start:end]
        start = end + 1
    yield text[start:]


def _conversation(record: Record, options: Options, cut: Cut | None, model: str, marks: Marks) -> Iterator[Line]:
    callers = {
        call.call_id: call.name for one in record.conversation.messages for call in one.tool_calls if call.call_id
    }
    section = ""
    for number, message in enumerate(record.conversation.messages):
        if message.section != section:
            section = message.section
            yield Line(((f"── {section} ", "section"),))
        title = (_title(message, callers), f"role-{message.role}")
        yield Line((title, *_marks(marks, number)), message=number, item=number)
        lines = _message(message, options.width)
        if cut and number == cut.message:
            yield from _of_item(number, _cut_lines(cut, model, options.width))
        yield from _of_item(number, _folded(lines) if options.folded else lines)
        yield Line(())
    yield from _rest(record, options.width)


def _of_item(item: int, lines: Iterator[Line]) -> Iterator[Line]:
    return (line._replace(item=item) for line in lines)


def _marks(marks: Marks, number: int) -> Iterator[tuple[str, str]]:
    """What stands behind the role of a message that was edited or has tags."""
    if number in marks.edited:
        yield "  ~ edited", "edited"
    if tags := marks.tags.get(number):
        yield visible(f"  {'tag' if len(tags) == 1 else 'tags'}: {', '.join(tags)}").replace("\n", "⏎"), "tag"


def _title(message: Message, callers: dict[str, str]) -> str:
    """The role, and who is called or who answers."""
    parts = [message.role]
    if message.name:
        parts.append(f"({message.name})")
    if message.tool_calls:
        parts.append("→ " + ", ".join(call.name for call in message.tool_calls))
    if message.tool_call_id:
        parts.append(f"← {callers.get(message.tool_call_id, message.tool_call_id)}")
    return visible(" ".join(parts)).replace("\n", " ")


def _cut_lines(cut: Cut, model: str, width: int) -> Iterator[Line]:
    lost = f": {cut.lost:,} trained tokens are lost from here on" if cut.lost else ""
    text = f"╌╌ the context of {model} ({cut.limit:,} tokens) ends inside this message{lost} ╌╌"
    yield from (Line(((line, "cut"),)) for line in wrap(text, width))


def _folded(lines: Iterator[Line]) -> Iterator[Line]:
    yield from islice(lines, FOLDED_LINES)
    if next(lines, None) is not None:
        yield Line(((f"{INDENT}… more; z unfolds", "quiet"),))


def _message(message: Message, width: int) -> Iterator[Line]:
    for part in message.parts:
        yield from _part(message, part, width)
    for call in message.tool_calls:
        yield from _call(call, width, named=len(message.tool_calls) > 1)


def _part(message: Message, part: Part, width: int) -> Iterator[Line]:
    match part.kind:
        case "image":
            yield from _body(_image(part), "quiet", width)
        case "other":
            yield from _json(part.text, "quiet", width)
        case "refusal":
            yield from _body(f"refusal: {part.text}", "text", width)
        case _ if message.role in ("tool", "function") and part.text[:1] in ("{", "["):
            yield from _json(part.text, "tool-text", width)
        case _:
            yield from _body(part.text, "text", width)


def _image(part: Part) -> str:
    detail = f", {part.detail} detail" if part.detail else ""
    if part.text.startswith("data:"):
        kind, _, body = part.text.partition(",")
        kind = kind.removeprefix("data:").removesuffix(";base64")
        return f"[image: {kind}, {len(body) * 3 // 4:,} bytes in the record{detail}]"
    return f"[image: {part.text}{detail}]"


def _call(call: ToolCall, width: int, *, named: bool) -> Iterator[Line]:
    if named:
        yield Line(((f"{INDENT}→ {visible(call.name)}", "argument-name"),))
    plain = _plain_arguments(call.arguments)
    if plain is None:
        yield from _json(call.arguments, "tool-text", width)
        return
    line: list[tuple[str, str]] = []
    used = 0
    for name, value in plain:
        needed = cell_len(name) + cell_len(value) + 5
        if line and used + needed > width - len(INDENT):
            yield Line(tuple(line))
            line, used = [], 0
        line += [(f"{INDENT}{name}  ", "argument-name"), (f"{value} ", "tool-text")]
        used += needed
    if line:
        yield Line(tuple(line))


def _plain_arguments(text: str) -> list[tuple[str, str]] | None:
    """Names and values of arguments that are few and short; None for others, which are laid out as JSON."""
    if len(text) > SHORT_ARGUMENTS:
        return None
    try:
        arguments = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(arguments, dict) or any(isinstance(value, dict | list) for value in arguments.values()):
        return None
    shown = ((name, value if isinstance(value, str) else compact(value)) for name, value in arguments.items())
    return [(visible(name).replace("\n", "⏎"), visible(value).replace("\n", "⏎")) for name, value in shown]


def _rest(record: Record, width: int) -> Iterator[Line]:
    """The declared tools, and keys that are no part of the conversation."""
    conversation = record.conversation
    item = len(conversation.messages)
    if conversation.tools:
        yield Line((("tools declared", "section"),), item=item)
        for tool in conversation.tools:
            yield from _of_item(item, _body(_tool(tool), "quiet", width))
        item += 1
    if conversation.other_keys:
        yield Line((("other keys", "section"),))
        for number, (key, value) in enumerate(conversation.other_keys, item):
            yield from _of_item(number, _body(f"{key}: {compact(value)}", "quiet", width))


def _tool(tool: object) -> str:
    function = tool.get("function", tool) if isinstance(tool, dict) else None
    if not isinstance(function, dict):
        return compact(tool)
    parameters = function.get("parameters")
    properties = parameters.get("properties") if isinstance(parameters, dict) else None
    names = ", ".join(map(str, properties)) if isinstance(properties, dict) else ""
    description = function.get("description")
    return f"{function.get('name')}({names})" + (f": {description}" if isinstance(description, str) else "")
