"""A conversation as people read it, whatever dialect its record is written in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a message's content."""

    kind: str
    """`text`, `refusal`, `image` (text is its URL) or `other` (text is its JSON)."""
    text: str
    detail: str = ""
    """Of an image: `low`, `high` or `auto`, as the record says; else empty."""
    raw: Any = field(default=None, compare=False, repr=False)
    """What the record holds there; None for a part that is not in the record yet."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that an assistant message makes."""

    name: str
    arguments: str
    """JSON text as the record spells it; an object in the record is given as compact JSON."""
    call_id: str = ""
    legacy: bool = False
    """Whether it stands in `function_call` and not in `tool_calls`."""
    raw: Any = field(default=None, compare=False, repr=False)
    """What the record holds there; None for a call that is not in the record yet."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its role in OpenAI's words, whatever the dialect calls it."""

    role: str
    parts: tuple[Part, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    name: str = ""
    tool_call_id: str = ""
    trained: bool = False
    """Whether a trainer learns from it: assistant messages that are not masked."""
    section: str = ""
    """`chosen` or `rejected` in preference records, else empty."""
    pointer: str = field(default="", compare=False)
    """JSON pointer (RFC 6901) of the message in its record."""
    raw: Any = field(default=None, compare=False, repr=False)
    """What the record holds there; None for a message that is not in the record yet."""

    @property
    def text(self) -> str:
        """The text parts, joined by newlines."""
        return "\n".join(part.text for part in self.parts if part.kind in ("text", "refusal"))


@dataclass(frozen=True, slots=True)
class Conversation:
    """What a record says: its messages in order, the tools it declares, and its other keys untouched."""

    messages: tuple[Message, ...] = ()
    tools: tuple[Any, ...] = ()
    other_keys: tuple[tuple[str, Any], ...] = ()

    @property
    def turns(self) -> int:
        """User messages: a turn is a user message and all up to the next one."""
        return sum(message.role == "user" for message in self.messages)


def as_chat(message: Message) -> dict[str, Any]:
    """The message as an OpenAI chat message, the form that tokens are counted in."""
    chat: dict[str, Any] = {"role": message.role}
    if message.name:
        chat["name"] = message.name
    if any(part.raw is not None or part.kind in ("image", "refusal") for part in message.parts):
        chat["content"] = [_chat_part(part) for part in message.parts]
    elif message.parts or not message.tool_calls:
        chat["content"] = "\n".join(part.text for part in message.parts)
    if message.tool_calls:
        chat["tool_calls"] = [
            {"id": call.call_id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in message.tool_calls
        ]
    if message.tool_call_id:
        chat["tool_call_id"] = message.tool_call_id
    if message.role == "assistant" and not message.trained:
        chat["weight"] = 0
    return chat


def _chat_part(part: Part) -> Any:
    if part.kind == "image":
        return {"type": "image_url", "image_url": {"url": part.text, "detail": part.detail or "auto"}}
    return part.raw if part.kind == "other" and part.raw is not None else {"type": "text", "text": part.text}
