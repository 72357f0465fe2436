"""What a trainer learns from: the one place that says which messages of a record are trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from curator.records.conversation import Message

WEIGHT = "weight"
"""The key by which OpenAI's format masks an assistant message; it says nothing of others."""

OPENAI_CHAT = "openai-chat"
"""The dialect whose records hold their messages as they are counted."""

PROMPTS = ("/prompt", "/input/")
"""Where the dialects that tell a prompt from its answer keep it: nothing in there is learnt as an answer."""


@dataclass(frozen=True, slots=True)
class Masking:
    """Which messages are learnt; small, hashable and picklable. The default is OpenAI's."""

    roles: tuple[str, ...] = ("assistant",)
    """Roles whose messages are learnt, unless the record itself says otherwise."""
    key: str = WEIGHT
    """The key of a message by which the record says so; empty where the trainer knows none."""
    last: bool = False
    """Whether of those messages the last one alone is learnt."""
    whole: tuple[str, ...] = ()
    """Dialects of whose records every token is learnt, what the template adds included."""

    @property
    def by_roles(self) -> bool:
        """Whether of messages that are just a role and a text the same is learnt as OpenAI's trainer learns."""
        return self.roles == ("assistant",) and not self.last

    def flags(self, dialect: str, messages: Sequence[Message]) -> tuple[bool, ...]:
        """For each message of a record in that dialect, whether it is learnt."""
        if dialect in self.whole:
            return (True,) * len(messages)
        flags = [not one.pointer.startswith(PROMPTS) and self._learns(one.role, one.raw) for one in messages]
        return _last_alone(flags, [one.section for one in messages]) if self.last else tuple(flags)

    def flags_of_chat(self, messages: Sequence[Any]) -> tuple[bool, ...]:
        """The same of the messages of an OpenAI chat record, which have not to be read for it."""
        if OPENAI_CHAT in self.whole:
            return (True,) * len(messages)
        flags = [type(one) is dict and self._learns(one.get("role"), one) for one in messages]
        return _last_alone(flags, [""] * len(flags)) if self.last else tuple(flags)

    def _learns(self, role: Any, raw: Any) -> bool:
        learnt = role in self.roles
        said = raw.get(self.key) if self.key and isinstance(raw, dict) else None
        if said is None:
            return learnt
        return learnt and said != 0 if self.key == WEIGHT else bool(said)


OPENAI_MASKING = Masking()


def _last_alone(flags: Sequence[bool], sections: Sequence[str]) -> tuple[bool, ...]:
    """The last one that is learnt; in preference records the last of each of the two answers."""
    last = {section: place for place, (flag, section) in enumerate(zip(flags, sections, strict=True)) if flag}
    return tuple(place in last.values() for place in range(len(flags)))
