"""New, empty records of each dialect, like the record that they are put beside."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from curator.records.conversation import Message
from curator.records.dialects import Dialect
from curator.records.dialects.base import Record, listed
from curator.records.dialects.bedrock import VERSION
from curator.records.dialects.sharegpt import ROLES as SPEAKERS
from curator.records.transforms.turns import PROMPTS, prompt_length

Fill = Callable[[Mapping[str, Any], str], Any]
"""The value of a key in a new record, by the record that it is like and the key."""


def new_record(dialect: Dialect, like: Mapping[str, Any] | None = None) -> Record:
    """An empty record of the dialect: a question and an answer without text, which its schema accepts.

    With `like` it has that record's keys as far as they are the dialect's, in the same order and of the same kinds,
    its system prompt and its tools; other keys are left out. The values are shared with that record, not copied.
    """
    fill, plain = FORMS[dialect.name]
    model = plain if like is None or dialect.claims(like) is None else like
    kept = [key for key in model if key in dialect.keys or (dialect.name, key) in TELLING]
    return {key: fill(model, key) for key in kept}


def _openai_chat(like: Mapping[str, Any], key: str) -> Any:
    return _messages(like[key], ("user", "assistant")) if key == "messages" else like[key]


def _openai_preference(like: Mapping[str, Any], key: str) -> Any:
    if key != "input":
        return _messages(like[key], ("assistant",))
    asked = like[key] if isinstance(like[key], dict) else {"messages": []}
    return {
        name: _messages(value, ("user",)) if name == "messages" else value
        for name, value in asked.items()
        if name in ("messages", "tools")
    }


def _trl(like: Mapping[str, Any], key: str) -> Any:
    if key in ("label", "tools"):
        return like[key]
    if key == "messages":
        return _openai_chat(like, key)
    if not isinstance(like[key], list):
        return ""
    asking = () if key != "prompt" and isinstance(like.get("prompt"), list) else ("user",)
    return _messages(like[key], asking if key == "prompt" else (*asking, "assistant"))


def _claude(like: Mapping[str, Any], key: str) -> Any:
    return like[key] if key == "system" else _messages(like[key], ("user", "assistant"))


def _blocks(like: Mapping[str, Any], key: str) -> Any:
    """Of Bedrock and Gemini: system prompt, tools and version as they are, with an empty question and answer."""
    if key == "messages":
        return [{"role": role, "content": [{"text": ""}]} for role in ("user", "assistant")]
    if key == "contents":
        return [{"role": role, "parts": [{"text": ""}]} for role in ("user", "model")]
    return like[key]


def _together(like: Mapping[str, Any], key: str) -> Any:
    if key == "messages":
        return _openai_chat(like, key)
    if key in ("input", "preferred_output", "non_preferred_output"):
        return _openai_preference(like, key)
    return like[key] if key == "tools" else ""


def _prompt_completion(_like: Mapping[str, Any], _key: str) -> Any:
    return ""


def _alpaca(like: Mapping[str, Any], key: str) -> Any:
    value = like[key]
    if key == "system" or value is None:
        return value
    return [] if key == "history" else ""


def _sharegpt(like: Mapping[str, Any], key: str) -> Any:
    if key in ("system", "tools"):
        return like[key]
    turns = listed(like["conversations"])
    if key != "conversations":
        return _turn(turns, "assistant")
    compared = "chosen" in like or "rejected" in like
    first = turns[:1] if turns and isinstance(turns[0], dict) and turns[0].get("from") == "system" else []
    return [*first, *(_turn(turns, role) for role in (("user",) if compared else ("user", "assistant")))]


def _turn(turns: Sequence[Any], role: str) -> Record:
    """An empty turn that names its speaker as those turns do, and holds its keys in their order."""
    plain = {"from": "human" if role == "user" else "gpt", "value": ""}
    named = [turn for turn in turns if isinstance(turn, dict) and SPEAKERS.get(str(turn.get("from"))) == role]
    like = next((turn for turn in named if turn["from"] != "function_call"), plain)
    return {key: like[key] if key == "from" else "" for key in like if key in plain} | {"value": ""}


def _messages(like: Any, roles: Sequence[str]) -> list[Any]:
    """The system prompt of those messages, and an empty message of each role."""
    messages = [one for one in listed(like) if isinstance(one, dict)]
    length = prompt_length([Message(str(one.get("role"))) for one in messages])
    return [*messages[:length], *(_message(messages, role) for role in roles if role not in PROMPTS)]


def _message(messages: Sequence[Mapping[str, Any]], role: str) -> Record:
    """An empty message with its keys in the order, and its content of the kind, that such a message there has."""
    own = [one for one in messages if one.get("role") == role and isinstance(one.get("content"), str | list)]
    like = own[0] if own else {"role": role, "content": ""}
    content = [{"type": "text", "text": ""}] if isinstance(like["content"], list) else ""
    return {key: role if key == "role" else content for key in like if key in ("role", "content")}


FORMS: dict[str, tuple[Fill, Record]] = {
    "openai-chat": (_openai_chat, {"messages": []}),
    "openai-preference": (
        _openai_preference,
        {"input": {"messages": []}, "preferred_output": [], "non_preferred_output": []},
    ),
    "sharegpt": (_sharegpt, {"conversations": []}),
    "alpaca": (_alpaca, {"instruction": "", "input": "", "output": ""}),
    "trl": (_trl, {"prompt": [], "completion": []}),
    "prompt-completion": (_prompt_completion, {"prompt": "", "completion": ""}),
    "bedrock": (_blocks, {"schemaVersion": VERSION, "messages": []}),
    "claude": (_claude, {"messages": []}),
    "gemini": (_blocks, {"contents": []}),
    "openai-rft": (_openai_chat, {"messages": []}),
    "mistral": (_openai_chat, {"messages": []}),
    "together": (_together, {"messages": []}),
}
"""By the dialect's name: how a key is filled, and the record that a new one is like where there is no other."""

TELLING = frozenset((("trl", "label"),))
"""Keys that are no part of the conversation, but without which a record is not of its dialect."""
