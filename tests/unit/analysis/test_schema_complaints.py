"""What schemas say in sentences, and which of the user's schemas can be used."""

from __future__ import annotations

import json
import shutil
import socket
from pathlib import Path
from typing import Any

import pytest

from curator.analysis.chunk import analyse_bytes
from curator.analysis.counting import Counting
from curator.analysis.own_schemas import SchemaError, read_schema
from curator.analysis.report import AuditSpec, Flag
from curator.analysis.schema import MOST_COMPLAINTS, SchemaCheck, shipped_schema
from curator.analysis.schema_sentences import LONGEST_SENTENCE
from curator.records.dialects import NAMES

COUNTING = Counting("cl100k_base", 3, 1, 10, 85, 170)


def complaints(schema: Any, value: Any) -> list[tuple[str, str]]:
    return [(one.pointer, one.message) for one in SchemaCheck(schema).complaints(value)]


@pytest.mark.parametrize(
    ("schema", "value", "pointer", "sentence"),
    [
        ({"required": ["a", "b"]}, {"a": 1}, "", "`b` is missing"),
        ({"required": ["a", "b"]}, {}, "", "`a`, `b` are missing"),
        (
            {"required": ["messages"], "properties": {"messages": {}}},
            {"mesages": []},
            "",
            "`messages` is missing; is `mesages` meant?",
        ),
        (
            {"enum": ["assistant", "user"]},
            "assistent",
            "",
            'is "assistent"; did you mean "assistant"? Allowed are "assistant", "user"',
        ),
        ({"minLength": 2}, "a", "", "has 1 character; at least 2 are needed"),
        ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, "", "`b` is missing beside `a`"),
        ({"oneOf": [{}, {}]}, 1, "", "fits more than one of the forms of which it should fit exactly one"),
        ({"contains": {"type": "null"}}, [1], "", "has no item of the kind that is needed here"),
        ({"type": "string"}, 1, "", "should be a string, is a number"),
        ({"type": ["string", "null"]}, [], "", "should be a string or null, is a list"),
        ({"type": "integer"}, True, "", "should be a whole number, is a boolean"),
        ({"type": "object"}, None, "", "should be an object, is null"),
        ({"type": "array"}, {}, "", "should be a list, is an object"),
        ({"enum": ["a", 1]}, "b", "", 'is "b"; allowed are "a", 1'),
        ({"const": "a"}, "b", "", 'is "b"; should be "a"'),
        ({"minItems": 2}, [1], "", "has 1 item; at least 2 are needed"),
        ({"maxItems": 1}, [1, 2], "", "has 2 items; at most 1 are allowed"),
        ({"pattern": "^a$"}, "b", "", '"b" does not match ^a$'),
        ({"not": {}}, 1, "", "1 is not allowed here"),
        (False, 1, "", "nothing is allowed here"),
        ({"properties": {"a": False}}, {"a": 1}, "/a", "nothing is allowed here"),
        ({"maximum": 3}, 4, "", "4 is greater than the maximum of 3"),
        (
            {"properties": {"weight": {}}, "additionalProperties": False},
            {"wieght": 1},
            "/wieght",
            "the key `wieght` is not allowed here; did you mean `weight`?",
        ),
        ({"additionalProperties": False}, {"a/~b": 1}, "/a~1~0b", "the key `a/~b` is not allowed here"),
        ({"items": {"properties": {"é": {"type": "null"}}}}, [0, {"é": 1}], "/1/é", "should be null, is a number"),
    ],
)
def test_the_common_errors_as_sentences(schema: Any, value: Any, pointer: str, sentence: str) -> None:
    assert (pointer, sentence) in complaints(schema, value)


def test_the_drafts_themselves_may_be_referred_to() -> None:
    schema = {"properties": {"parameters": {"$ref": "https://json-schema.org/draft/2020-12/schema"}}}
    found = complaints(schema, {"parameters": {"type": "text"}})
    assert found
    assert {pointer for pointer, _ in found} == {"/parameters/type"}


def test_of_branches_the_one_that_fits_best_speaks() -> None:
    part = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
    schema = {"anyOf": [{"type": "string"}, {"type": "array", "items": part}]}
    assert complaints(schema, [{"text": 1}]) == [("/0/text", "should be a string, is a number")]


CALLS = {
    "anyOf": [
        {"properties": {"type": {"const": "text"}, "text": {"type": "string"}}, "required": ["type", "text"]},
        {"properties": {"type": {"const": "image"}, "url": {"properties": {"at": {"type": "string"}}}}},
        {"type": "null"},
    ]
}


