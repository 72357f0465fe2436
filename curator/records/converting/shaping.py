"""What a record says, brought into a shape that a dialect has: refused, or told, where that changes what is said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from curator.records.conversation import Message, Part
from curator.records.converting.capacity import Answers, Capacity, Developer, Masks, Shape, System
from curator.records.converting.causes import Cause, Loss, NotConvertedError
from curator.records.converting.telling import Told
from curator.records.converting.ways import Keep, Keys, Ways

ROLES = frozenset(("system", "developer", "user", "assistant", "tool"))
_OTHER_PROMPT = {Developer.NONE: "developer", Developer.INSTEAD: "system"}
"""The role of prompts that have to take the other's name."""
BETWEEN = "\n\n"
"""What parts a system prompt from the user message that it is put into."""
REFERENCE = "reference_answer"
"""The key of the answer that a grader compares with, as OpenAI's examples of graders call it."""


def shapes(told: Told, capacity: Capacity, ways: Ways, notes: dict[Cause, Loss]) -> list[Told]:
    """What is to be said, for each new record; what there is to tell goes to `notes`. Raises NotConvertedError."""
    if not told.messages:
        raise NotConvertedError(Cause.NO_MESSAGES)
    shaped = []
    for one in _answers(told, capacity, ways, notes):
        messages = _roles(one.messages, capacity, notes)
        messages = _system(messages, capacity, ways, notes)
        one = replace(one, messages=tuple(messages))
        if capacity.masks is Masks.NOTHING:
            one = _with_reference(one, ways, notes)
        _check(one, capacity)
        shaped.append(one)
    return shaped


def _answers(told: Told, capacity: Capacity, ways: Ways, notes: dict[Cause, Loss]) -> list[Told]:
    if not told.sections:
        if capacity.answers is Answers.ONLY:
            raise NotConvertedError(Cause.NO_PAIR)
        return [told]
    if capacity.answers is not Answers.NONE:
        return [told]
    if ways.answers is Keep.NEITHER:
        raise NotConvertedError(Cause.TWO_ANSWERS)
    _note(notes, Cause.CHOSEN if ways.answers is Keep.CHOSEN else Cause.BOTH)
    sections = ("chosen",) if ways.answers is Keep.CHOSEN else ("chosen", "rejected")
    prompt = told.of("")
    return [
        replace(told, messages=(*prompt, *(replace(message, section="") for message in told.of(section))))
        for section in sections
        if told.of(section)
    ]


def _roles(messages: Iterable[Message], capacity: Capacity, notes: dict[Cause, Loss]) -> list[Message]:
    found = []
    for place, message in enumerate(messages):
        role = message.role
        if role == "function":
            _note(notes, Cause.LEGACY)
            role = "tool"
        elif role == _OTHER_PROMPT.get(capacity.developer):
            _note(notes, Cause.DEVELOPER)
            role = "system" if role == "developer" else "developer"
        if role not in ROLES or (role == "tool" and not capacity.calls):
            cause = Cause.CALLS if role == "tool" else Cause.ROLES
            raise NotConvertedError(cause, f"message {place + 1:,} is of the role {message.role!r}")
        found.append(message if role == message.role else replace(message, role=role))
    return found


def _system(messages: list[Message], capacity: Capacity, ways: Ways, notes: dict[Cause, Loss]) -> list[Message]:
    if capacity.system is System.ANYWHERE:
        return messages
    while messages and messages[0].role == "system" and not messages[0].text and _is_text(messages[0]):
        _note(notes, Cause.NO_EMPTY_SYSTEM)
        _note_beside(notes, messages[0], ways)
        messages = messages[1:]
    places = [place for place, message in enumerate(messages) if message.role == "system"]
    if not places or (places == [0] and capacity.system is System.FIRST):
        return messages
    if not ways.fold_system or places != [0]:
        cause = Cause.ROLES if capacity.system is System.FIRST or places != [0] else Cause.SYSTEM
        raise NotConvertedError(cause, f"message {places[-1] + 1:,} is a system prompt" if places != [0] else "")
    _note(notes, Cause.FOLDED)
    _note_beside(notes, messages[0], ways)
    return _folded(messages[0], messages[1:])


def _folded(system: Message, rest: list[Message]) -> list[Message]:
    first = next((place for place, message in enumerate(rest) if message.role == "user"), None)
    if first is None or not _is_text(system):
        raise NotConvertedError(Cause.SYSTEM, "there is no user message to put it into")
    user = rest[first]
    head, texts = system.text, user.parts
    if texts and texts[0].kind == "text":
        head, texts = f"{head}{BETWEEN}{texts[0].text}", texts[1:]
    rest[first] = replace(user, parts=(Part("text", head), *texts))
    return rest


def _is_text(message: Message) -> bool:
    return all(part.kind in ("text", "refusal") for part in message.parts)


def _with_reference(told: Told, ways: Ways, notes: dict[Cause, Loss]) -> Told:
    """The last answer taken out of the messages, so that the model can give its own."""
    *asked, last = told.messages
    if last.role != "assistant" or not asked:
        return told
    if REFERENCE in told.others:
        raise NotConvertedError(Cause.REFERENCE_TAKEN)
    if last.tool_calls or not _is_text(last):
        raise NotConvertedError(Cause.CONTENT, f"the last answer, for the key `{REFERENCE}`, is more than a text")
    _note(notes, Cause.REFERENCE)
    _note_beside(notes, last, ways)
    return replace(told, messages=tuple(asked), reference=last.text)


def _check(told: Told, capacity: Capacity) -> None:
    """Raises NotConvertedError where the dialect has no place for what is said."""
    if not told.messages:
        raise NotConvertedError(Cause.NO_MESSAGES)
    for place, message in enumerate(told.messages):
        if message.tool_calls and not capacity.calls:
            raise NotConvertedError(Cause.CALLS, f"message {place + 1:,} calls {message.tool_calls[0].name}")
        if message.tool_calls and message.text and not capacity.text_with_calls:
            raise NotConvertedError(Cause.CALLS, f"message {place + 1:,} has a text beside its calls")
    _check_turns([message.role for message in told.messages], capacity)
    if told.sections and any(
        [one.role for one in told.of(section)] != ["assistant"] for section in ("chosen", "rejected")
    ):
        raise NotConvertedError(Cause.NO_PAIR)


def _check_turns(roles: Sequence[str], capacity: Capacity) -> None:
    spoken = list(roles[1:] if roles[:1] == ["system"] else roles)
    in_turn = spoken == ["user", "assistant"] * (len(spoken) // 2) and spoken
    if capacity.shape is Shape.IN_TURN and not in_turn:
        raise NotConvertedError(Cause.TURNS)
    if capacity.shape is Shape.PAIR and spoken != ["user", "assistant"]:
        raise NotConvertedError(Cause.TURNS)


def _note(notes: dict[Cause, Loss], cause: Cause) -> None:
    notes.setdefault(cause, Loss(cause))


def _note_beside(notes: dict[Cause, Loss], message: Message, ways: Ways) -> None:
    """Tell what a message, whose text goes elsewhere, said beside it."""
    if message.name:
        _note(notes, Cause.NAMES)
    if message.tool_call_id or message.tool_calls:
        _note(notes, Cause.PAIRING)
    if message.raw:
        _note(notes, Cause.DROPPED if ways.keys is Keys.DROP else Cause.MESSAGE_KEYS)
