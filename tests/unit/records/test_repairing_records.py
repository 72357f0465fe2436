"""Text that is almost JSON Lines: what it comes to, which repairs are named, and what is left."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.records.codec import Malformed, decode
from curator.records.repair import Kind, Piece, pieces, shape_of
from curator.records.repair import records as records_module

SAMPLE = Path(__file__).resolve().parents[3] / "samples" / "broken.jsonl"


def found(content: bytes, *, step: int = 0) -> list[Piece]:
    """What some content comes to, read in one block or in small ones; the same either way."""
    whole = list(pieces([content]))
    if step:
        assert list(pieces(content[at : at + step] for at in range(0, len(content), step))) == whole
    return whole


def written(content: bytes, *, guess: bool = False) -> bytes:
    return b"".join(piece.lines(guess=guess) for piece in found(content))


def kinds(content: bytes, *, guess: bool = False) -> list[str]:
    return [one.kind.word for piece in found(content) for one in piece.done(guess=guess)]


def places(found: list[Piece], *, guess: bool) -> dict[str, list[tuple[int, int]]]:
    """Where what was found stands: by kind, sure ones only or guessed ones only."""
    there: dict[str, list[tuple[int, int]]] = {}
    for piece in found:
        for one in piece.guesses if guess else piece.repairs:
            there.setdefault(one.kind.word, []).append((one.line, one.column))
    return there


SURE = [
    ('\ufeff{"a": 1}\n', '{"a": 1}\n', ["byte-order-mark"]),
    ('{"a": 1}\r\n\r\n{"a": 2}\r\n', '{"a": 1}\n{"a": 2}\n', ["line-end", "blank", "line-end"]),
    ('[{"a": 1}, {"b": 1.10}]', '{"a": 1}\n{"b": 1.10}\n', ["array"]),
    ('[\n  {\n    "a": 1,\n    "b": "\\u00e9"\n  }\n]\n', '{"a": 1, "b": "\\u00e9"}\n', ["array", "layout"]),
    ('[\n{"a": 1},\n{"a": 2}', '{"a": 1}\n{"a": 2}\n', ["array", "open-array"]),
    ('{\n"a" :1E5\n}\n{"b":2}\n', '{"a" :1E5}\n{"b":2}\n', ["layout"]),
    ('{"a": 1}{"b": 2} {"c": 3}\n', '{"a": 1}\n{"b": 2}\n{"c": 3}\n', ["several", "several"]),
    ('{"a": 1},\n{"a": 2},\n', '{"a": 1}\n{"a": 2}\n', ["between", "between"]),
    ('{"a": [1, 2,], "b": 3,}\n', '{"a": [1, 2], "b": 3}\n', ["trailing-comma", "trailing-comma"]),
    ('# c\n// c\n/* c\n */\n{"a": /* c */ 1} // c\n', '{"a":1}\n', ["comment"] * 5),
    ("{'a': None, 'b': [True, False]}\n", '{"a": null, "b": [true, false]}\n', None),
    ("""{'a': "it's", 'b': 'say "hi"\\x41\\''}\n""", """{"a": "it's", "b": "say \\"hi\\"A'"}\n""", None),
    ("{“a”: “he said “hi””}\n", '{"a": "he said “hi”"}\n', None),
    ("{a: 1, b_2: {$c: 2}}\n", '{"a": 1, "b_2": {"$c": 2}}\n', ["bare-key"] * 3),
    ('{"a": "one\ntwo\tthree"}\n', '{"a": "one\\ntwo\\tthree"}\n', ["control", "control"]),
    ('{"a": "he said "hi" to me", "b": 1}\n', '{"a": "he said \\"hi\\" to me", "b": 1}\n', ["inner-quote"] * 2),
]
"""Text, its only reading, and the repairs in their order where they are few."""


@pytest.mark.parametrize(("text", "expected", "named"), SURE)
def test_what_has_one_reading_is_repaired(text: str, expected: str, named: list[str] | None) -> None:
    content = text.encode()
    assert written(content).decode() == expected
    assert written(content, guess=True).decode() == expected
    if named is not None:
        assert kinds(content) == named
    found(content, step=1)
    assert written(expected.encode()).decode() == expected