@pytest.mark.parametrize(
    ("value", "pointer", "sentence"),
    [
        ({"type": "text", "text": 1}, "/text", "should be a string, is a number"),
        ({"type": "text"}, "", "`text` is missing"),
        ({"type": "image", "url": {"at": 1}}, "/url/at", "should be a string, is a number"),
        ({"type": "Text"}, "/type", 'is "Text"; did you mean "text"? Allowed are "text", "image"'),
    ],
)
def test_a_branch_is_chosen_by_the_name_that_tells_it(value: Any, pointer: str, sentence: str) -> None:
    assert complaints(CALLS, value)[0] == (pointer, sentence)


def test_a_value_that_no_branch_is_for_is_told_all_of_them() -> None:
    schema = {"oneOf": [{"type": "string"}, {"type": ["array", "null"]}]}
    assert complaints(schema, 4) == [("", "should be a string, a list or null, is a number")]


def test_a_sentence_stays_short() -> None:
    value = "x" * 10_000
    for schema in ({"const": value}, {"enum": [value]}, {"format": "date", "maxLength": 3}, {"type": "null"}):
        assert all(len(sentence) <= LONGEST_SENTENCE for _, sentence in complaints(schema, "y" * 10_000))


def test_no_more_reasons_than_can_be_read() -> None:
    assert len(complaints({"items": {"type": "string"}}, list(range(100)))) == MOST_COMPLAINTS


def test_places_that_are_known_already_are_left_out() -> None:
    schema = {"properties": {"a": {"type": "string"}}, "additionalProperties": False}
    check, value = SchemaCheck(schema), {"a": 1, "b": 2, "c": 3}
    assert check.places(value) == {"/a", "/b", "/c"}
    assert [one.pointer for one in check.complaints(value, {"/a", "/b"})] == ["/c"]
    assert check.complaints(value, {"/a", "/b", "/c"}) == []


def test_the_verdicts_own_words_name_the_keys_too() -> None:
    check = SchemaCheck({"properties": {"a": {}}, "additionalProperties": False})
    assert [tuple(one) for one in check._in_own_words({"b": 1})] == [("/b", "the key `b` is not allowed here")]


def test_where_only_the_verdict_sees_a_fault_its_own_words_are_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("curator.analysis.schema.explained", lambda *_: iter(()))
    check = SchemaCheck({"properties": {"a": {"minimum": 3}, "b": {"const": "long words " * 100}}})
    number, text = sorted(check.complaints({"a": 1, "b": ""}))
    assert number == ("/a", "1 is less than the minimum of 3")
    assert text.message.endswith(" …")
    assert len(text.message) <= LONGEST_SENTENCE
    assert not text.message.removesuffix(" …").endswith("wor")


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value", ["half \ud83d of it", {"\udc00": 1}, nested(300), nested(900), [float("nan")], 10**400]
)
def test_values_that_the_libraries_refuse_are_judged_all_the_same(value: Any) -> None:
    check = SchemaCheck({"properties": {"a": {"type": "null"}}, "required": ["b"], "$defs": {"n": {"items": {}}}})
    assert not check.is_valid({"a": value})
    assert check.places({"a": value}) == {"", "/a"}
    assert {one.pointer for one in check.complaints({"a": value})} == {"", "/a"}


@pytest.mark.parametrize("name", NAMES)
def test_every_dialect_has_a_schema_that_can_be_used(name: str) -> None:
    assert not shipped_schema(name).is_valid([])


SCHEMAS: dict[str, dict[str, Any]] = {
    "http://json-schema.org/draft-07/schema#": {"definitions": {"n": {"type": "number"}}, "$ref": "#/definitions/n"},
    "https://json-schema.org/draft/2019-09/schema": {"$defs": {"n": {"type": "number"}}, "$ref": "#/$defs/n"},
    "https://json-schema.org/draft/2020-12/schema": {"prefixItems": [{"type": "number"}], "items": False},
}
ACCEPTED = {"http://json-schema.org/draft-07/schema#": b"1", "https://json-schema.org/draft/2019-09/schema": b"1"}


@pytest.mark.parametrize("draft", SCHEMAS)
def test_a_schema_of_ones_own_is_applied_by_its_draft(tmp_path: Path, draft: str) -> None:
    path = tmp_path / "schema.json"
    path.write_text(json.dumps({"$schema": draft, **SCHEMAS[draft]}))
    spec = AuditSpec(COUNTING, "openai-chat", schema=read_schema(path), explain=True)
    report = analyse_bytes(ACCEPTED.get(draft, b"[1]") + b'\n["a", 2]\n', spec)
    assert [bool(flags & Flag.INVALID) for flags in report.columns.flags] == [False, True]
    assert [line for line, finding in report.explained if finding.code == "CUR000"][:1] == [1]


