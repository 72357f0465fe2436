"""What each dialect can hold: the table that conversions go by, and that the documentation is made from."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum

from curator.records.dialects import NAMES


class Ids(StrEnum):
    """What a dialect does with the ids of tool calls."""

    NONE = "no"
    FREE = "yes"
    NEEDED = "needed"
    SHORT = "nine letters and digits"


class System(StrEnum):
    """Where a system prompt may stand."""

    NONE = "no"
    FIRST = "first"
    ANYWHERE = "anywhere"


class Developer(StrEnum):
    """Whether a prompt may be the developer's."""

    NONE = "no"
    ALSO = "yes"
    INSTEAD = "in place of the system's"


class Shape(StrEnum):
    """How a conversation may run."""

    FREE = "any"
    IN_TURN = "question and answer in turn"
    PAIR = "one question, one answer"


class Masks(StrEnum):
    """How it is said which answers are trained."""

    NONE = "no"
    EACH = "each answer"
    SIDE = "the last turn alone"
    NOTHING = "nothing is trained"


class Answers(StrEnum):
    """Whether a record holds a preferred and a rejected answer."""

    NONE = "no"
    ALSO = "yes"
    ONLY = "always"


@dataclass(frozen=True, slots=True)
class Capacity:
    """What the records of one dialect have a place for."""

    system: System = System.ANYWHERE
    shape: Shape = Shape.FREE
    developer: Developer = Developer.NONE
    masks: Masks = Masks.NONE
    answers: Answers = Answers.NONE
    calls: bool = True
    text_with_calls: bool = True
    ids: Ids = Ids.NEEDED
    tools: bool = True
    images: bool = False
    parts: bool = False
    """Whether a message may hold several texts, refusals and content of other kinds."""
    names: bool = False
    keys: bool = False
    """Whether records may have keys that the dialect does not know."""
    message_keys: bool = False
    """Whether messages may have such keys."""
    allowed: frozenset[str] = frozenset()
    """Further keys of records that the dialect lets pass, although not others."""


CHAT = frozenset(("openai-chat", "openai-preference", "openai-rft", "trl", "mistral", "together", "claude"))
"""Dialects whose messages have the form of OpenAI chat, so that content of other kinds can go from one to another."""
PARALLEL = frozenset(("parallel_tool_calls",))

CAPACITIES = {
    "openai-chat": Capacity(
        developer=Developer.ALSO, masks=Masks.EACH, images=True, parts=True, names=True, allowed=PARALLEL
    ),
    "openai-preference": Capacity(
        developer=Developer.ALSO, answers=Answers.ONLY, images=True, parts=True, names=True, allowed=PARALLEL
    ),
    "openai-rft": Capacity(
        developer=Developer.INSTEAD, masks=Masks.NOTHING, images=True, parts=True, names=True, keys=True
    ),
    "prompt-completion": Capacity(
        System.NONE, Shape.PAIR, calls=False, text_with_calls=False, ids=Ids.NONE, tools=False
    ),
    "sharegpt": Capacity(answers=Answers.ALSO, text_with_calls=False, ids=Ids.NONE, keys=True, message_keys=True),
    "alpaca": Capacity(
        System.FIRST, Shape.IN_TURN, keys=True, calls=False, text_with_calls=False, ids=Ids.NONE, tools=False
    ),
    "trl": Capacity(
        developer=Developer.ALSO,
        masks=Masks.SIDE,
        answers=Answers.ALSO,
        ids=Ids.FREE,
        images=True,
        parts=True,
        names=True,
        keys=True,
        message_keys=True,
    ),
    "mistral": Capacity(masks=Masks.EACH, text_with_calls=False, ids=Ids.SHORT, images=True, parts=True),
    "together": Capacity(
        masks=Masks.EACH, answers=Answers.ALSO, ids=Ids.FREE, images=True, parts=True, names=True, message_keys=True
    ),
    "claude": Capacity(System.FIRST, parts=True, calls=False, text_with_calls=False, ids=Ids.NONE, tools=False),
    "bedrock": Capacity(System.FIRST, tools=False, parts=True, keys=True),
    "gemini": Capacity(System.FIRST, ids=Ids.NONE, parts=True, keys=True, message_keys=True),
}
"""By the name of the dialect. From the schemas, and from what the dialects' own readers understand."""

COLUMNS = {
    "system": "system prompt",
    "developer": "developer prompt",
    "shape": "turns",
    "masks": "says what is trained",
    "answers": "two answers",
    "calls": "tool calls",
    "text_with_calls": "text beside calls",
    "ids": "ids of calls",
    "tools": "declared tools",
    "images": "images",
    "parts": "several parts",
    "names": "names",
    "keys": "further keys",
    "message_keys": "in messages too",
}
"""The headings of the table."""


def table() -> str:
    """What each dialect can hold, as a table in Markdown."""
    known = {one.name for one in fields(Capacity)}
    rows = [["dialect", *COLUMNS.values()], ["---"] * (len(COLUMNS) + 1)]
    for name in NAMES:
        held = CAPACITIES[name]
        rows.append([f"`{name}`", *(_word(getattr(held, column)) for column in COLUMNS if column in known)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _word(value: bool | str) -> str:
    return value if isinstance(value, str) else "yes" if value else "no"
