"""What could not be carried over to a changed file, as JSON Lines that people and programs can read."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import orjson
from pyroaring import BitMap64

from curator.records.codec import encode
from curator.session.drafts import Draft
from curator.storage.journal import Unapplied


def left_lines(left: Iterable[Unapplied]) -> Iterator[bytes]:
    """A line for each change, with its line end: `title`, `reason`, `when` (ISO 8601, UTC) and `payload`.

    Of a batch the payload is its operations, the sets of records that these are about as [first, last] ids, and the
    texts that they bring, by number; of an unfinished edit it is the text, and where it belongs.
    """
    for one in left:
        when = datetime.fromtimestamp(one.at, UTC).isoformat(timespec="seconds")
        yield encode({"title": one.title, "reason": one.reason, "when": when, "payload": _payload(one)}) + b"\n"


def _payload(one: Unapplied) -> dict[str, Any]:
    if not one.number:
        return asdict(Draft.unpacked(one.payload))
    payload: dict[str, Any] = orjson.loads(one.payload)
    sets = (None if packed is None else BitMap64.deserialize(b64decode(packed)) for packed in payload["records"])
    return payload | {"records": [None if records is None else _ranges(records) for records in sets]}


def _ranges(records: BitMap64) -> list[list[int]]:
    ranges: list[list[int]] = []
    for record in records:
        if ranges and ranges[-1][1] == record - 1:
            ranges[-1][1] = record
        else:
            ranges.append([record, record])
    return ranges
