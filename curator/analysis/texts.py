"""Which texts of a record are counted, and what the token rule adds to them.

The rule is the OpenAI cookbook's ("How to count tokens with tiktoken"): a message costs a constant, the tokens of every
string in it, the role included, and a constant for a name; an example costs 3 more. What it does not cover is counted
as compact JSON and makes the figure an estimate: calls, nested tool schemas, images, values that are no strings.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curator.analysis.counting import Counting
from curator.analysis.images import image_tokens
from curator.records.codec import compact

EXAMPLE_TOKENS = 3
FUNCTIONS_END = 12
PROPERTIES_START = 3
PROPERTY_START = 3
ENUM_START = -3
ENUM_ITEM = 3
TRAINED_KEYS = frozenset(("content", "tool_calls", "function_call", "refusal"))


class Texts:
    """What is to be counted of one record or message: texts by whether they are trained, and constants beside them."""

    __slots__ = ("estimated", "extra", "extra_trained", "images", "other", "trained")

    def __init__(self) -> None:
        self.other: list[str] = []
        self.trained: list[str] = []
        self.extra = 0
        """Tokens beside those of the texts, the trained ones included."""
        self.extra_trained = 0
        self.estimated = False
        self.images = 0

    def start_record(self) -> None:
        """Set the constants back; the texts go on."""
        self.extra = self.extra_trained = self.images = 0
        self.estimated = False


def add_messages(texts: Texts, messages: list[Any], counting: Counting) -> None:
    """Add a conversation's messages in OpenAI chat form; a record without messages counts nothing."""
    if messages:
        texts.extra += EXAMPLE_TOKENS
    for message in messages:
        add_message(texts, message, counting)


def add_message(texts: Texts, message: Any, counting: Counting) -> None:
    """Add one message in OpenAI chat form; what is not an object counts nothing."""
    if type(message) is not dict:
        return
    texts.extra += counting.per_message
    role, content = message.get("role"), message.get("content")
    if len(message) == 2 and type(content) is str and type(role) is str:
        texts.other.append(role)
        (texts.trained if role == "assistant" else texts.other).append(content)
    else:
        _add_keys(texts, message, counting)


def _add_keys(texts: Texts, message: Mapping[str, Any], counting: Counting) -> None:
    learnt = message.get("role") == "assistant" and message.get("weight", 1) != 0
    for key, value in message.items():
        to = texts.trained if learnt and key in TRAINED_KEYS else texts.other
        if type(value) is str:
            to.append(value)
            if key == "name":
                texts.extra += counting.per_name
        elif value is None or key == "weight":
            continue
        elif key == "content" and type(value) is list:
            for part in value:
                _add_part(texts, to, part, counting)
        else:
            texts.estimated = True
            to.append(compact(value))


def _add_part(texts: Texts, to: list[str], part: Any, counting: Counting) -> None:
    match part:
        case str():
            to.append(part)
        case {"type": "text", "text": str(text)} | {"type": "refusal", "refusal": str(text)}:
            to.append(text)
        case {"type": "image_url", "image_url": image}:
            texts.estimated = True
            texts.images += 1
            tokens = image_tokens(image, counting)
            texts.extra += tokens
            texts.extra_trained += tokens if to is texts.trained else 0
        case _:
            texts.estimated = True
            to.append(compact(part))


def tool_texts(tools: list[Any], counting: Counting) -> tuple[list[str], int, bool]:
    """Texts, constant and whether it is an estimate, of the tools (or legacy functions) that an example declares."""
    texts: list[str] = []
    extra = FUNCTIONS_END if tools else 0
    estimated = False
    for tool in tools:
        function = tool.get("function", tool) if isinstance(tool, dict) else None
        if not isinstance(function, dict):
            texts.append(compact(tool))
            estimated = True
            continue
        extra += counting.per_function
        texts.append(f"{_string(function.get('name'))}:{_sentence(function.get('description'))}")
        parameters = function.get("parameters")
        properties = parameters.get("properties") if isinstance(parameters, dict) else None
        if isinstance(properties, dict) and properties:
            extra += PROPERTIES_START
            for name, schema in properties.items():
                more, nested = _add_property(texts, name, schema)
                extra += more
                estimated |= nested
    return texts, extra, estimated


def _add_property(texts: list[str], name: str, schema: Any) -> tuple[int, bool]:
    if not isinstance(schema, dict):
        texts.append(f"{name}:{compact(schema)}")
        return PROPERTY_START, True
    extra = PROPERTY_START
    items = schema.get("enum")
    if isinstance(items, list):
        extra += ENUM_START + ENUM_ITEM * len(items)
        texts.extend(_string(item) for item in items)
    texts.append(f"{name}:{_string(schema.get('type'))}:{_sentence(schema.get('description'))}")
    nested = {key: value for key, value in schema.items() if key not in ("type", "description", "enum")}
    if nested:
        texts.append(compact(nested))
    return extra, bool(nested)


def _string(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else compact(value)


def _sentence(value: Any) -> str:
    return _string(value).removesuffix(".")


def add_plain(texts: Texts, messages: list[Any]) -> None:
    """Add messages whose tokens are the plain sum of their contents, as in prompt/completion records."""
    for message in messages:
        learnt = message.get("role") == "assistant" and message.get("weight", 1) != 0
        content = message.get("content")
        if content:
            (texts.trained if learnt else texts.other).append(_string(content))


