"""A message of the form {role, content, ...}, which OpenAI chat, OpenAI preference and TRL share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from curator.records.codec import Malformed, compact, decode_exactly
from curator.records.conversation import Message, Part, ToolCall
from curator.records.dialects.base import DoesNotFitError, Record, json_value, put
from curator.records.dialects.fields import field_value


def read_messages(raw: Any, pointer: str, section: str = "") -> list[Message]:
    """The messages of a list; anything else gives none."""
    if not isinstance(raw, list):
        return []
    return [read_message(one, f"{pointer}/{place}", section) for place, one in enumerate(raw)]


def read_message(raw: Any, pointer: str, section: str = "") -> Message:
    """One message; what is not an object is shown as JSON under the role `?`."""
    if not isinstance(raw, dict):
        return Message("?", (Part("other", compact(raw)),), section=section, pointer=pointer, raw=raw)
    role = raw.get("role")
    role = role if isinstance(role, str) else "?"
    content = raw.get("content")
    if len(raw) == 2 and type(content) is str and "role" in raw:
        # Most messages are just a role and a text.
        parts = (Part("text", content),)
        return Message(role, parts, trained=role == "assistant", section=section, pointer=pointer, raw=raw)
    return Message(
        role=role,
        parts=tuple(_read_parts(raw)),
        tool_calls=tuple(_read_calls(raw)),
        name=as_text(raw.get("name")),
        tool_call_id=as_text(raw.get("tool_call_id")),
        trained=role == "assistant" and raw.get("weight", 1) != 0,
        section=section,
        pointer=pointer,
        raw=raw,
    )


def as_text(value: Any) -> str:
    """A string as it is, null as nothing, any other value as JSON."""
    if isinstance(value, str):
        return value
    return "" if value is None else compact(value)


def _read_parts(raw: Mapping[str, Any]) -> Iterator[Part]:
    content = raw.get("content")
    if isinstance(content, str):
        yield Part("text", content)
    elif isinstance(content, list):
        for part in content:
            yield _read_part(part)
    elif content is not None:
        yield Part("other", compact(content))
    if isinstance(raw.get("refusal"), str):
        yield Part("refusal", raw["refusal"])


def _read_part(raw: Any) -> Part:
    match raw:
        case str():
            return Part("text", raw, raw=raw)
        case {"type": "text", "text": str(text)}:
            return Part("text", text, raw=raw)
        case {"type": "refusal", "refusal": str(text)}:
            return Part("refusal", text, raw=raw)
        case {"type": "image_url", "image_url": {"url": str(url), **rest}}:
            return Part("image", url, as_text(rest.get("detail")), raw=raw)
        case {"type": "image_url", "image_url": str(url)}:
            return Part("image", url, raw=raw)
        case {"type": "text", "value": str(text)} if "text" not in raw:
            return Part("text", text, raw=raw)
        case {"type": "image_url", "value": str(url)} if "image_url" not in raw:
            return Part("image", url, raw=raw)
    return Part("other", compact(raw), raw=raw)


def _read_calls(raw: Mapping[str, Any]) -> Iterator[ToolCall]:
    calls = raw.get("tool_calls")
    for call in calls if isinstance(calls, list) else []:
        yield _read_call(call)
    legacy = raw.get("function_call")
    if isinstance(legacy, dict):
        yield ToolCall(as_text(legacy.get("name")), as_text(legacy.get("arguments")), legacy=True, raw=legacy)


def _read_call(raw: Any) -> ToolCall:
    function = raw.get("function") if isinstance(raw, dict) else None
    if not isinstance(function, dict):
        return ToolCall("?", compact(raw), raw=raw)
    return ToolCall(as_text(function.get("name")), as_text(function.get("arguments")), as_text(raw.get("id")), raw=raw)


def write_message(message: Message, *, own_mask: bool = True) -> Any:
    """The message as the record holds it: its own object with just the changed keys replaced, or a new one.

    With `own_mask` False, whether it is trained follows from where it stands, and `weight` is left alone.
    """
    if not isinstance(message.raw, dict) and (message.raw is not None or message.role == "?"):
        return field_value(message)
    raw: Record = dict(message.raw) if message.raw is not None else {"role": message.role, "content": ""}
    if _says(raw, message):
        return raw
    before = read_message(raw, "")
    put(raw, "role", message.role, before.role)
    if message.parts != before.parts:
        _write_parts(raw, message.parts)
    put(raw, "name", message.name, before.name)
    put(raw, "tool_call_id", message.tool_call_id, before.tool_call_id)
    if message.tool_calls != before.tool_calls:
        _write_calls(raw, message.tool_calls)
    if own_mask and message.role == "assistant" and message.trained != before.trained:
        raw["weight"] = int(message.trained)
    return raw


def _says(raw: Record, message: Message) -> bool:
    """Whether what a record holds is just a role and a text, and those of the message, as most are that stay."""
    if len(raw) != 2 or len(message.parts) != 1 or message.tool_calls or message.name or message.tool_call_id:
        return False
    part = message.parts[0]
    same = raw.get("role") == message.role and raw.get("content") == part.text and part.kind == "text"
    return same and message.role != "?" and part.raw is None and message.trained == (message.role == "assistant")


def _write_parts(raw: Record, parts: tuple[Part, ...]) -> None:
    """Refusals stand beside the content, unless the content is a list that they are part of."""
    content = raw.get("content")
    beside: list[Part] = []
    if not isinstance(content, list) or isinstance(raw.get("refusal"), str):
        beside = [part for part in parts if part.kind == "refusal" and part.raw is None]
        parts = tuple(part for part in parts if part.kind != "refusal" or part.raw is not None)
        if beside:
            raw["refusal"] = "\n".join(part.text for part in beside)
        elif isinstance(raw.get("refusal"), str):
            del raw["refusal"]
    put(raw, "content", _content(parts, content), content)


def _content(parts: tuple[Part, ...], before: Any) -> Any:
    if isinstance(before, list):
        return [_write_part(part) for part in parts]
    if len(parts) == 1 and parts[0].kind == "other":
        return json_value(parts[0].text)
    if any(part.kind in ("image", "other") for part in parts):
        return [_write_part(part) for part in parts]
    return "\n".join(part.text for part in parts) if parts else None


def _write_part(part: Part) -> Any:
    if part.raw is not None and _read_part(part.raw) == part:
        return part.raw
    raw: Record = dict(part.raw) if isinstance(part.raw, dict) else {}
    match part.kind:
        case "text" if isinstance(part.raw, str):
            return part.text
        case "text" | "image" if part.kind not in raw and "image_url" not in raw and isinstance(raw.get("value"), str):
            return {**raw, "value": part.text}
        case "text" | "refusal":
            return {**raw, "type": part.kind, part.kind: part.text}
        case "image":
            return {**raw, "type": "image_url", "image_url": _write_image(part, raw.get("image_url"))}
    return json_value(part.text)


def _write_image(part: Part, before: Any) -> Any:
    if isinstance(before, str) and not part.detail:
        return part.text
    image: Record = dict(before) if isinstance(before, dict) else {}
    put(image, "url", part.text, image.get("url"))
    put(image, "detail", part.detail, as_text(image.get("detail")))
    return image


def _write_calls(raw: Record, calls: tuple[ToolCall, ...]) -> None:
    before = tuple(_read_calls(raw))
    for key, legacy in (("tool_calls", False), ("function_call", True)):
        own = [call for call in calls if call.legacy is legacy]
        if own == [call for call in before if call.legacy is legacy]:
            continue
        if len(own) > 1 and legacy:
            raise DoesNotFitError("A message holds one `function_call` at most.")
        if own:
            raw[key] = _write_function(own[0]) if legacy else [_write_call(call) for call in own]
        else:
            raw.pop(key, None)


def _write_call(call: ToolCall) -> Any:
    if call.raw is not None and _read_call(call.raw) == call:
        return call.raw
    raw: Record = dict(call.raw) if isinstance(call.raw, dict) else {"id": call.call_id, "type": "function"}
    put(raw, "id", call.call_id, as_text(raw.get("id")))
    raw["function"] = _write_function(call, raw.get("function"))
    return raw


def _write_function(call: ToolCall, own: Any = None) -> Record:
    before = call.raw if call.legacy else own
    raw: Record = dict(before) if isinstance(before, dict) else {}
    put(raw, "name", call.name, as_text(raw.get("name")) if "name" in raw else None)
    if "arguments" not in raw or as_text(raw["arguments"]) != call.arguments:
        raw["arguments"] = _arguments_in_kind(call.arguments, raw.get("arguments"))
    return raw


def _arguments_in_kind(arguments: str, before: Any) -> Any:
    """The arguments as an object where the record had one (as TRL allows) and they still are JSON, else as text."""
    if before is None or isinstance(before, str):
        return arguments
    value = decode_exactly(arguments.encode("utf-8", "backslashreplace"))
    return arguments if isinstance(value, Malformed) else value