GUESSED = [
    ('{"a": NaN, "b": -Infinity}\n', '{"a": null, "b": null}\n', "constant"),
    ('{"a": "C:\\work"}\n', '{"a": "C:\\\\work"}\n', "backslash"),
    ('{"a": 1}\n{"a": {"b": "cut he', '{"a": 1}\n{"a": {"b": "cut he"}}\n', "cut-off"),
    ('{"a": {"b": 1}\n{"a": 2}\n', '{"a": {"b": 1}}\n{"a": 2}\n', "cut-off"),
    ('{"a": "x"\n"b": 2}\n', '{"a": "x", "b": 2}\n', "missing-comma"),
    ('{"a": "he said "hi", and left"}\n', '{"a": "he said \\"hi\\", and left"}\n', "inner-quote"),
    ("{'a': 'it's me'}\n", '{"a": "it\'s me"}\n', "inner-quote"),
    ('<<<<<<< HEAD\n{"a": 1}\n=======\n{"a": 2}\n>>>>>>> b\n', '{"a": 1}\n{"a": 2}\n', "conflict"),
    ('[{"role": "user", "content": "x"}]\n', '{"messages": [{"role": "user", "content": "x"}]}\n', "messages"),
]


@pytest.mark.parametrize(("text", "expected", "named"), GUESSED)
def test_what_has_several_readings_stays_unless_it_is_guessed(text: str, expected: str, named: str) -> None:
    content = text.encode()
    assert written(content).rstrip(b"\n") == content.rstrip(b"\n")
    assert written(content, guess=True).decode() == expected
    assert named in kinds(content, guess=True)
    assert named not in kinds(content)
    found(content, step=1)


LEFT = [
    ('{"a": oops}\n', (1, 1), "a value is expected, at 1:7"),
    ('{"a": 1} and more\n', (1, 1), "there is more behind"),
    ("oops\n", (1, 1), "a value is expected"),
    ("[1, 2]\n", (1, 1), ""),
    ('"text"\n', (1, 1), ""),
    ('[\n  {"a": 1},\n  {\n    "a": oops\n  },\n  {"a": 2}\n]\n', (3, 3), "a value is expected, at 4:10"),
]


@pytest.mark.parametrize(("text", "place", "reason"), LEFT)
def test_what_cannot_be_repaired_stays_and_is_named(text: str, place: tuple[int, int], reason: str) -> None:
    left = [piece for piece in found(text.encode(), step=1) if piece.left]
    assert [(one.left.line, one.left.column) for one in left if one.left] == [place]
    assert reason in (left[0].left.detail if left[0].left else "")
    assert left[0].guessed is None
    assert left[0].kept.decode().strip() in text


def test_a_list_of_records_among_lines_is_taken_apart_where_a_dialect_knows_them() -> None:
    record = '{"messages": []}'
    assert written(f"[{record}, {record}]\n{record}\n".encode()) == f"{record}\n{record}\n{record}\n".encode()
    assert kinds(f'[{{"a": 1}}]\n{record}\n'.encode()) == []


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_utf_16_and_32_are_read_by_their_marks_or_their_zeros(encoding: str) -> None:
    assert written('{"a": "é😀"}\n{"b": 1}\n'.encode(encoding)).decode() == '{"a": "é😀"}\n{"b": 1}\n'


def test_every_line_of_the_sample_is_repaired_or_named() -> None:
    sample = SAMPLE.read_bytes()
    assert {kind: at[0] for kind, at in places(found(sample), guess=False).items()} == {
        "byte-order-mark": (1, 1),
        "inner-quote": (7, 60),
        "smart-quotes": (10, 2),
        "trailing-comma": (11, 75),
        "single-quotes": (12, 2),
        "python": (12, 185),
        "bare-key": (13, 2),
        "line-end": (15, 152),
        "utf-16-or-32": (17, 1),
        "blank": (28, 1),
        "layout": (32, 1),
        "control": (44, 87),
        "comment": (48, 1),
        "several": (54, 164),
        "array": (57, 1),
    }
    guessed = {kind: [line for line, _ in at] for kind, at in places(found(sample), guess=True).items()}
    assert guessed["constant"] == [8, 9, 9]
    assert guessed["encoding"] == [19, 20, 21, 22]
    assert set(guessed["backslash"]) == {47}
    assert guessed["conflict"] == [49, 51, 53]
    assert guessed["cut-off"] == [55, 56]
    left = [piece.left for piece in found(sample) if piece.left and piece.guessed is None]
    assert [(one.kind.word, one.line) for one in left] == [
        ("not-json", 27),
        *(("not-an-object", line) for line in (58, 59, 60, 61)),
    ]


