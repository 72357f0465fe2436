"""jsonschema, which explains, and jsonschema-rs, which judges, have to be of one mind, on any schema and on ours.

`CURATOR_TEST_MUTATIONS=10000` in the environment asks for so many changed records of each shipped schema.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from jsonschema import Draft202012Validator
from jsonschema_specifications import REGISTRY
from mutations import mutated, sound_records

from curator.analysis.causes import Cause, cause_of
from curator.analysis.lint.rules import SCHEMA
from curator.analysis.lint.view import Complaint
from curator.analysis.schema import SchemaCheck, shipped_schema
from curator.analysis.schema_sentences import pointer_to
from curator.records.dialects import NAMES

MUTATIONS = int(os.environ.get("CURATOR_TEST_MUTATIONS", "300"))
ELSEWHERE = ("localhost:1234", "metaschema-optional-vocabulary")
"""In the text of schemas that refer to other files of the suite, which are not here."""
UNKNOWN_TO_PYTHON = {
    "pattern: pattern with Unicode property escape requires unicode mode",
    "patternProperties: patternProperties with Unicode property escape",
}
"""Groups of the suite with `\\p{Letter}`, which Python's `re` refuses: the verdict stands, in its own words."""


def shared_folder() -> Path | None:
    folder = Path(os.environ.get("CURATOR_TEST_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
    return folder if folder.is_dir() else None


def explained_verdict(explaining: Draft202012Validator, value: Any) -> bool | None:
    """None where the schema holds a pattern that Python does not know, such as `\\p{Letter}`."""
    try:
        return explaining.is_valid(value)
    except re.error:
        return None


def suite_groups(folder: Path) -> list[tuple[str, dict[str, Any]]]:
    files = sorted((folder / "json_schema_test_suite" / "draft2020-12").glob("*.json"))
    groups = [(path.stem, group) for path in files for group in json.loads(path.read_text("utf-8"))]
    return [(name, one) for name, one in groups if not any(word in json.dumps(one["schema"]) for word in ELSEWHERE)]


def test_both_libraries_judge_the_official_suite_alike(shared_data: Path) -> None:
    differing, wrong, judged = set[str](), set[str](), 0
    for name, group in suite_groups(shared_data):
        quick = jsonschema_rs.Draft202012Validator(group["schema"])
        explaining = Draft202012Validator(group["schema"], registry=REGISTRY)
        for test in group["tests"]:
            judged += 1
            verdicts = quick.is_valid(test["data"]), explained_verdict(explaining, test["data"])
            key = f"{name}: {group['description']}"
            if verdicts[0] is not verdicts[1]:
                differing.add(key)
            if verdicts[0] is not test["valid"]:
                wrong.add(key)
    assert judged > 1000
    assert wrong == set()
    assert differing == UNKNOWN_TO_PYTHON


def test_what_the_verdict_rejects_of_the_suite_is_explained(shared_data: Path) -> None:
    for name, group in suite_groups(shared_data):
        check = SchemaCheck(group["schema"])
        for test in group["tests"]:
            found = check.complaints(test["data"])
            assert bool(found) is not check.is_valid(test["data"]), (name, group["description"], test["description"])
            assert all(one.message for one in found)


@pytest.mark.parametrize("name", NAMES)
def test_both_libraries_judge_changed_records_alike(name: str) -> None:
    check = shipped_schema(name)
    quick = jsonschema_rs.Draft202012Validator(check.schema)
    explaining = Draft202012Validator(check.schema, registry=REGISTRY)
    rejected = 0
    for record in mutated(sound_records(name, shared_folder()), MUTATIONS, name):
        places = {pointer_to(error.absolute_path) for error in explaining.iter_errors(record)}
        assert {pointer_to(error.instance_path) for error in quick.iter_errors(record)} == places, record
        assert quick.is_valid(record) is not bool(places)
        rejected += bool(places)
    assert MUTATIONS // 4 < rejected < MUTATIONS


@pytest.mark.parametrize("name", NAMES)
def test_every_rejected_record_is_told_why(name: str) -> None:
    check = shipped_schema(name)
    for record in mutated(sound_records(name, shared_folder()), 100, f"{name} in words"):
        found = check.complaints(record)
        assert bool(found) is not check.is_valid(record)
        for one in found:
            assert one.message
            assert "\n" not in one.message
            assert len(one.message) < 300, one.message


@pytest.mark.parametrize("name", NAMES)
def test_values_that_are_alike_have_the_same_causes(name: str) -> None:
    exact, kept = SchemaCheck(shipped_schema(name).schema), SchemaCheck(shipped_schema(name).schema)
    for record in mutated(sound_records(name, shared_folder()), 150, f"{name} alike"):
        assert causes_in(kept.alike(record)) == causes_in(exact.complaints(record)), record


def causes_in(complaints: list[Complaint]) -> set[Cause]:
    return {cause_of(SCHEMA.finding(one, SCHEMA.severity)) for one in complaints}
