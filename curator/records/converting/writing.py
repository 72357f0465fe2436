"""What is said, as a record of a dialect: a small function each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from curator.records.codec import encode
from curator.records.conversation import Conversation, Message, Part
from curator.records.converting.call_ids import called_names
from curator.records.converting.capacity import CAPACITIES, Capacity, Masks
from curator.records.converting.causes import Cause, NotConvertedError
from curator.records.converting.shaping import REFERENCE
from curator.records.converting.telling import Told
from curator.records.converting.tool_answers import bedrock_answer, gemini_answer, runs
from curator.records.converting.ways import Keys
from curator.records.dialects import DIALECTS, Dialect
from curator.records.dialects.alpaca import Alpaca
from curator.records.dialects.base import DoesNotFitError, Record
from curator.records.dialects.bedrock import FORM as BLOCKS
from curator.records.dialects.bedrock import VERSION
from curator.records.dialects.blocks import write_block_message
from curator.records.dialects.chat_message import write_message
from curator.records.dialects.fields import write_fields
from curator.records.dialects.gemini import FORM as PARTS
from curator.records.dialects.prompt_completion import FIELDS
from curator.records.dialects.sharegpt import write_turn

Write = Callable[[Told], Record]
OWN_KEYS = frozenset(key for dialect in DIALECTS for key in dialect.telling_keys)
"""Keys that tell a dialect, so that a record of another one cannot have them."""
MISLEADING = frozenset(("system", "label"))
READ_ALIKE = frozenset(("openai-chat", "claude"))
"""Dialects whose records would be taken for another's with such a key, as Claude's or TRL's."""


def written(told: Told, dialect: Dialect) -> Record:
    """The record, without any further keys. Raises NotConvertedError where the dialect has no place for something."""
    try:
        return _WRITERS[dialect.name](told)
    except DoesNotFitError as error:
        raise NotConvertedError(Cause.CONTENT, str(error)) from error


def fitting_keys(told: Told, dialect: Dialect, keys: Keys) -> dict[str, Any]:
    """The further keys that go along, as they are."""
    capacity = CAPACITIES[dialect.name]
    if keys is Keys.DROP:
        return {}
    everything = capacity.keys or keys is Keys.KEEP
    in_use = dialect.keys | OWN_KEYS | (MISLEADING if dialect.name in READ_ALIKE else frozenset())
    return {
        key: value
        for key, value in told.others.items()
        if key not in in_use and (everything or key in capacity.allowed)
    }


def stripped(told: Told, dialect: Dialect, keys: Keys) -> Told:
    """What is said without what the dialect has no place for, but which can be left out."""
    capacity = CAPACITIES[dialect.name]
    spare = keys is Keys.KEEP or (keys is Keys.FITTING and capacity.message_keys)
    messages = []
    for message in told.messages:
        name = message.name if capacity.names else ""
        own = {key: value for key, value in message.raw.items() if key not in OWN_KEYS} if spare else {}
        parts = message.parts if capacity.parts else _one_text(message.parts)
        if (name, own) != (message.name, message.raw) or parts is not message.parts:
            message = replace(message, name=name, raw=own, parts=parts)
        messages.append(message)
    return replace(told, messages=tuple(messages), tools=told.tools if capacity.tools else ())


