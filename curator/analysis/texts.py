"""Which texts of a record are counted, and what the token rule adds to them.

The rule is the OpenAI cookbook's ("How to count tokens with tiktoken"): a message costs a constant, the tokens of every
string in it, the role included, and a constant for a name; an example costs 3 more. What it does not cover is counted
as compact JSON and makes the figure an estimate: calls, nested tool schemas, images, values that are no strings.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import compress
from typing import Any

import orjson
from xxhash import xxh3_64_intdigest

from curator.analysis.counting import Counting
from curator.analysis.images import image_tokens
from curator.analysis.lint.signs import FRACTION
from curator.analysis.lint.view import RecordView
from curator.analysis.masking import WEIGHT
from curator.analysis.roles import KnownTokens, RolePatterns
from curator.records.codec import compact
from curator.records.dialects.openai_chat import MESSAGE_KEYS

EXAMPLE_TOKENS = 3
FUNCTIONS_END = 12
PROPERTIES_START = 3
PROPERTY_START = 3
ENUM_START = -3
ENUM_ITEM = 3

TRAINED_KEYS = frozenset(("content", "tool_calls", "function_call", "refusal"))


MESSAGE_MARKS = 8
"""Quotation marks around the keys and values of a message that is just a role and a text."""
UNKNOWN = -(1 << 60)
MARKED_KEYS = frozenset(MESSAGE_KEYS)


class TokenRule:
    """A model's token rule, with what it has counted before."""

    def __init__(self, counting: Counting, count: Callable[[str], int], mask_key: str = WEIGHT) -> None:
        """`mask_key` is the key of messages by which the trainer is told what to learn: it is not counted."""
        self.counting = counting
        self.uncounted = frozenset((WEIGHT, mask_key))
        self.roles = KnownTokens(count)
        self.prompts = KnownTokens(count)
        self.patterns = RolePatterns(self.roles, counting.per_message)


class Texts:
    """What is to be counted of a record or a message: texts, apart those that are learnt, and constants beside them."""

    __slots__ = (
        *("beside", "context", "estimated", "extra", "extra_learnt", "images", "learnt", "marks", "said", "starts"),
        "tool_marks",
    )

    def __init__(self) -> None:
        self.said: list[str] = []
        """All texts, in order."""
        self.context: list[str] = []
        """Those that a trainer does not learn from."""
        self.learnt: list[str] = []
        """Those that it does learn from."""
        self.extra = 0
        """Tokens beside those of the context."""
        self.extra_learnt = 0
        """Tokens beside those of the texts that are learnt."""
        self.images = 0
        self.estimated = False
        self.starts: list[int] = []
        """Where each message's texts begin among all; empty where each message is one text."""
        self.beside = 0
        """A hash of what is no text: declared tools and images."""
        self.tool_marks = 0
        """Quotation marks of the declared tools as JSON; 0 where these hold fractions."""
        self.marks = UNKNOWN
        """Quotation marks of the messages as JSON, but for those in texts and roles; below 0 where it is not known."""

    def first_of(self, message: int) -> int:
        """The place of a message's first text, or of the end for the number of messages."""
        starts = self.starts
        return message if not starts else starts[message] if message < len(starts) else len(self.said)

    def add(self, text: str, learnt: bool = False) -> None:
        """Add one text."""
        self.said.append(text)
        (self.learnt if learnt else self.context).append(text)

    def learn_all(self) -> None:
        """Take all of it for learnt, constants included."""
        self.learnt, self.context = self.context + self.learnt, []
        self.extra_learnt, self.extra = self.extra_learnt + self.extra, 0