def test_without_a_draft_the_newest_is_meant(tmp_path: Path) -> None:
    path = tmp_path / "schema.json"
    path.write_text('{"prefixItems": [{"const": 1}]}')
    assert not SchemaCheck(json.loads(read_schema(path))).is_valid([2])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "is not JSON"),
        ("[]", "a schema is an object, true or false; this is a list"),
        ('{"$schema": "https://example.com/mine"}', "'https://example.com/mine', which is not a known draft"),
        ('{"type": "text"}', "not a valid schema at /type"),
        ('{"properties": {"a": {"minimum": "3"}}}', "not a valid schema at /properties/a/minimum"),
        ('{"pattern": "("}', "cannot be used"),
        ('{"$ref": "https://example.com/other.json"}', "nothing is fetched"),
        ('{"$ref": "other.json"}', "other.json, to which it refers: the schema cannot be read: No such file"),
        ('{"$ref": "../other.json"}', "`$ref` to ../other.json leads out of the schema's folder"),
        ('{"$id": "https://example.com/a/b", "$ref": "/other.json"}', "is not in the schema, and nothing is fetched"),
        ('{"$ref": "#/$defs/none"}', "cannot be used"),
    ],
)
def test_a_schema_that_cannot_be_used_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, problem: str
) -> None:
    def no_network(*_: Any) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "socket", no_network)
    path = tmp_path / "schema.json"
    path.write_text(text)
    with pytest.raises(SchemaError) as error:
        read_schema(path)
    assert str(error.value).startswith(f"{path}: ")
    assert problem in str(error.value)


FOLDER = {
    "mine.json": {"properties": {"x": {"$ref": "parts/a.json"}, "y": {"$ref": "parts/a.json#/DEFS/b"}}},
    "parts/a.json": {"type": "string", "DEFS": {"b": {"$ref": "../b.json"}}},
    "b.json": {"anyOf": [{"type": "number"}, {"$ref": "mine.json"}]},
}


@pytest.mark.parametrize(
    "draft", ["http://json-schema.org/draft-07/schema#", "https://json-schema.org/draft/2020-12/schema"]
)
@pytest.mark.parametrize("address", [None, "https://example.com/schemas/mine.json", "urn:mine"])
def test_files_that_a_schema_refers_to_are_put_into_it(tmp_path: Path, draft: str, address: str | None) -> None:
    for name, schema in FOLDER.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        own = {"$id": address} if address and name == "mine.json" else {}
        kept = "definitions" if "draft-07" in draft else "$defs"
        path.write_text(json.dumps({"$schema": draft, **own, **schema}).replace("DEFS", kept))
    text = read_schema(tmp_path / "mine.json")
    shutil.rmtree(tmp_path)
    check = SchemaCheck(json.loads(text))
    for value, pointer in (({"x": "a", "y": 1}, ""), ({"x": 1}, "/x"), ({"y": {"y": {"x": 1}}}, "/y/y/x")):
        assert check.is_valid(value) is (not pointer)
        assert [one.pointer for one in check.complaints(value)] == ([pointer] if pointer else [])


def test_a_file_referred_to_may_not_be_reached_by_a_link_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text("{}")
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "link.json").symlink_to(tmp_path / "secret.json")
    (folder / "mine.json").write_text('{"$ref": "link.json"}')
    with pytest.raises(SchemaError, match="leads out of the schema's folder"):
        read_schema(folder / "mine.json")


@pytest.mark.parametrize(("text", "problem"), [("{", "is not JSON"), ('{"type": 4}', "not a valid schema at /type")])
def test_a_fault_in_a_file_referred_to_is_told_with_its_name(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "mine.json").write_text('{"properties": {"a": {"$ref": "part.json"}}}')
    (tmp_path / "part.json").write_text(text)
    with pytest.raises(SchemaError, match=r"part\.json, to which it refers: ") as error:
        read_schema(tmp_path / "mine.json")
    assert problem in str(error.value)


def test_a_schema_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="cannot be read: No such file"):
        read_schema(tmp_path / "none.json")
    with pytest.raises(SchemaError, match="cannot be read: Is a directory"):
        read_schema(tmp_path)
    (tmp_path / "latin.json").write_bytes(b'{"title": "\xe9"}')
    with pytest.raises(SchemaError, match="is not JSON"):
        read_schema(tmp_path / "latin.json")