def _one_text(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    if any(part.kind not in ("text", "refusal") for part in parts):
        raise NotConvertedError(Cause.CONTENT)
    if len(parts) == 1 and parts[0].kind == "text":
        return parts
    return (Part("text", "\n".join(part.text for part in parts)),) if parts else ()


def _chat(message: Message, capacity: Capacity) -> Any:
    """A message of OpenAI chat; several parts stand in a list, a single text alone."""
    if not capacity.images and any(part.kind not in ("text", "refusal") for part in message.parts):
        raise NotConvertedError(Cause.CONTENT)
    content: Any = [] if len(message.parts) > 1 else ""
    raw = {"role": message.role, "content": content, **message.raw}
    masks = capacity.masks is Masks.EACH
    record: Record = write_message(replace(message, raw=raw), own_mask=masks)
    for call in record.get("tool_calls") or ():
        if not call["id"]:
            del call["id"]
    return record


def _messages(messages: Iterable[Message], capacity: Capacity) -> list[Any]:
    return [_chat(message, capacity) for message in messages]


def _with_tools(record: Record, told: Told) -> Record:
    return record | {"tools": list(told.tools)} if told.tools else record


def _write_chat(told: Told, capacity: Capacity) -> Record:
    return _with_tools({"messages": _messages(told.messages, capacity)}, told)


def _write_preference(told: Told, capacity: Capacity) -> Record:
    asked = _with_tools({"messages": _messages(told.of(""), capacity)}, told)
    asked |= {key: value for key, value in told.others.items() if key in capacity.allowed}
    return {
        "input": asked,
        "preferred_output": _messages(told.of("chosen"), capacity),
        "non_preferred_output": _messages(told.of("rejected"), capacity),
    }


def _write_together(told: Told, capacity: Capacity) -> Record:
    if not told.sections:
        return _write_chat(told, capacity)
    unmasked = replace(capacity, masks=Masks.NONE)
    return _write_preference(told, unmasked)


def _write_reinforcement(told: Told, capacity: Capacity) -> Record:
    record = _write_chat(told, capacity)
    return record if told.reference is None else record | {REFERENCE: told.reference}


def _write_trl(told: Told, capacity: Capacity) -> Record:
    """The last turn is the completion: all that the model says after the last prompt, tools' answers in between."""
    messages = told.messages
    if told.sections:
        sides = {key: _messages(told.of(section), capacity) for key, section in _SIDES}
        return _with_tools({key: side for key, side in sides.items() if side}, told)
    first = _last_turn(messages)
    if not 0 < first < len(messages):
        raise NotConvertedError(Cause.NO_ANSWER)
    prompt, completion = _messages(messages[:first], capacity), _messages(messages[first:], capacity)
    return _with_tools({"prompt": prompt, "completion": completion}, told)


def _last_turn(messages: Sequence[Message]) -> int:
    """Where the last turn's answer begins; if only its end is trained, where that begins."""
    asked = [place for place, one in enumerate(messages) if one.role not in ("assistant", "tool")]
    start = asked[-1] + 1 if asked else 0
    return next((place for place in range(start, len(messages)) if messages[place].trained), start)


_SIDES = (("prompt", ""), ("chosen", "chosen"), ("rejected", "rejected"))


def _write_sharegpt(told: Told) -> Record:
    messages = list(told.messages)
    record: Record = {}
    if messages[0].role == "system" and messages[0].text and not messages[0].raw:
        record["system"] = messages.pop(0).text
    record["conversations"] = [_turn(one) for one in messages if not one.section]
    for one in messages:
        if one.section:
            record[one.section] = _turn(one)
    if told.tools:
        functions = [tool.get("function", tool) if isinstance(tool, dict) else tool for tool in told.tools]
        record["tools"] = encode(functions).decode("utf-8", "surrogatepass")
    return record


def _turn(message: Message) -> Any:
    return {**write_turn(replace(message, raw=None)), **message.raw}


def _write_alpaca(told: Told) -> Record:
    return Alpaca().write({}, Conversation(tuple(replace(one, raw=None) for one in told.messages)))


def _write_pair(told: Told) -> Record:
    return write_fields({}, (replace(one, raw=None) for one in told.messages), FIELDS)


def _write_claude(told: Told, capacity: Capacity) -> Record:
    messages, system = _after_system(told.messages)
    record: Record = {"system": system.text} if system else {}
    return record | {"messages": _messages(messages, capacity)}


def _write_bedrock(told: Told) -> Record:
    messages, system = _after_system(told.messages)
    record: Record = {"schemaVersion": VERSION}
    if system:
        record["system"] = [{"text": part.text} for part in system.parts]
    record["messages"] = [
        {"role": "user", "content": [bedrock_answer(one) for one in run]}
        if run[0].role == "tool"
        else _blocks(run[0], BLOCKS)
        for run in runs(messages)
    ]
    return record


def _write_gemini(told: Told) -> Record:
    messages, system = _after_system(told.messages)
    names = iter(called_names(messages))
    record: Record = {"systemInstruction": {"parts": [{"text": one.text} for one in system.parts]}} if system else {}
    record["contents"] = []
    for run in runs(messages):
        named = [(one, next(names)) for one in run]
        record["contents"].append(
            {"role": "user", "parts": [gemini_answer(one, name) for one, name in named]}
            if run[0].role == "tool"
            else _blocks(run[0], PARTS)
        )
    functions = [tool["function"] for tool in told.tools if isinstance(tool, dict) and "function" in tool]
    if functions:
        record["tools"] = [{"functionDeclarations": functions}]
    return record


def _blocks(message: Message, form: Any) -> Any:
    if any(part.kind == "other" for part in message.parts):
        raise NotConvertedError(Cause.CONTENT)
    return {**write_block_message(form, replace(message, raw=None)), **message.raw}


def _after_system(messages: Sequence[Message]) -> tuple[Sequence[Message], Message | None]:
    if messages[0].role != "system":
        return messages, None
    if any(part.kind not in ("text", "refusal") for part in messages[0].parts):
        raise NotConvertedError(Cause.CONTENT)
    return messages[1:], messages[0]


_WRITERS: Mapping[str, Write] = {
    "openai-chat": partial(_write_chat, capacity=CAPACITIES["openai-chat"]),
    "openai-preference": partial(_write_preference, capacity=CAPACITIES["openai-preference"]),
    "openai-rft": partial(_write_reinforcement, capacity=CAPACITIES["openai-rft"]),
    "prompt-completion": _write_pair,
    "sharegpt": _write_sharegpt,
    "alpaca": _write_alpaca,
    "trl": partial(_write_trl, capacity=CAPACITIES["trl"]),
    "mistral": partial(_write_chat, capacity=CAPACITIES["mistral"]),
    "together": partial(_write_together, capacity=CAPACITIES["together"]),
    "claude": partial(_write_claude, capacity=CAPACITIES["claude"]),
    "bedrock": _write_bedrock,
    "gemini": _write_gemini,
}
