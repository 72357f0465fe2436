"""Find and replace in what messages say: texts, refusals, and the string values of tool calls' arguments."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import regex

from curator.errors import UsageError
from curator.records.codec import Malformed, compact, decode_exactly
from curator.records.conversation import Conversation, Message, Part, ToolCall
from curator.records.dialects import Dialect
from curator.records.dialects.base import Record
from curator.records.editing.edited import in_place
from curator.records.editing.lines import edit_line
from curator.records.editing.writing import write_edited
from curator.records.rewriting import rewrite
from curator.records.searching import LONGEST_WAIT, Search, compiled, fault_with_caret, matches
from curator.records.sieve import may_match

__all__ = ["REPLAY_WAIT", "Change", "Replacement", "Search", "check_replacement", "replace_in", "replace_line"]

REPLAY_WAIT = 3600.0
"""Seconds for a pattern that was once quick enough, so that a busy machine cannot make an old change fail."""

Walk = Callable[[str, str], str]
"""A text's label and the text -> the text with all replaced."""


@dataclass(frozen=True, slots=True)
class Replacement:
    """What is put in the place of what a search finds."""

    search: Search
    text: str
    """With a regular expression, `\\1`, `\\g<1>` and `\\g<name>` stand for what its groups matched; else as it is."""


@dataclass(frozen=True, slots=True)
class Change:
    """One text in which something was replaced."""

    message: int
    """The message's place in its conversation, counted from 0."""
    label: str
    """Which text of the message: `text`, `refusal`, or the call and the key of an argument."""
    before: str
    after: str
    spans: tuple[tuple[int, int], ...]
    """Where in the text before each match stood: start and end, in characters."""


def check_replacement(replacement: Replacement) -> None:
    """Raises UsageError, with a sentence and the place, for a pattern or a replacement that is not understood."""
    _prepared(replacement)


def replace_in(
    conversation: Conversation,
    replacement: Replacement,
    messages: Collection[int] | None = None,
    *,
    wait: float = LONGEST_WAIT,
) -> tuple[Conversation, list[Change]]:
    """The conversation with all matches replaced, in these messages or in all, and what was changed.

    Keys, ids, names, roles, images and parts shown as JSON are never searched. Raises SlowPatternError where a text
    takes longer than `wait` seconds, and UsageError as `check_replacement` does.
    """
    prepared = _prepared(replacement)
    roles = replacement.search.roles
    changes: list[Change] = []
    changed: dict[int, Message] = {}
    for place, message in enumerate(conversation.messages):
        if (messages is None or place in messages) and (not roles or message.role in roles):

            def walk(label: str, text: str, place: int = place) -> str:
                after, spans = prepared.replaced(text, wait)
                if after != text:
                    changes.append(Change(place, label, text, after, spans))
                return after

            after = _in_message(message, walk)
            if after is not message:
                changed[place] = after
    if not changes:
        return conversation, []
    after_all = tuple(changed.get(place, message) for place, message in enumerate(conversation.messages))
    return replace(conversation, messages=after_all), changes


def replace_line(
    line: bytes, dialect_of: Callable[[Any], Dialect], replacement: Replacement, *, wait: float = LONGEST_WAIT
) -> bytes | None:
    """A whole line, line end and byte order mark included, with all matches replaced; the rest byte for byte as it was.

    None where nothing matches, where the line is no record, and where its dialect has no place for the outcome. The
    same line and replacement give the same bytes at any time. Raises as `replace_in` does.
    """
    if not may_match(line, replacement.search):
        return None

    def edit(record: Record) -> Record | None:
        dialect = dialect_of(record)
        conversation, changes = replace_in(dialect.read(record), replacement, wait=wait)
        return write_edited(record, dialect, in_place(conversation)) if changes else None

    return edit_line(line, edit)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A replacement that is known to be sound."""

    pattern: regex.Pattern[str]
    template: str | None
    """What the groups of a match are put into; None where the text is put in as it is."""
    text: str

    def replaced(self, text: str, wait: float) -> tuple[str, tuple[tuple[int, int], ...]]:
        """The text with all matches replaced, and where they stood."""
        pieces: list[str] = []
        spans: list[tuple[int, int]] = []
        end = 0
        for match in matches(self.pattern, text, wait):
            pieces += text[end : match.start()], self.text if self.template is None else match.expand(self.template)
            spans.append(match.span())
            end = match.end()
        return "".join((*pieces, text[end:])), tuple(spans)


@lru_cache(maxsize=64)
def _prepared(replacement: Replacement) -> _Prepared:
    pattern = compiled(replacement.search)
    if not replacement.search.regex or "\\" not in replacement.text:
        return _Prepared(pattern, None, replacement.text)
    try:
        _groups_alone(pattern).sub(replacement.text, "")
    except (regex.error, IndexError) as error:
        raise UsageError(fault_with_caret("replacement", replacement.text, error)) from None
    return _Prepared(pattern, replacement.text, "")


def _groups_alone(pattern: regex.Pattern[str]) -> regex.Pattern[str]:
    """A pattern of the same groups that matches an empty text, to try a replacement out on."""
    names = {number: name for name, number in pattern.groupindex.items()}
    groups = (f"(?P<{names[number]}>)" if number in names else "()" for number in range(1, pattern.groups + 1))
    return regex.compile("".join(groups))


def _in_message(message: Message, walk: Walk) -> Message:
    """The message with its texts walked through; the same object where none changed."""
    kinds = [part.kind for part in message.parts]
    parts = tuple(
        _in_part(
            part, f"{part.kind} {kinds[: index + 1].count(part.kind):,}" if kinds.count(part.kind) > 1 else "", walk
        )
        for index, part in enumerate(message.parts)
    )
    calls = tuple(_in_call(call, walk) for call in message.tool_calls)
    if parts == message.parts and calls == message.tool_calls:
        return message
    return replace(message, parts=parts, tool_calls=calls)


def _in_part(part: Part, label: str, walk: Walk) -> Part:
    if part.kind not in ("text", "refusal"):
        return part
    after = walk(label or part.kind, part.text)
    return part if after == part.text else replace(part, text=after)


def _in_call(call: ToolCall, walk: Walk) -> ToolCall:
    """The call with its arguments' string values walked through: never keys, and JSON stays JSON in its spelling."""
    if call.raw is not None and (call.name, call.arguments) == ("?", compact(call.raw)):
        return call
    body = call.arguments.encode("utf-8", "backslashreplace")
    label = f"arguments of {call.name}"
    value = decode_exactly(body)
    if isinstance(value, Malformed):
        after = walk(label, call.arguments)
        return call if after == call.arguments else replace(call, arguments=after)
    holder = [decode_exactly(body)]
    if not _in_values(holder, label, walk):
        return call
    return replace(call, arguments=rewrite(body, value, holder[0]).decode("utf-8"))


def _in_values(holder: list[Any], label: str, walk: Walk) -> bool:
    """Walks through the strings below the one value in the holder, in place and in order; whether any changed."""
    changed = False
    waiting: list[tuple[Any, Any, str]] = [(holder, 0, label)]
    while waiting:
        container, key, named = waiting.pop()
        value = container[key]
        if isinstance(value, str):
            container[key] = walk(named, value)
            changed = changed or container[key] != value
        elif isinstance(value, dict):
            waiting.extend((value, inner, f"{named}: {inner}") for inner in reversed(value))
        elif isinstance(value, list):
            waiting.extend((value, place, f"{named} {place + 1:,}") for place in reversed(range(len(value))))
    return changed
