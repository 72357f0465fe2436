"""What follows from the roles of a conversation alone: worked out once for each sequence of roles that occurs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from xxhash import xxh3_64_intdigest

KEPT_TEXTS = 512
KEPT_PATTERNS = 4096
SEPARATOR = "\x1f"
"""Stands between roles and between texts that are put into one."""

PLAIN_ROLES = frozenset(("system", "developer", "user", "assistant"))
"""Roles whose messages need nothing but a text."""

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
    seed: int
    """Stands for the roles in the hash of the content, so that the same texts in other mouths hash otherwise."""


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
        spelt = SEPARATOR.join("" if role is None else role for role in roles)
        return RolePattern(
            roles,
            turns=roles.count("user"),
            tokens=self._per_message * len(roles) + sum(self._role_tokens[role] for role in roles if role is not None),
            learnt=tuple(role == "assistant" for role in roles),
            context=tuple(role != "assistant" for role in roles),
            plain=bool(roles) and PLAIN_ROLES.issuperset(roles),
            seed=xxh3_64_intdigest(spelt.encode("utf-8", "surrogatepass")),
        )


def is_answer(message: Any) -> bool:
    """Whether a message in chat form is the assistant's."""
    return isinstance(message, dict) and message.get("role") == "assistant"
