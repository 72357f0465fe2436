"""What tools answered, out of and into the blocks of Bedrock and Gemini, where the user says it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from curator.records.codec import compact, decode_exactly
from curator.records.conversation import Message, Part
from curator.records.dialects.base import json_value

BEDROCK, GEMINI = "toolResult", "functionResponse"
OUTPUT = "output"
"""The key that Gemini's documentation has for an answer that is one text."""


def unfolded(message: Message, spare: dict[str, Any]) -> Iterator[Message]:
    """The message itself, or where it holds answers of tools as blocks, one for each of them and for what is between.

    The `raw` of new ones is what they hold of keys without a meaning: for what is between `spare`, the message's.
    """
    raw = message.raw
    held = raw.get("content", raw.get("parts")) if isinstance(raw, dict) else None
    if message.role not in ("tool", "user") or not any(map(_answer, held if isinstance(held, list) else ())):
        yield message
        return
    between: list[Part] = []
    for part in message.parts:
        answer = _answer(part.raw)
        if answer is None:
            between.append(part)
            continue
        if between:
            yield replace(message, role="user", parts=tuple(between), raw=spare)
            between = []
        yield _from_bedrock(message, *answer) if answer[0] == BEDROCK else _from_gemini(message, *answer)
    if between:
        yield replace(message, role="user", parts=tuple(between), raw=spare)


def _answer(block: Any) -> tuple[str, dict[str, Any]] | None:
    if not isinstance(block, dict):
        return None
    found = next((key for key in (BEDROCK, GEMINI) if isinstance(block.get(key), dict)), None)
    return (found, block[found]) if found and len(block) == 1 else None


def _from_bedrock(message: Message, _: str, answer: dict[str, Any]) -> Message:
    content = answer.get("content")
    parts = tuple(_from_content(one) for one in content) if isinstance(content, list) else (_json(content),)
    return _tool(message, parts, answer, ("content", "toolUseId"), call_id=answer.get("toolUseId"))


def _from_content(block: Any) -> Part:
    if isinstance(block, dict) and len(block) == 1:
        if isinstance(block.get("text"), str):
            return Part("text", block["text"])
        if "json" in block:
            return Part("text", compact(block["json"]))
    return _json(block)


def _from_gemini(message: Message, _: str, answer: dict[str, Any]) -> Message:
    response = answer.get("response")
    plain = isinstance(response, dict) and list(response) == [OUTPUT] and isinstance(response[OUTPUT], str)
    text = response[OUTPUT] if isinstance(response, dict) and plain else compact(response)
    return _tool(
        message, (Part("text", text),), answer, ("name", "response", "id"), answer.get("name"), answer.get("id")
    )


def _tool(
    message: Message,
    parts: tuple[Part, ...],
    answer: dict[str, Any],
    known: tuple[str, ...],
    name: Any = "",
    call_id: Any = "",
) -> Message:
    spare = {key: value for key, value in answer.items() if key not in known and value is not None}
    return replace(
        message,
        role="tool",
        parts=parts,
        tool_calls=(),
        name=name if isinstance(name, str) else "",
        tool_call_id=call_id if isinstance(call_id, str) else "",
        trained=False,
        raw=spare,
    )


def _json(value: Any) -> Part:
    return Part("other", compact(value))


def bedrock_answer(message: Message) -> dict[str, Any]:
    """A tool's answer as a block of Bedrock."""
    content = [{"text": part.text} if part.kind == "text" else json_value(part.text) for part in message.parts]
    return {BEDROCK: {"toolUseId": message.tool_call_id, "content": content, **message.raw}}


def gemini_answer(message: Message, name: str) -> dict[str, Any]:
    """A tool's answer as a part of Gemini; an object stays one, any other text is told as the tool's output."""
    value = decode_exactly(message.text.encode("utf-8", "backslashreplace"))
    is_object = isinstance(value, dict) and list(value) != [OUTPUT] and compact(value) == message.text
    return {GEMINI: {"name": name, "response": value if is_object else {OUTPUT: message.text}, **message.raw}}


def runs(messages: Iterable[Message]) -> Iterator[list[Message]]:
    """The messages one by one, but those of tools that follow on one another together."""
    held: list[Message] = []
    for message in messages:
        if held and message.role != "tool":
            yield held
            held = []
        if message.role == "tool":
            held.append(message)
        else:
            yield [message]
    if held:
        yield held
