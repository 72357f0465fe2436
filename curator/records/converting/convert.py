"""Converts one record, or the line that holds it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from curator.records.codec import encode, gone
from curator.records.converting.call_ids import with_ids
from curator.records.converting.capacity import CAPACITIES, CHAT
from curator.records.converting.causes import Cause, Loss, NotConvertedError, Weight
from curator.records.converting.comparing import differences
from curator.records.converting.shaping import shapes
from curator.records.converting.telling import Told, telling
from curator.records.converting.ways import Ways
from curator.records.converting.writing import fitting_keys, stripped, written
from curator.records.dialects import Dialect
from curator.records.dialects.base import Record
from curator.records.json_spans import Entry, Spans


@dataclass(frozen=True, slots=True)
class Converted:
    """The records that a record became, with all that there is to tell; none where it was refused."""

    records: tuple[Record, ...] = ()
    losses: tuple[Loss, ...] = ()
    kept: tuple[str, ...] = ()
    """The keys at the end of each record that are the old record's own."""

    @property
    def weight(self) -> Weight:
        """The most that any of the losses weighs."""
        return max((loss.cause.weight for loss in self.losses), default=Weight.TOLD)


def convert(record: Mapping[str, Any], source: Dialect, target: Dialect, ways: Ways) -> Converted:
    """The record of one dialect in another. The values of its further keys are shared, not copied.

    In its own dialect a record stays as it is. The new records are read back, and what they say is compared with what
    the old one says: what is not told as a loss is the same.
    """
    if source.name == target.name:
        return Converted((dict(record),), (), tuple(record))
    try:
        said = telling(record, source)
        _check_kinds(said, source, target)
        notes: dict[Cause, Loss] = {}
        records: list[Record] = []
        found: dict[Loss, None] = {}
        kept: dict[str, Any] = {}
        for told in shapes(said, CAPACITIES[target.name], ways, notes):
            kept = fitting_keys(told, target, ways.keys)
            numbered = replace(told, messages=tuple(with_ids(told.messages, CAPACITIES[target.name].ids, notes)))
            records.append(_record(numbered, kept, target, ways))
            found |= dict.fromkeys(differences(told, telling(records[-1], target), ways.keys))
    except NotConvertedError as error:
        return Converted((), (error.loss,))
    return Converted(tuple(records), (*notes.values(), *found), tuple(key for key in kept if key in records[-1]))


def _check_kinds(told: Told, source: Dialect, target: Dialect) -> None:
    """Raises NotConvertedError for content that is kept as JSON, where the new dialect would not understand it."""
    if source.name in CHAT and target.name in CHAT:
        return
    for place, message in enumerate(told.messages):
        if any(part.kind == "other" for part in message.parts):
            raise NotConvertedError(Cause.CONTENT, f"message {place + 1:,}")


def _record(told: Told, kept: Mapping[str, Any], target: Dialect, ways: Ways) -> Record:
    own = written(stripped(told, target, ways.keys), target)
    asked = own.get("input")
    within = asked if isinstance(asked, dict) else {}
    record = own | {key: value for key, value in kept.items() if key not in within}
    if target.claims(record) is None:
        raise NotConvertedError(Cause.DIFFERS, f"it would not be read as {target.title}")
    return record


def convert_line(
    body: bytes, value: object, source: Dialect, target: Dialect, ways: Ways
) -> tuple[Converted, tuple[bytes, ...]]:
    """A line's value converted, and the new lines without their ends.

    Further keys keep their spelling to the byte. What of the rest JSON's usual readers cannot hold is told as lost.
    """
    if not isinstance(value, dict):
        return Converted((), (Loss(Cause.NO_RECORD),)), ()
    if source.name == target.name:
        return Converted((value,)), (body,)
    converted = convert(value, source, target, ways)
    if not converted.records:
        return converted, ()
    kept, rest = _entries(body, converted.kept)
    lost = gone(b"{" + b",".join(body[one.start : one.end] for one in rest) + b"}")
    lost += [f"the key `{one.key}` stands more than once" for one in rest if one.key in kept]
    if lost:
        losses = (*converted.losses, Loss(Cause.NUMBERS, lost[0]))
        converted = Converted(converted.records, losses, converted.kept)
    return converted, tuple(_line(record, body, kept) for record in converted.records)


def _entries(body: bytes, keys: Collection[str]) -> tuple[dict[str, Entry], list[Entry]]:
    """Where the members of a line's object stand that are kept, and all others: of a repeated key the last is kept."""
    entries = Spans(body).root().entries()
    kept = {entry.key: entry for entry in entries if entry.key in keys}
    return kept, [entry for entry in entries if kept.get(entry.key) is not entry]


def _line(record: Record, body: bytes, kept: Mapping[str, Entry]) -> bytes:
    own = encode({key: value for key, value in record.items() if key not in kept})
    members = [body[entry.start : entry.end] for entry in kept.values()]
    return b",".join([own[:-1], *members]) + b"}"
