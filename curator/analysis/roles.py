"""What follows from the roles of a conversation alone: worked out once for each sequence of roles that occurs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from xxhash import xxh3_64_intdigest

KEPT_TEXTS = 512
KEPT_PATTERNS = 4096
SEPARATOR = "\x1f"
"""Stands between roles and between texts that are put into one."""

PLAIN_ROLES = frozenset(("system", "developer", "user", "assistant"))
"""Roles whose messages need nothing but a text."""
SYSTEM_ROLES = frozenset(("system", "developer"))

FOLLOWERS = {
    "": ("user",),
    "user": ("assistant",),
    "assistant": ("user", "tool", "function"),
    "tool": ("tool", "assistant"),
    "function": ("function", "assistant"),
}
"""Whose turn it is after whom; system and developer messages may stand anywhere."""

Roles = tuple[str | None, ...]
"""The role of each message, None where it has none that is a string."""


class KnownTokens(dict[str, int]):
    """Tokens of texts that recur, counted when they are first met: roles and system prompts. Bounded."""

    def __init__(self, count: Callable[[str], int]) -> None:
        super().__init__()
        self._count = count

    def __missing__(self, text: str) -> int:
        if len(self) >= KEPT_TEXTS:
            self.clear()
        tokens = self[text] = self._count(text)
        return tokens


@dataclass(frozen=True, slots=True)
class RolePattern:
    """A sequence of roles, and what the audit needs of it."""

    roles: Roles
    turns: int
    """User messages: a turn is a user message and all up to the next one."""
    tokens: int
    """Of the roles, with what each message adds."""
    learnt: tuple[bool, ...]
    """For each message, whether a trainer learns from it if nothing masks it."""
    context: tuple[bool, ...]
    """The contrary."""
    plain: bool
    """Whether there are messages, and all roles are plain."""
    out_of_turn: int | None
    """The place of the first message that is not by whose turn it is; None where there is none."""
    in_order: bool
    """Whether each message is by whose turn it is, from a user's to an assistant's."""
    seed: int
    """Stands for the roles in the hash of the content, so that the same texts in other mouths hash otherwise."""
    answer_at: int
    """The place of the last assistant message; -1 where there is none."""
    prompt_seed: int
    """Stands for the roles before it."""
    systems: int
    """System and developer messages at the start."""
    marks: int
    """Quotation marks in the roles."""


class RolePatterns(dict[str, RolePattern]):
    """Role patterns by their roles in one string, worked out when they are first met. Bounded.

    Few of them make most of a file. A role that holds the separator is looked up in vain: the pattern has more roles.
    """

    def __init__(self, role_tokens: KnownTokens, per_message: int) -> None:
        super().__init__()
        self._role_tokens = role_tokens
        self._per_message = per_message

    def __missing__(self, spelt: str) -> RolePattern:
        if len(self) >= KEPT_PATTERNS:
            self.clear()
        pattern = self[spelt] = self.of(tuple(spelt.split(SEPARATOR)))
        return pattern

    def of(self, roles: Roles) -> RolePattern:
        """The pattern of any roles, worked out anew."""
        place = out_of_turn(roles)
        answer_at = max((place for place, role in enumerate(roles) if role == "assistant"), default=-1)
        return RolePattern(
            roles,
            turns=roles.count("user"),
            tokens=self._per_message * len(roles) + sum(self._role_tokens[role] for role in roles if role is not None),
            learnt=tuple(role == "assistant" for role in roles),
            context=tuple(role != "assistant" for role in roles),
            plain=bool(roles) and PLAIN_ROLES.issuperset(roles),
            out_of_turn=place,
            in_order=bool(roles) and roles[-1] == "assistant" and place is None,
            seed=_seed(roles),
            answer_at=answer_at,
            prompt_seed=_seed(roles[: max(0, answer_at)]),
            marks=sum(role.count('"') for role in roles if role is not None),
            systems=sum(1 for _ in takewhile(SYSTEM_ROLES.__contains__, roles)),
        )


def out_of_turn(roles: Sequence[str | None]) -> int | None:
    """The place of the first message that is not by whose turn it is; None where there is none."""
    before = ""
    for place, role in enumerate(roles):
        if role in FOLLOWERS:
            if role not in FOLLOWERS[before]:
                return place
            before = role
    return None


def is_answer(message: Any) -> bool:
    """Whether a message in chat form is the assistant's."""
    return isinstance(message, dict) and message.get("role") == "assistant"


def _seed(roles: Roles) -> int:
    spelt = SEPARATOR.join("" if role is None else role for role in roles)
    return xxh3_64_intdigest(spelt.encode("utf-8", "surrogatepass"))
