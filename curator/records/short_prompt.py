"""A long system prompt that gives way to a short one; pure, and the same for a record at any time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from curator.errors import UsageError
from curator.records.conversation import Conversation, Message
from curator.records.dialects import Dialect
from curator.records.dialects.base import DoesNotFitError, Record
from curator.records.dialects.chat_message import read_message
from curator.records.dialects.openai_chat import OpenAIChat
from curator.records.dialects.prompt_completion import PromptCompletion
from curator.records.editing.edited import Edited
from curator.records.editing.lines import edit_line
from curator.records.editing.writing import write_edited
from curator.records.prompt_template import REST, filled, names_in
from curator.records.transforms.turns import PROMPTS


class Stay(StrEnum):
    """Why a record stays as it is: what it has, or has not."""

    FORMAT = "prompt/completion, which has no system prompt"
    NONE = "no system prompt"
    OTHER = "another system prompt"
    LACKS = "not all that the short prompt takes from the record"
    SAME = "the short prompt already"
    NO_PLACE = "no place for it in the format"


@dataclass(frozen=True, slots=True)
class ShortPrompt:
    """A system prompt by what it says, and what stands in its place; its message keeps its role and its other keys."""

    long: str
    """The whole text of the prompt, its parts joined by newlines; or how it begins."""
    short: str
    """As `prompt_template` has it. Where nothing comes of it, the message is removed."""
    begins: bool = False
    """Whether all prompts that begin with `long` are meant; what follows is `{rest}` then."""


@dataclass(frozen=True, slots=True)
class Shortened:
    """A record with its short prompt."""

    record: Record
    before: Conversation
    """The messages at its start, or all of them: what follows stays."""
    edited: Edited
    """The same start afterwards."""
    following: int = 0
    """How many messages follow."""

    @property
    def places(self) -> tuple[int | None, ...] | None:
        """For each message its place before; None where all stay in their places."""
        start = len(self.before.messages)
        if len(self.edited.places) == start:
            return None
        return (*self.edited.places, *range(start, start + self.following))


def check_short_prompt(prompt: ShortPrompt) -> None:
    """Raises UsageError, with a sentence, for a short prompt that can never be made."""
    if not prompt.long:
        raise UsageError("There is no prompt to shorten: give its text, or how it begins.")
    if not prompt.begins and REST in names_in(prompt.short):
        raise UsageError("{rest} is what follows a beginning that prompts share; a whole prompt has none.")
    try:
        (prompt.long + prompt.short).encode("utf-8")
    except UnicodeEncodeError:
        raise UsageError(
            "The prompt holds half of a character (a lone surrogate), so no journal can hold it."
        ) from None


def shortened(record: Record, dialect: Dialect, prompt: ShortPrompt) -> Shortened | Stay:
    """A decoded record with the short prompt in place of the long one, or why it stays as it is.

    The system prompt is the first message, of system or developer, if it holds nothing but text. Where answers that are
    compared begin with one each, all of them change.
    """
    if isinstance(dialect, PromptCompletion):
        return Stay.FORMAT
    messages = record.get("messages")
    if not (isinstance(dialect, OpenAIChat) and isinstance(messages, list) and len(messages) > 1):
        return _shortened(record, dialect, prompt)
    # Of a chat the first message alone is looked at: those that follow neither change nor tell whether it does.
    first, *others = messages
    if type(dialect) is OpenAIChat and _is_plain_prompt(first):
        return _shortened_plain(first, others, record, prompt)
    outcome = _shortened({**record, "messages": [first]}, dialect, prompt, record)
    if isinstance(outcome, Stay):
        return outcome
    whole = {**outcome.record, "messages": [*outcome.record["messages"], *others]}
    return replace(outcome, record=whole, following=len(others))


def _is_plain_prompt(first: Any) -> bool:
    """Whether a message is just a system prompt and a text, as most are that a chat begins with."""
    if not (isinstance(first, dict) and len(first) == 2 and type(first.get("content")) is str):
        return False
    return first.get("role") in ("system", "developer")


def _shortened_plain(first: dict[str, Any], others: list[Any], record: Record, prompt: ShortPrompt) -> Shortened | Stay:
    """What `_shortened` comes to for a chat that begins with such a message: nothing of it can be lost."""
    message = read_message(first, "/messages/0")
    changed = _changed(message, record, prompt)
    if isinstance(changed, Stay):
        return changed
    messages = others if changed is None else [{**first, "content": changed.parts[0].text}, *others]
    edited = _with(Conversation((message,)), {0: changed})
    return Shortened({**record, "messages": messages}, Conversation((message,)), edited, len(others))


def _shortened(record: Record, dialect: Dialect, prompt: ShortPrompt, whole: Record | None = None) -> Shortened | Stay:
    """The same for a record, or for the start of a `whole` one, from which the short prompt takes its parts."""
    before = dialect.read(record)
    changed: dict[int, Message | None] = {}
    stays = [Stay.NONE]
    for place in _first_places(before):
        outcome = _changed(before.messages[place], whole or record, prompt)
        if isinstance(outcome, Stay):
            stays.append(outcome)
        else:
            changed[place] = outcome
    edited = _with(before, changed)
    if not changed:
        return stays[-1]
    if not edited.conversation.messages and whole is None:
        return Stay.NO_PLACE
    try:
        return Shortened(write_edited(record, dialect, edited), before, edited)
    except DoesNotFitError:
        return Stay.NO_PLACE


def shorten_line(line: bytes, dialect_of: Callable[[Any], Dialect], prompt: ShortPrompt) -> bytes | None:
    """A whole line with the short prompt in its record, the rest byte for byte as it was; None where it stays as it is.

    The same line and prompt give the same bytes at any time.
    """

    def edit(record: Record) -> Record | None:
        outcome = shortened(record, dialect_of(record), prompt)
        return None if isinstance(outcome, Stay) else outcome.record

    return edit_line(line, edit)


def system_prompt_of(conversation: Conversation) -> str:
    """The text of the system prompt that a conversation begins with; empty where it begins with none of text."""
    first = conversation.messages[0] if conversation.messages else None
    return "" if first is None else _prompt_text(first)


def _prompt_text(message: Message) -> str:
    """What a message says if it is a system prompt of nothing but text; else nothing."""
    plain = message.role in PROMPTS and all(part.kind == "text" for part in message.parts)
    return message.text if plain else ""


def _first_places(conversation: Conversation) -> list[int]:
    """Where a system prompt may stand: at the start, or at the start of each answer where nothing comes before."""
    firsts: dict[str, int] = {}
    for place, message in enumerate(conversation.messages):
        firsts.setdefault(message.section, place)
    return [firsts[""]] if firsts.get("") == 0 else list(firsts.values())


def _changed(message: Message, record: Mapping[str, Any], prompt: ShortPrompt) -> Message | Stay | None:
    """The message with the short prompt; None to remove it, or why it stays as it is."""
    text = _prompt_text(message)
    if not text:
        return Stay.NONE
    if not (text.startswith(prompt.long) if prompt.begins else text == prompt.long):
        return Stay.OTHER
    short = filled(prompt.short, record, text[len(prompt.long) :] if prompt.begins else None)
    if short is None:
        return Stay.LACKS
    if short == text:
        return Stay.SAME
    return replace(message, parts=(replace(message.parts[0], text=short),)) if short else None


def _with(before: Conversation, changed: Mapping[int, Message | None]) -> Edited:
    messages = [(place, changed.get(place, one)) for place, one in enumerate(before.messages)]
    kept = [(place, one) for place, one in messages if one is not None]
    return Edited(replace(before, messages=tuple(one for _, one in kept)), tuple(place for place, _ in kept))
