"""What records say, as it is searched: texts, refusals, and the arguments of calls with their escapes resolved."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from curator.records.conversation import Conversation, Message

_ESCAPE = re.compile(
    r'\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(["\\/bfnrt]))'
)
_SHORT_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def said(body: bytes, conversation: Conversation, roles: Collection[str] = ()) -> Iterator[str]:
    """The texts of a record, message by message, those of some roles or of all.

    A line that is no conversation has one text: itself, with its escapes resolved; nobody says it, so no role does.
    """
    if not conversation.messages and not roles:
        yield unescaped(body.decode("utf-8", "replace"))
    for message in conversation.messages:
        if not roles or message.role in roles:
            yield from texts_of(message)


def texts_of(message: Message) -> Iterator[str]:
    """The texts of a message."""
    for part in message.parts:
        if part.kind in ("text", "refusal"):
            yield part.text
    for call in message.tool_calls:
        yield unescaped(call.arguments)


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
