"""JSON in all its spellings, and changes to it, for the tests of what rewrites lines."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from curator.records.codec import line_body

ODD = (
    rb'{"a": 1.10, "b" : [1E5,  {"x":"caf\u00e9 z"}, NaN ], "a": 12345678901234567890123, '
    rb'"c": {"k": "\ud800"}, "e": [ ]}'
)
"""A body in which everything is spelled as no encoder spells it."""

NUMBERS = ["0", "-0", "1", "1.0", "1.10", "1E5", "1e-7", "-0.0", "18446744073709551616", "-" + "9" * 40, "1e999", "NaN"]
WORDS = [
    "",
    "a",
    "role",
    "caf\u00e9",
    "\u2028 line",
    "\U0001f600 smile",
    'say "hi" \\u00e9',
    "\ud800",
    "x\udc00y",
    "\t\n/",
]
GAPS = ["", "", " ", "  ", "\t", " \r"]


def spelled(value: Any, rng: random.Random) -> str:
    """The value as JSON with blanks, escapes and repeated keys of all kinds; `Raw` as it is."""
    if isinstance(value, Raw):
        return value.text
    if isinstance(value, str):
        return quoted(value, rng)
    if isinstance(value, list):
        return _around("[]", [spelled(item, rng) for item in value], rng)
    if isinstance(value, dict):
        members = [_member(key, spelled(item, rng), rng) for key, item in value.items()]
        if members and rng.random() < 0.3:
            members.insert(0, _member(rng.choice(list(value)), '{"dead": [1.50, "\\u00e9"]}', rng))
        return _around("{}", members, rng)
    return json.dumps(value)


class Raw:
    """JSON that is spelled already."""

    def __init__(self, text: str) -> None:
        self.text = text


def quoted(text: str, rng: random.Random) -> str:
    """A JSON string, each of its characters raw or as an escape by chance where it may be raw."""
    return '"' + "".join(_character(one, rng) for one in text) + '"'


def _character(one: str, rng: random.Random) -> str:
    escaped = json.dumps(one)[1:-1] if ord(one) > 127 or rng.random() < 0.7 else f"\\u{ord(one):04X}"
    must = one in '"\\' or one < " " or "\ud800" <= one <= "\udfff"
    return escaped if must or rng.random() < 0.2 else one


def _member(key: str, value: str, rng: random.Random) -> str:
    return f"{quoted(key, rng)}{rng.choice(GAPS)}:{rng.choice(GAPS)}{value}"


def _around(brackets: str, inner: list[str], rng: random.Random) -> str:
    joined = ""
    for place, one in enumerate(inner):
        joined += (f"{rng.choice(GAPS)},{rng.choice(GAPS)}" if place else "") + one
    return f"{brackets[0]}{rng.choice(GAPS)}{joined}{rng.choice(GAPS)}{brackets[1]}"


def random_value(rng: random.Random, depth: int = 4) -> Any:
    """Any value, numbers as `Raw`."""
    kind = rng.random()
    if depth == 0 or kind < 0.3:
        return rng.choice([None, True, False, rng.choice(WORDS), rng.choice(WORDS), Raw(rng.choice(NUMBERS))])
    if kind < 0.65:
        return [random_value(rng, depth - 1) for _ in range(rng.randrange(6))]
    return {rng.choice(WORDS): random_value(rng, depth - 1) for _ in range(rng.randrange(5))}


def changed(value: Any, rng: random.Random) -> Any:
    """The value with one change somewhere, what is beside it being the same objects."""
    if isinstance(value, dict) and value and rng.random() < 0.7:
        key = rng.choice(list(value))
        return {name: changed(item, rng) if name == key else item for name, item in value.items()}
    if isinstance(value, list) and value and rng.random() < 0.7:
        place = rng.randrange(len(value))
        return [changed(item, rng) if number == place else item for number, item in enumerate(value)]
    if isinstance(value, dict):
        return _changed_keys(value, rng)
    if isinstance(value, list):
        return _changed_items(value, rng)
    if isinstance(value, str) and rng.random() < 0.7:
        place = rng.randrange(len(value) + 1)
        return value[:place] + rng.choice(["!", "\u00fc", "\\", "\U0001f600"]) + value[place + rng.randrange(3) :]
    return fresh(rng)


def fresh(rng: random.Random) -> Any:
    """A small new value."""
    return rng.choice([None, True, 1, 1.0, -0.0, float("nan"), 10**30, "new \u00e9", {"role": "u", "x": [1.5]}, [], {}])


def _changed_keys(value: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    members = list(value.items())
    if members and rng.random() < 0.5:
        del members[rng.randrange(len(members))]
    if rng.random() < 0.7:
        members.insert(rng.randrange(len(members) + 1), (f"new {rng.choice(WORDS)}", fresh(rng)))
    return dict(members)


def _changed_items(value: list[Any], rng: random.Random) -> list[Any]:
    items = list(value)
    ways = rng.randrange(6)
    start, end = sorted((rng.randrange(len(items) + 1), rng.randrange(len(items) + 1)))
    if ways == 0:
        items.insert(start, fresh(rng))
    elif ways == 1:
        del items[start:end]
    elif ways == 2:
        rng.shuffle(items)
    elif ways == 3:
        items = items[start:end]
    elif ways == 4:
        items += value
    else:
        items[start:end] = [fresh(rng), *items[start:end][::-1], "more"]
    return items


def shared_ends(one: bytes, other: bytes) -> int:
    """How many bytes the two have in common at their start and, of the rest, at their end."""
    most = min(len(one), len(other))
    head = next((place for place in range(most) if one[place] != other[place]), most)
    tail = next((place for place in range(most - head) if one[-1 - place] != other[-1 - place]), most - head)
    return head + tail


def real_lines(shared_data: Path) -> Iterator[bytes]:
    """The first lines of every file of the data sets that has JSON Lines."""
    for path in sorted([*(shared_data / "chat").iterdir(), *(shared_data / "formats").iterdir()]):
        if ".jsonl" in path.name or path.name.startswith("bfcl"):
            with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
                yield from (line_body(line) for line, _ in zip(file, range(40), strict=False) if line.strip())
