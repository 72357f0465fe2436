"""The shipped JSON Schemas against the case files, judged by both libraries that curator uses."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema_rs
import pytest
from jsonschema import Draft202012Validator
from referencing import Registry

PROJECT = Path(__file__).parents[2]
SCHEMAS = PROJECT / "schemas"
CASES = PROJECT / "tests" / "cases"
DIALECTS = (
    "alpaca",
    "bedrock",
    "claude",
    "gemini",
    "messages",
    "mistral",
    "openai-chat",
    "openai-preference",
    "openai-rft",
    "prompt-completion",
    "sharegpt",
    "together",
    "trl",
)
DRAFT = "https://json-schema.org/draft/2020-12/schema"


class Case(NamedTuple):
    """One line of a case file."""

    dialect: str
    sentence: str
    record: Any
    pointer: str


class Judges(NamedTuple):
    """The same schema in both libraries."""

    explaining: Draft202012Validator
    quick: jsonschema_rs.Draft202012Validator


def read_schema(dialect: str) -> dict[str, Any]:
    schema = json.loads((SCHEMAS / f"{dialect}.json").read_text("utf-8"))
    assert isinstance(schema, dict)
    return schema


@cache
def judges(dialect: str) -> Judges:
    schema = read_schema(dialect)
    explaining = Draft202012Validator(schema, registry=Registry())
    return Judges(explaining, jsonschema_rs.Draft202012Validator(schema, retriever=refuse_to_fetch))


def refuse_to_fetch(uri: str) -> Any:
    raise ValueError(f"nothing is fetched, not even {uri}")


@cache
def cases(kind: str) -> list[Case]:
    found = []
    for dialect in DIALECTS:
        for line in (CASES / dialect / f"{kind}.jsonl").read_text("utf-8").split("\n"):
            if line:
                case = json.loads(line)
                found.append(Case(dialect, case["case"], case["record"], case.get("pointer", "")))
    return found


def title(case: Case) -> str:
    return f"{case.dialect}: {case.sentence}"


def pointer(path: Iterable[str | int]) -> str:
    return "".join("/" + str(token).replace("~", "~0").replace("/", "~1") for token in path)


def locations(case: Case) -> tuple[set[str], set[str]]:
    """Where jsonschema and jsonschema-rs see errors."""
    explaining, quick = judges(case.dialect)
    return (
        {pointer(error.absolute_path) for error in explaining.iter_errors(case.record)},
        {pointer(error.instance_path) for error in quick.iter_errors(case.record)},
    )


def with_one_value_replaced(value: Any) -> Iterator[Any]:
    """The value with each of its first members in turn replaced by values of other kinds, or left out."""
    yield from (None, True, 7, "other", [], {})
    if isinstance(value, dict):
        for key, member in value.items():
            yield {other: kept for other, kept in value.items() if other != key}
            yield from ({**value, key: changed} for changed in with_one_value_replaced(member))
    if isinstance(value, list):
        for place, member in enumerate(value[:3]):
            yield from ([*value[:place], changed, *value[place + 1 :]] for changed in with_one_value_replaced(member))


def references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"]
        schema = list(schema.values())
    if isinstance(schema, list):
        for inner in schema:
            yield from references(inner)


def test_every_dialect_and_messages_alone_have_a_schema_and_cases_and_there_are_no_others() -> None:
    assert sorted(path.name for path in SCHEMAS.iterdir()) == [f"{dialect}.json" for dialect in DIALECTS]
    assert sorted(path.name for path in CASES.iterdir() if path.is_dir()) == list(DIALECTS)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_schema_is_itself_valid(dialect: str) -> None:
    schema = read_schema(dialect)
    Draft202012Validator.check_schema(schema)
    jsonschema_rs.meta.validate(schema)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_schema_says_what_it_is_and_where_it_comes_from(dialect: str) -> None:
    schema = read_schema(dialect)
    assert schema["$schema"] == DRAFT
    assert schema["$id"] == f"urn:curator:schema:{dialect}"
    assert schema["title"]
    assert "Source: " in schema["description"]
    assert [name for name, part in schema["$defs"].items() if "description" not in part] == []


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_schema_refers_to_its_own_definitions_only_and_uses_all_of_them(dialect: str) -> None:
    schema = read_schema(dialect)
    assert set(references(schema)) == {f"#/$defs/{name}" for name in schema["$defs"]}


def test_chat_and_preference_define_their_messages_alike() -> None:
    chat, preference = read_schema("openai-chat")["$defs"], read_schema("openai-preference")["$defs"]
    assert {name: preference.get(name) for name in chat} == chat


@pytest.mark.parametrize("case", cases("valid"), ids=title)
def test_both_libraries_accept_a_valid_record(case: Case) -> None:
    explaining, quick = judges(case.dialect)
    assert quick.is_valid(case.record)
    assert explaining.is_valid(case.record)
    assert locations(case) == (set(), set())


@pytest.mark.parametrize("case", cases("invalid"), ids=title)
def test_both_libraries_reject_an_invalid_record(case: Case) -> None:
    explaining, quick = judges(case.dialect)
    assert not quick.is_valid(case.record)
    assert not explaining.is_valid(case.record)


@pytest.mark.parametrize("case", cases("invalid"), ids=title)
def test_both_libraries_point_at_the_fault_and_at_the_same_places(case: Case) -> None:
    explained, quick = locations(case)
    assert explained == quick
    assert case.pointer in explained


@pytest.mark.parametrize("case", cases("invalid"), ids=title)
def test_the_pointer_leads_to_a_value_in_the_record(case: Case) -> None:
    value = case.record
    for token in case.pointer.split("/")[1:]:
        value = value[int(token)] if isinstance(value, list) else value[token]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_both_libraries_see_the_same_faults_when_any_one_value_is_replaced(dialect: str) -> None:
    for case in cases("valid"):
        if case.dialect != dialect:
            continue
        for record in with_one_value_replaced(case.record):
            explained, quick = locations(case._replace(record=record))
            assert explained == quick, record
