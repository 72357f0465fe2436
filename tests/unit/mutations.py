"""Records with something wrong in them: sound ones, changed in one to three places."""

from __future__ import annotations

import copy
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from curator.records.dialects import Dialect, dialect_named
from curator.records.sniffing import claimed

PROJECT = Path(__file__).resolve().parents[2]
PUBLIC = (
    "chat/sgd_small.jsonl",
    "chat/drone_training.jsonl",
    "chat/stock_toolcall_training.jsonl",
    "chat/oasst_en_threads.jsonl",
    "formats/v1_sft_demo.jsonl",
    "formats/orca_dpo_openai_preference.jsonl.gz",
    "formats/alpaca_en_demo.json",
    "formats/glaive_toolcall_en_demo.json",
    "formats/dpo_en_demo.json.gz",
    "formats/kto_en_demo.json.gz",
)
MOST_OF_A_FILE = 60
STRANGE: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    1,
    2,
    1.5,
    -1,
    "",
    "other",
    "\n",
    "é",
    [],
    [[]],
    {},
    {"type": "text"},
    10**20,
)
WORDS = ("role", "content", "type", "text", "weight", "name", "function", "id", "user", "assistant", "system", "x/~y")


def sound_records(name: str, shared: Path | None) -> list[dict[str, Any]]:
    """The sound cases of a dialect, and what the samples and the public files have that it could read."""
    cases = (PROJECT / "tests" / "cases" / name / "valid.jsonl").read_text("utf-8").splitlines()
    found = [json.loads(line)["record"] for line in cases]
    dialect = dialect_named(name)
    files = [path for path in sorted((PROJECT / "samples").glob("*.jsonl")) if path.stem != "broken"]
    files += [shared / name for name in PUBLIC] if shared else []
    for path in files:
        found += [one for one in _records_of(path) if _reads(dialect, one)][:MOST_OF_A_FILE]
    return found


def mutated(records: list[dict[str, Any]], times: int, seed: str) -> Iterator[Any]:
    """So many records with one to three changes each; the same ones for the same seed."""
    random = Random(seed)
    for _ in range(times):
        holder = [copy.deepcopy(random.choice(records))]
        for _ in range(random.choice((1, 1, 2, 3))):
            _change(random, holder)
        yield holder[0]


def _records_of(path: Path) -> list[Any]:
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    if ".jsonl" in path.name:
        return [json.loads(line) for line in content.split(b"\n") if line.strip()]
    return list(json.loads(content))


def _reads(dialect: Dialect, record: Any) -> bool:
    if not isinstance(record, dict):
        return False
    claim = claimed(record)
    return bool(dialect.claims(record)) and (dialect.by_choice or claim is None or claim[0].name == dialect.name)


def _change(random: Random, holder: list[Any]) -> None:
    places = list(_places(holder))
    inside, key = random.choice(places)
    kind = random.randrange(6)
    if kind == 0:
        inside[key] = _strange(random)
    elif kind == 1 and inside is not holder:
        del inside[key]
    elif kind == 2:
        other, from_key = random.choice(places)
        inside[key] = copy.deepcopy(other[from_key])
    elif kind == 3 and isinstance(inside[key], dict):
        inside[key][random.choice(WORDS)] = random.choice((_strange(random), random.choice(WORDS)))
    elif kind == 4 and isinstance(inside[key], list):
        inside[key] = inside[key] * 2 if random.random() < 0.5 else [*inside[key], _strange(random)]
    elif isinstance(inside[key], str):
        inside[key] = random.choice((inside[key] + "\n", inside[key].upper(), inside[key][:-1], random.choice(WORDS)))
    else:
        inside[key] = _strange(random)


def _strange(random: Random) -> Any:
    return copy.deepcopy(random.choice(STRANGE))


def _places(inside: Any) -> Iterator[tuple[Any, Any]]:
    """Every member of every object and list in the value."""
    for key in list(inside) if isinstance(inside, dict) else range(len(inside)):
        yield inside, key
        if isinstance(inside[key], dict | list):
            yield from _places(inside[key])
