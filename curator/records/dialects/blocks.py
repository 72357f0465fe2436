"""A message of a role and a list of blocks, some of which are calls: what Bedrock and Gemini share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from curator.records.codec import Malformed, compact, decode_exactly
from curator.records.conversation import Message, Part, ToolCall
from curator.records.dialects.base import Record, listed
from curator.records.dialects.fields import field_value


@dataclass(frozen=True, slots=True)
class BlockForm:
    """How a dialect spells its messages."""

    key: str
    """The key of a message that holds its blocks."""
    roles: Mapping[str, str]
    """OpenAI's word for each of the dialect's own roles."""
    read: Callable[[Any], Part | ToolCall]
    write: Callable[[Part], Any]
    """Raises DoesNotFitError where a block cannot hold the part."""
    write_call: Callable[[ToolCall], Any]
    answers: str
    """The key of a block that holds what a tool answered."""

    def speaker(self, role: str) -> str:
        """The dialect's own word for a role."""
        return next((own for own, known in self.roles.items() if known == role), role)


def read_block_message(form: BlockForm, raw: Any, pointer: str) -> Message:
    """One message; what is not an object is shown as JSON under the role `?`."""
    if not isinstance(raw, dict):
        return Message("?", (Part("other", compact(raw)),), pointer=pointer, raw=raw)
    held = raw.get(form.key)
    blocks = [form.read(one) for one in listed(held)]
    parts = [one for one in blocks if isinstance(one, Part)]
    if held is not None and not isinstance(held, list):
        parts = [Part("text", held) if isinstance(held, str) else Part("other", compact(held))]
    role = _role(form, raw)
    calls = tuple(one for one in blocks if isinstance(one, ToolCall))
    return Message(role, tuple(parts), calls, trained=role == "assistant", pointer=pointer, raw=raw)


def _role(form: BlockForm, raw: Mapping[str, Any]) -> str:
    own = raw.get("role")
    role = form.roles.get(own, own) if isinstance(own, str) else "?"
    return "tool" if role == "user" and _answers(form, raw) else role


def _answers(form: BlockForm, raw: Mapping[str, Any]) -> bool:
    """Whether a message holds what a tool answered; users' messages do that."""
    return any(isinstance(one, dict) and form.answers in one for one in listed(raw.get(form.key)))


def write_block_message(form: BlockForm, message: Message) -> Any:
    """The message as the record holds it: its own object with just the changed keys replaced, or a new one."""
    if not isinstance(message.raw, dict) and (message.raw is not None or message.role == "?"):
        return field_value(message)
    raw: Record = dict(message.raw) if message.raw is not None else {"role": form.speaker(message.role), form.key: []}
    before = read_block_message(form, raw, "")
    if message.role != before.role:
        raw["role"] = form.speaker("user" if message.role == "tool" and _answers(form, raw) else message.role)
    if (message.parts, message.tool_calls) != (before.parts, before.tool_calls):
        raw[form.key] = _blocks(form, message, raw.get(form.key), before)
    return raw


def _blocks(form: BlockForm, message: Message, held: Any, before: Message) -> Any:
    """The blocks in the order that they had; where there are more or fewer, parts stand before calls."""
    if isinstance(held, str) and not message.tool_calls and len(message.parts) == 1:
        return field_value(message)
    parts = [_block(form, part) for part in message.parts]
    calls = [_block(form, call) for call in message.tool_calls]
    if (len(parts), len(calls)) != (len(before.parts), len(before.tool_calls)) or not isinstance(held, list):
        return parts + calls
    waiting = {Part: iter(parts), ToolCall: iter(calls)}
    return [next(waiting[type(form.read(one))]) for one in held]


def _block(form: BlockForm, block: Part | ToolCall) -> Any:
    if block.raw is not None and form.read(block.raw) == block:
        return block.raw
    return form.write(block) if isinstance(block, Part) else form.write_call(block)


def arguments_value(call: ToolCall) -> Any:
    """The arguments of a call as a value; text that is not JSON stays text."""
    value = decode_exactly(call.arguments.encode("utf-8", "backslashreplace"))
    return call.arguments if isinstance(value, Malformed) else value