EXPECTED: dict[str, tuple[int, Counter[str], Counter[str]]] = {
    "descriptions_hash_comments.jsonl": (54, Counter({"comment": 15, "blank": 1}), Counter()),
    "dummy_conversation_merge_conflict.json": (1410, Counter({"array": 2, "layout": 1410}), Counter({"conflict": 3})),
    "judge_prompts_split_records.jsonl": (9, Counter({"control": 4}), Counter()),
    "mt_bench_question_tr_crlf.jsonl": (80, Counter({"line-end": 80}), Counter()),
    "openai_finetuning_blank_lines.jsonl": (10, Counter({"blank": 9}), Counter()),
    "questions_gbk_tail.jsonl": (8, Counter({"line-end": 8}), Counter({"encoding": 8})),
    "reviewer_unquoted_keys.jsonl": (3, Counter({"bare-key": 9}), Counter()),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_broken_files_that_were_found_are_repaired_whole(name: str, shared_data: Path) -> None:
    content = (shared_data / "broken" / name).read_bytes()
    records, sure, guessed = EXPECTED[name]
    there = found(content)
    assert Counter(one.kind.word for piece in there for one in piece.repairs) == sure
    assert Counter(one.kind.word for piece in there for one in piece.guesses) == guessed
    assert [piece.left for piece in there if piece.left and piece.guessed is None] == []
    lines = written(content, guess=True).decode().splitlines()
    assert [type(json.loads(line)) for line in lines] == [dict] * records


def test_gbk_is_read_as_it_was_written(shared_data: Path) -> None:
    content = (shared_data / "broken" / "questions_gbk_tail.jsonl").read_bytes()
    assert written(content, guess=True).decode() == content.decode("gb18030").replace("\r\n", "\n")


ARRAYS = ("alpaca_en_demo", "fastchat_dummy_conversation", "glaive_toolcall_en_demo", "identity", "mllm_demo")


@pytest.mark.parametrize("name", ARRAYS)
def test_the_items_of_an_array_are_its_records(name: str, shared_data: Path) -> None:
    content = (shared_data / "formats" / f"{name}.json").read_bytes()
    lines = written(content).decode().split("\n")
    assert [json.loads(line) for line in lines[:-1]] == json.loads(content)
    assert lines[-1] == ""


def test_sound_json_lines_come_back_byte_for_byte(shared_data: Path) -> None:
    for path in (shared_data / "chat").glob("*.jsonl"):
        content = path.read_bytes()
        assert written(content) == content, path
        assert kinds(content, guess=True) == []


def test_of_the_test_suite_all_that_is_json_is_read_and_all_else_is_told(shared_data: Path) -> None:
    paths = sorted((shared_data / "json_test_suite" / "test_parsing").glob("*.json"))
    assert len(paths) == 318
    for path in paths:
        content = path.read_bytes()
        there = found(content, step=7 if len(content) < 2000 else 0)
        out = b"".join(piece.kept for piece in there)
        if path.name.startswith("y_"):
            value = json.loads(content)
            values = [json.loads(line) for line in out.decode().split("\n") if line.strip()]
            assert values == [value] or values == value, path.name
        elif path.name.startswith("n_") and content:
            assert any(piece.left or piece.repairs or piece.guesses for piece in there), path.name
        assert written(out) == out, path.name


# Properties

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(texts, values, max_size=4)
BREAKS: dict[str, Callable[[list[dict[str, Any]]], str]] = {
    "array": lambda all: json.dumps(all),
    "array, laid out": lambda all: json.dumps(all, indent=2, ensure_ascii=False),
    "laid out": lambda all: "\n".join(json.dumps(one, indent="\t") for one in all),
    "together": lambda all: "".join(json.dumps(one, ensure_ascii=False) for one in all),
    "CRLF": lambda all: "".join(json.dumps(one) + "\r\n" for one in all),
    "commas": lambda all: "".join(json.dumps(one) + ",\n" for one in all),
    "trailing commas": lambda all: "\n".join(json.dumps(one)[:-1] + (",}" if one else "}") for one in all),
    "comments": lambda all: "".join(f"# no record\n{json.dumps(one)} // nor this\n" for one in all),
    "mark": lambda all: "\ufeff" + "\n".join(map(json.dumps, all)),
}


@pytest.mark.parametrize("broken", BREAKS)
@given(all=st.lists(objects, min_size=1, max_size=4))
def test_records_that_were_broken_in_a_known_way_come_back(broken: str, all: list[dict[str, Any]]) -> None:
    if "array" in broken and ("role" in all[0] or "from" in all[0]):
        return
    content = BREAKS[broken](all).encode()
    out = written(content)
    assert [json.loads(line) for line in out.decode().split("\n") if line] == all
    assert written(out) == out
    assert not [piece.left for piece in found(out) if piece.left]


@given(all=st.lists(st.dictionaries(texts, st.none() | st.booleans() | st.integers() | texts, max_size=4), max_size=4))
def test_printed_dictionaries_come_back(all: list[dict[str, Any]]) -> None:
    content = "\n".join(map(repr, all)).encode()
    lines = [line for line in written(content, guess=True).split(b"\n") if line]
    values = [decode(line) for line in lines]
    assert all == values or any(isinstance(one, Malformed) or one not in all for one in values)
    assert written(content) == written(written(content))


@given(st.lists(objects, max_size=5), st.booleans())
def test_json_lines_come_back_byte_for_byte(all: list[dict[str, Any]], last: bool) -> None:
    content = ("\n".join(map(json.dumps, all)) + ("\n" if last and all else "")).encode()
    assert written(content) == content


@given(st.binary(max_size=60) | st.text("{}[]\",:'#/* \n\\aN1", max_size=40).map(str.encode), st.integers(1, 7))
def test_any_bytes_come_to_something_and_always_the_same(content: bytes, step: int) -> None:
    out = b"".join(piece.kept for piece in found(content, step=step))
    guessed = b"".join(piece.lines(guess=True) for piece in found(content))
    for piece in found(content):
        if piece.record and piece.left is None:
            assert isinstance(decode(piece.kept.strip(b"\r\n")), dict)
        if piece.guessed:
            assert isinstance(decode(piece.guessed), dict)
    assert isinstance(out, bytes) and isinstance(guessed, bytes)


# Size


def test_a_line_longer_than_what_is_held_is_passed_on_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("curator.records.repair.reading.LONGEST_LINE", 100)
    content = b"x" * 1000 + b'\n{"a": 1}\n'
    there = list(pieces(content[at : at + 50] for at in range(0, len(content), 50)))
    assert b"".join(piece.kept for piece in there) == content
    assert sum(piece.left is not None for piece in there) == 1
    assert there[-1].record


def test_what_cannot_be_read_is_not_looked_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    scanned: list[int] = []
    scan = records_module.scan

    def counted(text: str, start: int, limit: int, **more: bool) -> Any:
        scanned.append(limit - start)
        return scan(text, start, limit, **more)

    monkeypatch.setattr(records_module, "scan", counted)
    monkeypatch.setattr(records_module, "FIRST_CREDIT", 1 << 14)
    content = b'{"a": "y,\n' * 2000
    found(content)
    assert sum(scanned) < 10 * len(content)


# Shapes


@pytest.mark.parametrize(
    ("head", "shape"),
    [
        (b'[{"a": 1}, {"a": ', "one JSON array"),
        (b'{\n  "a": 1\n}\n{\n  "a"', "records laid out over several lines"),
        (b"{'a': 1}\n{'a': 2}\n", "printed Python dictionaries"),
        ('{"a": 1}\n'.encode("utf-16"), "UTF-16-LE text"),
        (b"oops\n", ""),
    ],
)
def test_what_a_file_looks_like(head: bytes, shape: str) -> None:
    assert shape_of(head) == shape


def test_every_kind_has_words_of_its_own() -> None:
    assert len({kind.word for kind in Kind}) == len({kind.value for kind in Kind}) == len(Kind)
