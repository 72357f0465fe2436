"""Places in a record, in people's words: `message 3 (assistant), tool call 1, arguments` for a JSON pointer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from curator.records.conversation import Message
from curator.records.dialects import Dialect

ITEMS = {
    "content": "part",
    "parts": "part",
    "tool_calls": "tool call",
    "tools": "tool",
    "functions": "function",
    "messages": "message",
    "contents": "message",
    "conversations": "message",
    "system": "part",
    "history": "turn",
}
"""What an item of a list of that key is called."""
UNSPOKEN = frozenset(("function", "function_call"))
"""Keys that say no more than what stands before or behind them."""


class Places:
    """The places in one record."""

    def __init__(self, value: Any, dialect: Dialect) -> None:
        messages = dialect.read(value).messages if isinstance(value, dict) else ()
        self._messages: Mapping[str, tuple[int, Message]] = {
            one.pointer: (number, one) for number, one in enumerate(messages, 1) if one.pointer
        }

    def in_words(self, pointer: str) -> str:
        """The place that a JSON pointer leads to; empty for the record as a whole."""
        tokens = pointer.split("/")[1:]
        for length in range(len(tokens), 0, -1):
            found = self._messages.get("/" + "/".join(tokens[:length]))
            if found is not None:
                return ", ".join((_message(*found), *_words(tokens[length:], tokens[length - 1])))
        return ", ".join(_words(tokens))


def in_words(pointer: str, value: Any, dialect: Dialect) -> str:
    """The place in a decoded record that a JSON pointer leads to; empty for the record as a whole."""
    return Places(value, dialect).in_words(pointer)


@lru_cache(maxsize=4096)
def shape_of(pointer: str) -> str:
    """The JSON pointer with `*` for each place in a list: `/messages/*/content`."""
    return "/".join("*" if _is_place(token) else token for token in pointer.split("/"))


def _is_place(token: str) -> bool:
    return token.isascii() and token.isdigit()


def _message(number: int, message: Message) -> str:
    whose = message.section or message.role
    return f"message {number:,} ({whose})" if whose != "?" else f"message {number:,}"


def _words(tokens: list[str], before: str = "") -> Iterator[str]:
    """The tokens behind the one `before`: items by their number, keys by their name."""
    for place, token in enumerate(tokens):
        behind = tokens[place + 1 : place + 2]
        if _is_place(token):
            yield f"{ITEMS.get(before, 'item')} {int(token) + 1:,}"
        elif token not in UNSPOKEN and not (token in ITEMS and behind and _is_place(behind[0])):
            yield f"`{token.replace('~1', '/').replace('~0', '~')}`"
        before = token
