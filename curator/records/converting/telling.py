"""What a record says, in one form for all dialects: free of what only says how a dialect spells it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from curator.records.codec import compact, decode_exactly
from curator.records.conversation import Conversation, Message, Part
from curator.records.converting.causes import Cause, Loss
from curator.records.converting.tool_answers import unfolded
from curator.records.dialects import Dialect
from curator.records.transforms.writing import said

SECTIONS = ("chosen", "rejected")
MESSAGE_KEYS = {
    "sharegpt": frozenset(("from", "value")),
    "gemini": frozenset(("role", "parts")),
    "bedrock": frozenset(("role", "content")),
}
"""The keys of a message that have a meaning, where messages have not those of OpenAI chat."""
CHAT_KEYS = frozenset(("role", "content", "name", "tool_calls", "tool_call_id", "function_call", "refusal", "weight"))
PART_KEYS = frozenset(
    (
        *("type", "text", "refusal", "value", "image_url", "url", "detail", "id", "function", "name", "arguments"),
        *("image", "source", "s3Location", "uri", "toolUse", "toolUseId", "input"),
        *("fileData", "fileUri", "functionCall", "args"),
    )
)
"""The keys of content parts and calls that a dialect's reader understands."""
ELSEWHERE = frozenset(("schemaVersion", "input"))
"""Keys of dialects that are understood without a message of their own."""
ARGUMENTS = frozenset(("arguments", "args", "input"))
"""Those whose value is the user's own."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a record says. The `raw` of its messages is a dict of the keys that no dialect gives a meaning."""

    messages: tuple[Message, ...]
    tools: tuple[Any, ...]
    """In OpenAI's form, `{"type": "function", "function": {...}}`, where they are functions."""
    others: Mapping[str, Any]
    """Keys of the record that its dialect does not know, in the record's order."""
    unheard: tuple[Loss, ...] = ()
    """What the dialect's reader passes over."""
    reference: str | None = None
    """The last answer, where it is to stand beside the messages, for a grader."""

    @property
    def sections(self) -> bool:
        """Whether it holds a preferred or a rejected answer."""
        return any(message.section for message in self.messages)

    def of(self, section: str) -> tuple[Message, ...]:
        """The messages of a section; of the empty one, those that belong to none."""
        return tuple(message for message in self.messages if message.section == section)


def telling(record: Mapping[str, Any], dialect: Dialect) -> Told:
    """What the record says, read in the dialect."""
    read = dialect.read(record)
    spare = sorted({key for message in read.messages for key in _spare_part_keys(message)})
    messages = list(_messages(read, dialect))
    messages = _prompt_once(messages)
    if any(one.section for one in messages):
        messages = [replace(one, trained=False) if one.trained and not one.section else one for one in messages]
    others = dict(read.other_keys) | _in_input(record, dialect)
    tools = read.tools or _tools_as_text(record, dialect)
    unheard = [Loss(Cause.PART_KEYS, _quoted(spare))] if spare else []
    if passed := _passed_over(record, dialect, read, tools):
        unheard.append(Loss(Cause.KEYS, _quoted(passed)))
    return Told(tuple(messages), tuple(map(as_function, tools)), others, tuple(unheard))


def _messages(read: Conversation, dialect: Dialect) -> Iterator[Message]:
    for message in read.messages:
        spare = _spare(message, dialect)
        for one in unfolded(message, spare):
            yield _plain(one, spare if one is message else one.raw)


def as_function(tool: Any) -> Any:
    """A declared tool in OpenAI's form; one that is no function as it is."""
    bare = isinstance(tool, dict) and isinstance(tool.get("name"), str) and "function" not in tool
    return {"type": "function", "function": tool} if bare else tool


def _tools_as_text(record: Mapping[str, Any], dialect: Dialect) -> tuple[Any, ...]:
    """The tools that are given as JSON in a string, as TRL lets them be."""
    text = record.get("tools") if "tools" in dialect.keys else None
    value = decode_exactly(text.encode("utf-8", "backslashreplace")) if isinstance(text, str) else None
    return tuple(value) if isinstance(value, list) else ()


def _passed_over(record: Mapping[str, Any], dialect: Dialect, read: Conversation, tools: tuple[Any, ...]) -> list[str]:
    """The dialect's own keys that hold something which its reader did not understand."""
    heard = {message.pointer.split("/")[1] for message in read.messages if message.pointer} | ELSEWHERE
    declared = "functions" if record.get("functions") else "tools"
    if tools or record.get(declared) in ("[]", "null", ""):
        heard |= {"tools", "functions"}
    return [key for key in record if key in dialect.keys and record[key] and key not in heard]


def _in_input(record: Mapping[str, Any], dialect: Dialect) -> dict[str, Any]:
    """What a preference record says beside the messages and tools of its input."""
    asked = record.get("input") if "input" in dialect.keys and "preferred_output" in record else None
    return {key: asked[key] for key in asked if key not in ("messages", "tools")} if isinstance(asked, dict) else {}


def _spare(message: Message, dialect: Dialect) -> dict[str, Any]:
    if not isinstance(message.raw, dict):
        return {}
    known = MESSAGE_KEYS.get(dialect.name, CHAT_KEYS)
    spare = {key: value for key, value in message.raw.items() if key not in known and value is not None}
    weight = message.raw.get("weight")
    if "weight" in known and (weight not in (None, 0, 1) or (weight is not None and message.role != "assistant")):
        spare["weight"] = weight
    return spare


def _spare_part_keys(message: Message) -> Iterator[str]:
    waiting = [part.raw for part in message.parts if part.kind != "other"]
    waiting += [call.raw for call in message.tool_calls]
    while waiting:
        one = waiting.pop()
        for key, value in one.items() if isinstance(one, dict) else ():
            if key not in PART_KEYS and value is not None:
                yield key
            elif key not in ARGUMENTS:
                waiting.append(value)


def _plain(message: Message, spare: dict[str, Any]) -> Message:
    """The message without where it stood. Texts without any character are no parts, unless nothing else is said."""
    parts = tuple([_bare(part) for part in message.parts if part.text or part.kind != "text"])
    if message.parts and not parts and not message.tool_calls:
        parts = (Part("text", ""),)
    return Message(
        role=message.role,
        parts=parts,
        tool_calls=tuple([replace(call, raw=None) for call in message.tool_calls]),
        name=message.name,
        tool_call_id=message.tool_call_id,
        trained=message.trained,
        section=message.section,
        raw=spare,
    )


def _bare(part: Part) -> Part:
    return part if part.raw is None else Part(part.kind, part.text, part.detail)


def _prompt_once(messages: list[Message]) -> list[Message]:
    """Without a prompt, what both answers begin with, up to the last message of either, is the prompt."""
    chosen, rejected = ([one for one in messages if one.section == section] for section in SECTIONS)
    prompt = [one for one in messages if not one.section]
    if prompt or not chosen or not rejected:
        return messages
    shared = _shared(chosen[:-1], rejected[:-1])
    return [replace(one, section="") for one in chosen[:shared]] + chosen[shared:] + rejected[shared:]


def _shared(one: Sequence[Message], other: Sequence[Message]) -> int:
    pairs = zip(one, other, strict=False)
    return next(
        (place for place, (a, b) in enumerate(pairs) if said(a) != said(b) or a.raw != b.raw), min(len(one), len(other))
    )


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def same_json(one: Any, other: Any) -> bool:
    """Whether two values are spelt alike as JSON."""
    return compact(one) == compact(other)
