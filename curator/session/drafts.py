"""A text that is being typed, as it is kept until it is committed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Draft:
    """What is typed, and where it belongs."""

    record: int
    """The id of the record."""
    version: int
    """The number of the record's text when typing began."""
    what: str
    """What of the record it is: `message`, `key` or `record`."""
    message: int
    """Of a message: its place, counted from 0."""
    field: int
    """Of a message: which of its fields, counted from 0. Of a new one: 1 if it goes with the message behind it."""
    key: str
    """Of a key beside the conversation: its name."""
    text: str

    @property
    def name(self) -> str:
        """Equal for drafts of the same text."""
        return f"{self.record} {self.what} {self.message} {self.field} {self.key}"

    def packed(self) -> bytes:
        """As the journal keeps it; lone surrogates as they are."""
        values = asdict(self) | {"text": self.text.encode("utf-8", "surrogatepass").hex()}
        return orjson.dumps(values)

    @classmethod
    def unpacked(cls, packed: bytes) -> Draft:
        """As `packed` packed it."""
        values: dict[str, Any] = orjson.loads(packed)
        return cls(**values | {"text": bytes.fromhex(values["text"]).decode("utf-8", "surrogatepass")})
