"""What a file is taken for, and why: said, never guessed silently."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from curator.records.codec import BYTE_ORDER_MARK, Malformed, decode, line_body
from curator.records.dialects import DEFAULT, DIALECTS, Dialect

SNIFFED_RECORDS = 100
SNIFFED_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Detection:
    """The dialect that a file is read in, with the reason as a sentence."""

    dialect: Dialect
    reason: str
    sure: bool = True
    """False when no record looked like a known dialect, so that the default was taken."""
    odd: bool = False
    """Whether most of what was looked at are no objects, so that the file may not be JSON Lines at all."""


def detect(lines: Iterable[bytes]) -> Detection:
    """The dialect of most of the first records; of equals the one met first."""
    claims: Counter[str] = Counter()
    reasons: dict[str, tuple[Dialect, str]] = {}
    looked_at = malformed = lists = 0
    for line in lines:
        if looked_at >= SNIFFED_RECORDS:
            break
        body = line_body(line).removeprefix(BYTE_ORDER_MARK)
        if not body.strip():
            continue
        looked_at += 1
        value = decode(body)
        if isinstance(value, Malformed):
            malformed += 1
        elif isinstance(value, list):
            lists += 1
        elif isinstance(value, dict) and (claim := claimed(value)):
            claims[claim[0].name] += 1
            reasons.setdefault(claim[0].name, claim)
    odd = 2 * (malformed + lists) > looked_at
    if not claims:
        return Detection(DEFAULT, _why_not(looked_at, malformed), sure=False, odd=odd)
    name, times = claims.most_common(1)[0]
    dialect, reason = reasons[name]
    others = ", ".join(f"{count} of {other}" for other, count in claims.items() if other != name)
    mixed = f"; mixed with {others}" if others else ""
    return Detection(dialect, f"{times} of the first {looked_at} records {reason.replace('has', 'have', 1)}{mixed}")


def detect_by_start(head: bytes) -> Detection:
    """The dialect of a file whose first line is longer than what is looked at: by the first keys that tell one."""
    start = head.removeprefix(BYTE_ORDER_MARK).lstrip()
    long = f"the first line is longer than {SNIFFED_BYTES:,} bytes"
    if start.startswith(b"{"):
        keys = [(start.find(f'"{key}"'.encode()), key, dialect) for dialect in DIALECTS for key in dialect.telling_keys]
        found = sorted((place, key, DIALECTS.index(dialect)) for place, key, dialect in keys if place >= 0)
        if found:
            _, key, number = found[0]
            return Detection(DIALECTS[number], f"{long}, and its start has `{key}`")
    return Detection(DEFAULT, f"{long}; read as {DEFAULT.name}", sure=False, odd=not start.startswith(b"{"))


def dialect_of(value: object, own: Dialect, *, only: bool) -> Dialect:
    """The dialect that a decoded record is read in: that of its file, unless it tells another one.

    `only` is the user's word that every record is of the file's dialect.
    """
    if only or not isinstance(value, dict) or own.told(value):
        return own
    claim = claimed(value)
    if claim is None or (own.claims(value) and (own.by_choice or claim[0] is DEFAULT)):
        return own
    return claim[0]


def claimed(record: dict[str, object]) -> tuple[Dialect, str] | None:
    """The first dialect that the record tells, with its reason."""
    for dialect in DIALECTS:
        reason = dialect.told(record)
        if reason:
            return dialect, reason
    return None


def _why_not(looked_at: int, malformed: int) -> str:
    if not looked_at:
        return f"there are no records; read as {DEFAULT.name}"
    if malformed == looked_at:
        return f"none of the first {looked_at} lines is JSON; read as {DEFAULT.name}"
    return f"none of the first {looked_at} records has the keys of a known dialect; read as {DEFAULT.name}"