def add_messages(texts: Texts, view: RecordView, rule: TokenRule, flags: Sequence[bool] | None = None) -> None:
    """Add a conversation's messages; one without messages counts nothing.

    `flags` say for each message whether it is learnt; without them OpenAI's masking goes.
    """
    if view.messages:
        texts.extra += EXAMPLE_TOKENS
    if flags is not None:
        for message, flag in zip(view.messages, flags, strict=True):
            texts.starts.append(len(texts.said))
            add_message(texts, message, rule, flag)
        return
    if view.texts:
        texts.extra += view.pattern.tokens
        texts.said, texts.marks = view.texts, MESSAGE_MARKS * len(view.texts)
        texts.context = list(compress(view.texts, view.pattern.context))
        texts.learnt = list(compress(view.texts, view.pattern.learnt))
        return
    if None in view.roles:
        for message in view.messages:
            texts.starts.append(len(texts.said))
            add_message(texts, message, rule)
        return
    texts.extra += view.pattern.tokens
    texts.marks = 0
    said, starts = texts.said, texts.starts
    for role, message in zip(view.roles, view.messages, strict=True):
        starts.append(len(said))
        content = message.get("content")
        # Most messages are just a role and a text even beside others, and are not worth a call.
        if type(content) is str and len(message) == 2:
            said.append(content)
            (texts.learnt if role == "assistant" else texts.context).append(content)
            texts.marks += MESSAGE_MARKS
        else:
            _add_beside_role(texts, message, rule, role == "assistant" and message.get(WEIGHT, 1) != 0)


def add_message(texts: Texts, message: Any, rule: TokenRule, flag: bool | None = None) -> None:
    """Add one message in OpenAI chat form; what is not an object counts nothing.

    `flag` says whether it is learnt; without it OpenAI's masking goes.
    """
    if type(message) is not dict:
        return
    texts.extra += rule.counting.per_message
    role = message.get("role")
    if type(role) is str:
        texts.extra += rule.roles[role]
    trained = role == "assistant" and message.get(WEIGHT, 1) != 0 if flag is None else flag
    _add_beside_role(texts, message, rule, trained)


def _add_beside_role(texts: Texts, message: dict[str, Any], rule: TokenRule, trained: bool) -> None:
    """Add what a message holds beside a role that is a string."""
    marks = 2 * len(message) if MARKED_KEYS.issuperset(message) else UNKNOWN
    for key, value in message.items():
        if value is None:
            continue
        if key in rule.uncounted:
            marks += 0 if type(value) is int else UNKNOWN
            continue
        learnt = trained and key in TRAINED_KEYS
        if type(value) is str:
            marks += 2
            if key != "role":
                texts.said.append(value)
                (texts.learnt if learnt else texts.context).append(value)
                texts.extra += rule.counting.per_name if key == "name" else 0
        elif key == "content" and type(value) is list:
            marks = UNKNOWN
            for part in value:
                _add_part(texts, learnt, part, rule.counting)
        else:
            texts.estimated = True
            spelt, whole = _spelt(value)
            marks += 0 if whole else UNKNOWN
            texts.add(spelt, learnt)
    texts.marks += marks


def _spelt(value: object) -> tuple[str, bool]:
    """What `compact` makes of a value, and whether it is sure to hold no fraction.

    orjson, which is faster, spells fractions in another way, and what is no number as null.
    """
    try:
        spelt = orjson.dumps(value).decode()
    except TypeError:
        return compact(value), False
    whole = type(value) is not float and "null" not in spelt and not FRACTION.stands_in(spelt)
    return (spelt if whole else compact(value)), whole


def _add_part(texts: Texts, learnt: bool, part: Any, counting: Counting) -> None:
    match part:
        case str():
            texts.add(part, learnt)
        case {"type": "text", "text": str(text)} | {"type": "refusal", "refusal": str(text)}:
            texts.add(text, learnt)
        case {"type": "text", "value": str(text)}:  # as LLaMA-Factory spells it
            texts.add(text, learnt)
        case {"type": "image_url", "image_url": image}:
            tokens = image_tokens(image, counting)
            texts.estimated = True
            texts.images += 1
            texts.beside = xxh3_64_intdigest(compact(image).encode("utf-8", "surrogatepass"), texts.beside)
            if learnt:
                texts.extra_learnt += tokens
            else:
                texts.extra += tokens
        case _:
            texts.estimated = True
            texts.add(compact(part), learnt)


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


def add_plain(texts: Texts, messages: list[Any], flags: Sequence[bool] | None = None) -> None:
    """Add messages whose tokens are the plain sum of their contents, as in prompt/completion records."""
    for place, message in enumerate(messages):
        trained = message.get("role") == "assistant" and message.get(WEIGHT, 1) != 0
        texts.add(_string(message.get("content")), trained if flags is None else flags[place])
