"""What records say, as the reader shows it and a search looks through it, with all escapes resolved."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from curator.records.codec import compact
from curator.records.conversation import Conversation, Message

TEXT, TOOLS, KEYS = "text", "tools", "keys"
"""Beside roles, where something can be looked for: in all messages, in declared tools, in all other keys."""

_ESCAPE = re.compile(
    r'\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(["\\/bfnrt]))'
)
_SHORT_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_EMBEDDED = "data:"
"""How the URL of an image begins that holds the image itself: nobody looks for words in it."""


class Place(NamedTuple):
    """What is said in one place of a record."""

    message: int
    """The number of the message, from 0; -1 for what no message says."""
    role: str
    """The message's role, TOOLS or KEYS."""
    texts: Iterator[str]


def places(conversation: Conversation, where: Collection[str] = ()) -> Iterator[Place]:
    """The places of a record in the order of the reader: those of some roles, TEXT, TOOLS and KEYS, or all."""
    for number, message in enumerate(conversation.messages):
        if is_asked(message.role, where):
            yield Place(number, message.role, texts_of(message))
    if conversation.tools and is_asked(TOOLS, where):
        yield Place(-1, TOOLS, map(_as_it_reads, map(declared, conversation.tools)))
    if conversation.other_keys and is_asked(KEYS, where):
        yield Place(-1, KEYS, (f"{key}: {unescaped(compact(value))}" for key, value in conversation.other_keys))


def is_asked(role: str, where: Collection[str]) -> bool:
    """Whether a place whose role is given is one of those that are looked through."""
    return not where or role in where or (TEXT in where and role not in (TOOLS, KEYS))


def said(body: bytes, conversation: Conversation, where: Collection[str] = ()) -> Iterator[str]:
    """The texts of a record, place by place, those of some roles, of TEXT, TOOLS or KEYS, or all.

    A line that is no conversation has one text: itself, with its escapes resolved; nobody says it, so no role does.
    """
    if not conversation.messages:
        if is_asked(TEXT, where):
            yield unescaped(body.decode("utf-8", "replace"))
        return
    for place in places(conversation, where):
        yield from place.texts


def texts_of(message: Message) -> Iterator[str]:
    """The texts of a message in the order of the reader: names, parts, and calls with their arguments."""
    if message.name:
        yield message.name
    calls = message.tool_calls
    if len(calls) == 1:
        yield calls[0].name
    for part in message.parts:
        if part.kind == "other":
            yield unescaped(part.text)
        elif part.kind != "image" or not part.text.startswith(_EMBEDDED):
            yield part.text
    for call in calls:
        if len(calls) > 1:
            yield call.name
        yield unescaped(call.arguments)


def declared(tool: Any) -> tuple[str, bool]:
    """A declared tool in words: its name, those of its parameters, and what it is for; else as JSON, and whether so."""
    function = tool.get("function", tool) if isinstance(tool, dict) else None
    if not isinstance(function, dict) or not isinstance(function.get("name"), str):
        return compact(tool), True
    parameters = function.get("parameters")
    properties = parameters.get("properties") if isinstance(parameters, dict) else None
    names = ", ".join(map(str, properties)) if isinstance(properties, dict) else ""
    description = function.get("description")
    return f"{function['name']}({names})" + (f": {description}" if isinstance(description, str) else ""), False


def _as_it_reads(told: tuple[str, bool]) -> str:
    return unescaped(told[0]) if told[1] else told[0]


def unescaped(json_text: str) -> str:
    """JSON text with the escapes in its strings resolved, so that it reads as it means."""
    return _ESCAPE.sub(_meant, json_text) if "\\" in json_text else json_text


def unescaped_with_places(json_text: str) -> tuple[str, list[int]]:
    """The same, and for each of its characters where it stood; behind the last one, the end."""
    places: list[int] = []
    pieces: list[str] = []
    end = 0
    for match in _ESCAPE.finditer(json_text):
        places += range(end, match.start() + 1)
        pieces += json_text[end : match.start()], _meant(match)
        end = match.end()
    places += range(end, len(json_text) + 1)
    return "".join((*pieces, json_text[end:])), places


def _meant(match: re.Match[str]) -> str:
    high, low, unit, short = match.groups()
    if high:
        return chr(0x10000 + ((int(high, 16) & 0x3FF) << 10) + (int(low, 16) & 0x3FF))
    return chr(int(unit, 16)) if unit else _SHORT_ESCAPES.get(short, short)
