"""A tag that is written into a key of records themselves, for files that have no journal."""

from __future__ import annotations

from dataclasses import dataclass

from curator.edits.rule import Rule
from curator.errors import UsageError
from curator.records.codec import decode_exactly, line_body
from curator.records.rewriting import rewrite


@dataclass(frozen=True, slots=True)
class KeyTagRule(Rule):
    """A tag is put behind the others in a list under a key; all other bytes stay."""

    key: str
    tag: str
    dialect: str
    only_dialect: bool = False

    def changed(self, line: bytes) -> bytes | None:
        """The line with the tag; None where it is no record, or has it. Raises UsageError for a key in other use."""
        body = line_body(line)
        value = decode_exactly(body)
        if not isinstance(value, dict):
            return None
        held = value.get(self.key, [])
        if not (isinstance(held, list) and all(isinstance(one, str) for one in held)):
            raise UsageError(f"A record has a key `{self.key}` that holds no tags; choose another key for them.")
        if self.tag in held:
            return None
        return rewrite(body, value, {**value, self.key: [*held, self.tag]}) + line[len(body) :]
