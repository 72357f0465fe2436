"""The exact place in a record at which the longest example ends."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import accumulate
from typing import Any, NamedTuple

from curator.analysis.images import image_tokens
from curator.analysis.record_counting import MessageTokens, RecordCounter
from curator.analysis.report import ContextEnd
from curator.records.codec import compact
from curator.records.conversation import Message, Part, ToolCall
from curator.records.dialects import Dialect

HEAD = -1
MESSAGE_END = 1
"""Of what the rule adds for a message, the tokens that come behind its text: the chat format's end of a message."""

LONGEST_ESCAPE = 12
"""Characters of a pair of `\\uXXXX`."""


class Stretch(NamedTuple):
    """What is counted of a message as one text, in the order in which it is read."""

    text: str
    """As it is counted; empty for what is no text, such as an image."""
    tokens: int
    place: Callable[[int], tuple[int, int]]
    """From a character of the text: the piece of the message that it is in, and the character of that piece."""


def context_end(
    value: dict[str, Any], dialect: Dialect, counting: RecordCounter, counted: MessageTokens, limit: int
) -> ContextEnd | None:
    """Where `limit` tokens of a record end; None if its messages do not reach that far.

    What belongs to no message comes first, as it does in the reader's sums.
    """
    messages = dialect.read(value).messages
    if found := _in_template(value, dialect, counting, messages, limit):
        return found
    ends = list(accumulate((one for one, _ in counted.each), initial=counted.overhead))
    for place, (message, chat) in enumerate(zip(messages, dialect.chat_messages(value), strict=True)):
        if ends[place + 1] > limit:
            stretches = list(_stretches(message, chat if isinstance(chat, dict) else {}, counting))
            return _within(place, stretches, limit - ends[place], counted.each[place][0], counting)
    return None


def _within(place: int, stretches: Sequence[Stretch], left: int, tokens: int, counting: RecordCounter) -> ContextEnd:
    """The place inside a message of which `left` tokens remain."""
    left -= max(0, tokens - sum(one.tokens for one in stretches) - MESSAGE_END)
    if left <= 0:
        return ContextEnd(place, HEAD, 0)
    for one in stretches:
        if left < one.tokens:
            return ContextEnd(place, *one.place(counting.counter.characters(one.text, left) if one.text else 0))
        left -= one.tokens
    return ContextEnd(place, *stretches[-1].place(len(stretches[-1].text))) if stretches else ContextEnd(place, HEAD, 0)


def _stretches(message: Message, chat: dict[str, Any], counting: RecordCounter) -> Iterator[Stretch]:
    count = counting.counter.count
    for number, part in enumerate(message.parts):
        if part.kind == "image":
            yield Stretch("", _image_tokens(part, counting), partial(_at, number))
        else:
            yield Stretch(part.text, count(part.text), partial(_at, number))
    calls = [(number, call) for number, call in enumerate(message.tool_calls, len(message.parts))]
    for key, legacy in (("tool_calls", False), ("function_call", True)):
        own = [(number, call) for number, call in calls if call.legacy is legacy]
        if own and chat.get(key) is not None:
            text = compact(chat[key])
            yield Stretch(text, count(text), partial(_in_calls, own, text))


def _at(number: int, character: int) -> tuple[int, int]:
    return number, character


def _in_calls(calls: Sequence[tuple[int, ToolCall]], text: str, character: int) -> tuple[int, int]:
    """Which call's arguments a character of the calls' JSON is in, or before, and where in them."""
    found = calls[0][0], 0
    begins = 0
    for number, call in calls:
        escaped = compact(call.arguments)[1:-1]
        spelt = escaped if text.find(escaped, begins) >= 0 else call.arguments
        begins = max(begins, text.find(spelt, begins))
        if character < begins and number != calls[0][0]:
            break
        kept = spelt[: max(0, character - begins)]
        found = number, _unescaped(kept) if spelt is escaped else len(kept)
        begins += len(spelt)
    return found


def _unescaped(text: str) -> int:
    """Characters that the beginning of a JSON string stands for."""
    for end in range(len(text), max(-1, len(text) - LONGEST_ESCAPE), -1):
        try:
            return len(json.loads(f'"{text[:end]}"'))
        except ValueError:
            continue
    return 0


def _image_tokens(part: Part, counting: RecordCounter) -> int:
    raw = part.raw.get("image_url") if isinstance(part.raw, dict) else None
    return image_tokens(raw if raw is not None else {"url": part.text}, counting.rule.counting)


def _in_template(
    value: dict[str, Any], dialect: Dialect, counting: RecordCounter, messages: Sequence[Message], limit: int
) -> ContextEnd | None:
    """The same in a conversation as the model's own template writes it, as far as that tells where it is."""
    written = counting.written(value, dialect)
    if written is None or len(written.starts) <= limit:
        return None
    cut = written.starts[limit]
    found = written.message_at(cut)
    if found is None:
        return None
    place, begins = found
    before = HEAD
    length = 0
    for piece, text in enumerate(_texts(messages[place])):
        at = written.text.find(text, begins) if text else -1
        if at < 0:
            continue
        if cut < at:
            break
        if cut < at + len(text):
            return ContextEnd(place, piece, cut - at)
        before, length, begins = piece, len(text), at + len(text)
    return ContextEnd(place, before, length)


def _texts(message: Message) -> list[str]:
    pieces: list[Part | ToolCall] = [*message.parts, *message.tool_calls]
    return [one.text if isinstance(one, Part) else one.arguments for one in pieces]
