"""What one message is laid out in: its parts and its calls, as lines that are made as they are asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator

from rich.cells import cell_len

from curator.analysis.report import RecordReport
from curator.records.codec import compact
from curator.records.conversation import Message, Part, ToolCall
from curator.tui.context_cut import LOST, Divided
from curator.tui.layout_lines import INDENT, Line, body, json_body, restyled
from curator.tui.visible import visible

SHORT_ARGUMENTS = 200


def message_lines(message: Message, width: int, divided: Divided | None = None, piece: int = -1) -> Iterator[Line]:
    """The lines of a message; where the context ends in one of its pieces, that is `divided`, and the rest is lost."""
    if divided is not None and piece < 0:
        yield from divided.across()
    for number, part in enumerate(message.parts):
        here = divided if number == piece else None
        lines = _part(message, part, width, here)
        yield from restyled(lines, LOST) if divided is not None and number > piece else lines
    for number, call in enumerate(message.tool_calls, len(message.parts)):
        here = divided if number == piece else None
        lines = _call(call, width, here, named=len(message.tool_calls) > 1)
        yield from restyled(lines, LOST) if divided is not None and number > piece else lines


def header_figures(message: Message, report: RecordReport, number: int, *, estimated: bool) -> str:
    """What stands at the right of a message's header: its tokens, and whether they are trained."""
    trained = report.trained_message_tokens[number]
    odd = report.estimated and (message.tool_calls or any(part.kind in ("image", "other") for part in message.parts))
    about = "≈" if estimated or odd else ""
    if trained:
        return f" trained {about}{trained:,} "
    masked = " not trained" if message.role == "assistant" else ""
    return f"{masked} {about}{report.message_tokens[number]:,} "


def _part(message: Message, part: Part, width: int, here: Divided | None) -> Iterator[Line]:
    match part.kind:
        case "image":
            if here is not None:
                yield from here.across()
            yield from body(_image(part), "quiet" if here is None else LOST, width)
        case "other":
            yield from _json(part.text, "quiet", width, here)
        case "refusal":
            yield from _text(part.text, "text", width, here, "refusal: ")
        case _ if message.role in ("tool", "function") and part.text[:1] in ("{", "["):
            yield from _json(part.text, "tool-text", width, here)
        case _:
            yield from _text(part.text, "text", width, here)


def _text(text: str, style: str, width: int, here: Divided | None, before: str = "") -> Iterator[Line]:
    return body(before + text, style, width) if here is None else here.text(text, style, width, before)


def _json(text: str, style: str, width: int, here: Divided | None) -> Iterator[Line]:
    return json_body(text, style, width) if here is None else here.json(text, style, width)


def _image(part: Part) -> str:
    detail = f", {part.detail} detail" if part.detail else ""
    if part.text.startswith("data:"):
        kind, _, octets = part.text.partition(",")
        kind = kind.removeprefix("data:").removesuffix(";base64")
        return f"[image: {kind}, {len(octets) * 3 // 4:,} bytes in the record{detail}]"
    return f"[image: {part.text}{detail}]"


def _call(call: ToolCall, width: int, here: Divided | None, *, named: bool) -> Iterator[Line]:
    if named:
        yield Line(((f"{INDENT}→ {visible(call.name)}", "argument-name"),))
    plain = _plain_arguments(call.arguments) if here is None else None
    if plain is None:
        yield from _json(call.arguments, "tool-text", width, here)
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
