"""Which texts of a record are counted, and what the token rule adds to them.

The rule is the OpenAI cookbook's ("How to count tokens with tiktoken"): a message costs a constant, the tokens of every
string in it, the role included, and a constant for a name; an example costs 3 more. What it does not cover is counted
as compact JSON and makes the figure an estimate: calls, nested tool schemas, images, values that are no strings.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from curator.analysis.counting import Counting
from curator.analysis.images import image_tokens
from curator.analysis.lint.view import RecordView
from curator.records.codec import compact

EXAMPLE_TOKENS = 3
FUNCTIONS_END = 12
PROPERTIES_START = 3
PROPERTY_START = 3
ENUM_START = -3
ENUM_ITEM = 3
SHORTEST_KEPT_PROMPT, LONGEST_KEPT_PROMPT = 256, 1 << 16
"""Characters of the system prompts whose tokens are kept."""

KEPT_ROLES, KEPT_PROMPTS, KEPT_PATTERNS = 64, 512, 4096

TRAINED_KEYS = frozenset(("content", "tool_calls", "function_call", "refusal"))


class Texts:
    """What is to be counted of one record after another: texts, whether each is trained, and constants beside them."""

    __slots__ = ("estimated", "extra", "extra_trained", "images", "learnt", "texts")

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.learnt: list[bool] = []
        """For each text, whether a trainer learns from it."""
        self.start_record()

    def start_record(self) -> None:
        """Set the constants back; the texts go on."""
        self.extra = 0
        """Tokens beside those of the texts, the trained ones included."""
        self.extra_trained = 0
        self.images = 0
        self.estimated = False

    def add(self, text: str, learnt: bool = False) -> None:
        """Add one text."""
        self.texts.append(text)
        self.learnt.append(learnt)


class KnownTokens(dict[str, int]):
    """Tokens of texts that recur, counted when they are first met: roles and system prompts. Bounded."""

    def __init__(self, count: Callable[[str], int], most: int) -> None:
        super().__init__()
        self._count = count
        self._most = most

    def __missing__(self, text: str) -> int:
        if len(self) >= self._most:
            self.clear()
        tokens = self[text] = self._count(text)
        return tokens


@dataclass(frozen=True, slots=True)
class RolePattern:
    """What follows from the roles of a conversation alone."""

    tokens: int
    """Of the roles, with what each message adds."""
    learnt: tuple[bool, ...]


class RolePatterns(dict[tuple[str, ...], RolePattern]):
    """Role patterns, worked out when they are first met: few patterns make most of a file. Bounded."""

    def __init__(self, roles: KnownTokens, per_message: int) -> None:
        super().__init__()
        self._roles = roles
        self._per_message = per_message

    def __missing__(self, roles: tuple[str, ...]) -> RolePattern:
        if len(self) >= KEPT_PATTERNS:
            self.clear()
        tokens = self._per_message * len(roles) + sum(self._roles[role] for role in roles)
        pattern = self[roles] = RolePattern(tokens, tuple(role == "assistant" for role in roles))
        return pattern


class TokenRule:
    """A model's token rule, with what it has counted before."""

    def __init__(self, counting: Counting, count: Callable[[str], int]) -> None:
        self.counting = counting
        self.roles = KnownTokens(count, KEPT_ROLES)
        self.prompts = KnownTokens(count, KEPT_PROMPTS)
        self.patterns = RolePatterns(self.roles, counting.per_message)


def add_messages(texts: Texts, view: RecordView, rule: TokenRule) -> None:
    """Add a conversation's messages; one without messages counts nothing."""
    if not view.messages:
        return
    texts.extra += EXAMPLE_TOKENS
    if view.contents:
        _add_simple_messages(texts, view.roles, view.contents, rule)
        return
    for message in view.messages:
        if type(message) is dict and len(message) == 2:
            role, content = message.get("role"), message.get("content")
            if type(role) is str and type(content) is str:
                texts.extra += rule.counting.per_message + rule.roles[role]
                texts.texts.append(content)
                texts.learnt.append(role == "assistant")
                continue
        add_message(texts, message, rule)


def _add_simple_messages(texts: Texts, roles: tuple[str, ...], contents: list[str], rule: TokenRule) -> None:
    """Add messages of only a role and a text, which nearly all are, without a look at each."""
    pattern = rule.patterns[roles]
    texts.extra += pattern.tokens
    texts.learnt += pattern.learnt
    if SHORTEST_KEPT_PROMPT <= len(contents[0]) <= LONGEST_KEPT_PROMPT and roles[0] == "system":
        texts.extra += rule.prompts[contents[0]]
        contents[0] = ""
    texts.texts += contents


def add_message(texts: Texts, message: Any, rule: TokenRule) -> None:
    """Add one message in OpenAI chat form; what is not an object counts nothing."""
    if type(message) is not dict:
        return
    texts.extra += rule.counting.per_message
    trained = message.get("role") == "assistant" and message.get("weight", 1) != 0
    for key, value in message.items():
        learnt = trained and key in TRAINED_KEYS
        if type(value) is str:
            if key == "role":
                texts.extra += rule.roles[value]
            else:
                texts.add(value, learnt)
                texts.extra += rule.counting.per_name if key == "name" else 0
        elif value is None or key == "weight":
            continue
        elif key == "content" and type(value) is list:
            for part in value:
                _add_part(texts, learnt, part, rule.counting)
        else:
            texts.estimated = True
            texts.add(compact(value), learnt)


def _add_part(texts: Texts, learnt: bool, part: Any, counting: Counting) -> None:
    match part:
        case str():
            texts.add(part, learnt)
        case {"type": "text", "text": str(text)} | {"type": "refusal", "refusal": str(text)}:
            texts.add(text, learnt)
        case {"type": "image_url", "image_url": image}:
            tokens = image_tokens(image, counting)
            texts.estimated = True
            texts.images += 1
            texts.extra += tokens
            texts.extra_trained += tokens if learnt else 0
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


def add_plain(texts: Texts, messages: list[Any]) -> None:
    """Add messages whose tokens are the plain sum of their contents, as in prompt/completion records."""
    for message in messages:
        trained = message.get("role") == "assistant" and message.get("weight", 1) != 0
        texts.add(_string(message.get("content")), trained)
