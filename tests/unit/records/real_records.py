"""Records that tests of edits are tried on: the sound cases of each dialect, the samples, and public files."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

from curator.records.codec import Malformed, decode_exactly, line_body
from curator.records.dialects import DEFAULT, NAMES, Dialect
from curator.records.sniffing import claimed

PROJECT = Path(__file__).resolve().parents[3]
PUBLIC = (
    "chat/drone_training.jsonl",
    "chat/oasst_en_threads.jsonl",
    "chat/stock_toolcall_training.jsonl",
    "chat/toy_chat_fine_tuning.jsonl",
    "chat/datagen_tooluse_valid.jsonl.gz",
    "chat/tau_airline_gpt4o.jsonl.gz",
    "formats/v1_multimodal_demo.jsonl",
    "formats/orca_dpo_openai_preference.jsonl.gz",
    "formats/alpaca_en_demo.json",
    "formats/glaive_toolcall_en_demo.json",
    "formats/dpo_en_demo.json.gz",
    "formats/axolotl_conversation.missingturns.json",
)


def claimed_by(record: dict[str, Any]) -> Dialect:
    claim = claimed(record)
    return claim[0] if claim else DEFAULT


@cache
def sound_cases() -> list[tuple[Dialect, dict[str, Any]]]:
    """The sound cases of all dialects and the records of the samples, each with the dialect that it is read in."""
    paths = [PROJECT / "tests" / "cases" / name / "valid.jsonl" for name in NAMES]
    records = [case["record"] for path in paths for case in _lines(path.read_bytes())]
    records += [value for path in sorted((PROJECT / "samples").glob("*.jsonl")) for value in _lines(path.read_bytes())]
    return [(claimed_by(one), one) for one in records if isinstance(one, dict)]


def public_lines(folder: Path, most: int = 25) -> list[bytes]:
    """The first lines of each public file; the items of an array are dumped as lines."""
    lines: list[bytes] = []
    for name in PUBLIC:
        content = (folder / name).read_bytes()
        content = gzip.decompress(content) if name.endswith(".gz") else content
        if ".jsonl" in name:
            lines += [line + b"\n" for line in content.split(b"\n") if line.strip()][:most]
        else:
            whole = json.loads(content)
            lines += [
                json.dumps(one).encode() + b"\n" for one in (whole if isinstance(whole, list) else [whole])[:most]
            ]
    return lines


def _lines(content: bytes) -> list[Any]:
    values = [decode_exactly(line_body(line)) for line in content.split(b"\n")]
    return [value for value in values if not isinstance(value, Malformed)]
