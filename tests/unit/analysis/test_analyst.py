"""The audit of lines: each rule, each flag, dialects, hashes; and the same answer however it is run."""

from __future__ import annotations

import json
import random
import struct
import subprocess
import sys
from base64 import b64encode
from collections import defaultdict
from concurrent.futures import Executor
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.analysis import analyst, hashes, record_counting
from curator.analysis.analyst import Analyst
from curator.analysis.chunk import analyse_bytes, analyse_chunk
from curator.analysis.counting import Counting
from curator.analysis.findings import Severity
from curator.analysis.lint.rules import BY_CODE, OVER_CONTEXT, RULES, SCHEMA
from curator.analysis.lint.view import RecordView
from curator.analysis.report import AuditSpec, ChunkReport, Columns, Flag
from curator.analysis.roles import SEPARATOR
from curator.analysis.schema import shipped_schema
from curator.analysis.texts import TokenRule, tool_texts
from curator.analysis.tokens import TokenCounter
from curator.engine.audit import audit_file
from curator.engine.executors import INLINE, make_executor
from curator.records.codec import BYTE_ORDER_MARK, Malformed, compact, decode
from curator.records.dialects import DIALECTS, dialect_named
from curator.storage.line_index import LineIndex
from curator.storage.source import Source

COUNTING = Counting("o200k_base", 3, 1, 7, 85, 170)
PROJECT = Path(__file__).resolve().parents[3]
SYSTEM, USER = {"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}
ANSWER = {"role": "assistant", "content": "Hi."}
GOOD = {"messages": [SYSTEM, USER, ANSWER]}


def spec_of(**options: Any) -> AuditSpec:
    return AuditSpec(
        **{"counting": COUNTING, "dialect": "openai-chat", "accelerate": False, "explain": True, **options}
    )


def chat(*messages: Any, **other: Any) -> dict[str, Any]:
    return {"messages": list(messages), **other}


def line_of(record: Any) -> bytes:
    return record if isinstance(record, bytes) else json.dumps(record).encode()


def audited(*records: Any, **options: Any) -> ChunkReport:
    return analyse_bytes(b"".join(line_of(record) + b"\n" for record in records), spec_of(**options))


def codes(record: Any, **options: Any) -> list[str]:
    return [finding.code for _, finding in audited(record, **options).explained]


def columns_of(report: ChunkReport | Columns) -> list[list[int]]:
    columns = report.columns if isinstance(report, ChunkReport) else report
    return [column.tolist() for column in columns.all()]


def codes_of_bits(bits: int) -> set[str]:
    return {rule.code for rule in RULES if bits & rule.bit}


# Each rule


CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
BROKEN: list[tuple[str, Any, str]] = [
    ("CUR000", chat(USER, {**ANSWER, "tool_call_id": "c1"}), "/messages/1/tool_call_id"),
    ("CUR000", chat(USER, ANSWER, tools=5), "/tools"),
    ("CUR001", [GOOD], ""),
    ("CUR001", "text", ""),
    ("CUR001", 5, ""),
    ("CUR001", None, ""),
    ("CUR002", {}, ""),
    ("CUR002", {"messages": 5}, "/messages"),
    ("CUR002", {"messages": []}, "/messages"),
    ("CUR003", chat(USER, {"content": "Hi."}, ANSWER), "/messages/1"),
    ("CUR003", chat(USER, {"role": "assistant"}), "/messages/1"),
    ("CUR003", chat({"role": "user", "content": None}, ANSWER), "/messages/0/content"),
    ("CUR003", chat(USER, "Hi.", ANSWER), "/messages/1"),
    ("CUR004", chat(USER, {**ANSWER, "mood": "glad"}), "/messages/1/mood"),
    ("CUR005", chat(USER, {"role": "narrator", "content": "Then"}, ANSWER), "/messages/1/role"),
    ("CUR005", chat(USER, {"role": [], "content": "Then"}, ANSWER), "/messages/1/role"),
    ("CUR006", chat(USER, {**ANSWER, "content": 5}), "/messages/1/content"),
    (
        "CUR006",
        chat({"role": "user", "content": [{"type": "txt", "text": "Hi"}]}, ANSWER),
        "/messages/0/content/0/type",
    ),
    ("CUR007", chat(SYSTEM, USER), ""),
    ("CUR009", {**GOOD, "id": 1, "a/b": 2}, "/id"),
    ("CUR013", chat(USER, {**ANSWER, "weight": 2}), "/messages/1/weight"),
    ("CUR013", chat(USER, {**ANSWER, "weight": True}), "/messages/1/weight"),
    ("CUR013", chat({**USER, "weight": 0}, ANSWER), "/messages/0/weight"),
    ("CUR033", b'{"messages": [}', ""),
    ("CUR034", b'{"messages": "\xff"}', ""),
    ("CUR035", b"", ""),
    ("CUR035", b" \t", ""),
    ("CUR036", line_of(GOOD) + b"\r", ""),
    ("CUR037", BYTE_ORDER_MARK + line_of(GOOD), ""),
]
CLEAN: list[Any] = [
    GOOD,
    chat(USER, ANSWER),
    chat({**USER, "name": "ann"}, {**ANSWER, "weight": 0}, USER, {**ANSWER, "weight": 1}),
    chat(USER, {"role": "assistant", "tool_calls": [CALL]}),
    chat(
        *(USER, {"role": "assistant", "tool_calls": [CALL]}, {"role": "tool", "tool_call_id": "c1", "content": "ok"}),
        ANSWER,
    ),
    chat(USER, {"role": "assistant", "content": None}),
    {**GOOD, "tools": [], "parallel_tool_calls": False},
    chat({"role": "developer", "content": "Be brief."}, USER, ANSWER),
]


@pytest.mark.parametrize(("code", "record", "pointer"), BROKEN)
def test_a_record_that_breaks_a_rule_is_found(code: str, record: Any, pointer: str) -> None:
    found = [(finding.code, finding.pointer) for _, finding in audited(record).explained]
    assert (code, pointer) in found
    assert {one for one, _ in found} <= {code, "CUR009", "CUR012"}


@pytest.mark.parametrize("record", CLEAN)
def test_a_record_that_breaks_none_is_not(record: Any) -> None:
    report = audited(record)
    assert report.explained == []
    assert not report.columns.findings[0]
    assert not report.columns.flags[0] & Flag.INVALID


@pytest.mark.parametrize("record", [[], 5, None, {}, {"messages": {}}, {"messages": []}, {"id": 1}])
def test_that_nobody_answers_is_not_said_where_there_are_no_messages(record: Any) -> None:
    assert "CUR007" not in codes(record)


def test_that_nobody_answers_is_said_in_other_dialects_too() -> None:
    assert codes({"conversations": [{"from": "human", "value": "Hi"}]}) == ["CUR007"]


def test_a_place_that_a_rule_has_named_is_not_named_again() -> None:
    assert codes(chat({**USER, "weight": 1}, ANSWER)) == ["CUR013"]
    both = audited(chat({**USER, "weight": 1, "refusal": "No."}, ANSWER)).explained
    assert [(finding.code, finding.pointer) for _, finding in both] == [
        ("CUR013", "/messages/0/weight"),
        ("CUR000", "/messages/0/refusal"),
    ]


def test_over_long_records_are_told_by_their_tokens() -> None:
    tokens = audited(GOOD).columns.tokens[0]
    assert codes(GOOD, limit=tokens) == []
    report = audited(GOOD, chat(USER, ANSWER), limit=tokens - 1)
    assert [(line, finding.code) for line, finding in report.explained] == [(0, OVER_CONTEXT.code)]
    assert report.explained[0][1].message.endswith("by 1")


def test_malformed_lines_say_where() -> None:
    report = audited(b'{"messages": oops}')
    assert [finding.column for _, finding in report.explained] == [14]


# Flags, dialects and line ends


@pytest.mark.parametrize(
    ("record", "flags"),
    [
        (GOOD, 0),
        (b"", Flag.BLANK),
        (b"\r", Flag.BLANK),
        (b"{", Flag.MALFORMED),
        ({"messages": []}, Flag.INVALID),
        ([], Flag.INVALID),
        ({**GOOD, "id": 1}, Flag.INVALID),
        (chat(USER, {"role": "assistant", "tool_calls": [CALL]}), Flag.ESTIMATED),
        (chat({"role": "user", "content": [{"type": "text", "text": "Hi"}]}, ANSWER), 0),
    ],
)
def test_flags(record: Any, flags: int) -> None:
    assert audited(record).columns.flags[0] == flags


def png(width: int, height: int) -> str:
    head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height)
    return "data:image/png;base64," + b64encode(head + bytes(20)).decode()


@pytest.mark.parametrize(
    ("image", "tokens"),
    [
        ({"url": "https://example.com/a.png", "detail": "low"}, 85),
        ({"url": "https://example.com/a.png"}, 85 + 4 * 170),
        ({"url": png(512, 512), "detail": "high"}, 85 + 170),
        ({"url": png(513, 512)}, 85 + 2 * 170),
        ({"url": png(4096, 8192)}, 85 + 6 * 170),
        ({"url": "data:image/png;base64,????"}, 85 + 4 * 170),
        ("https://example.com/a.png", 85 + 4 * 170),
    ],
)
def test_images_are_estimated(image: Any, tokens: int) -> None:
    text = {"type": "text", "text": "Look"}
    with_image, without = (
        audited(chat({"role": "user", "content": parts}, ANSWER)).columns
        for parts in ([text, {"type": "image_url", "image_url": image}], [text])
    )
    assert with_image.tokens[0] - without.tokens[0] == tokens
    assert with_image.flags[0] & (Flag.HAS_IMAGES | Flag.ESTIMATED) == Flag.HAS_IMAGES | Flag.ESTIMATED
    assert not without.flags[0]


DIALECT_RECORDS: dict[str, Any] = {
    "openai-chat": GOOD,
    "openai-preference": {
        "input": {"messages": [USER]},
        "preferred_output": [ANSWER],
        "non_preferred_output": [{"role": "assistant", "content": "No."}],
    },
    "sharegpt": {"conversations": [{"from": "human", "value": "Hello"}, {"from": "gpt", "value": "Hi."}]},
    "alpaca": {"instruction": "Hello", "input": "", "output": "Hi."},
    "trl": {"prompt": [USER], "completion": [ANSWER]},
    "prompt-completion": {"prompt": "Hello ->", "completion": " Hi."},
    "bedrock": {
        "schemaVersion": "bedrock-conversation-2024",
        "messages": [
            {"role": "user", "content": [{"text": "Hello"}]},
            {"role": "assistant", "content": [{"text": "Hi."}]},
        ],
    },
    "gemini": {
        "contents": [{"role": "user", "parts": [{"text": "Hello"}]}, {"role": "model", "parts": [{"text": "Hi."}]}]
    },
}


@pytest.mark.parametrize("file_dialect", DIALECT_RECORDS)
def test_each_record_of_a_mixed_file_is_read_in_its_own_dialect(file_dialect: str) -> None:
    columns = audited(*DIALECT_RECORDS.values(), dialect=file_dialect).columns
    assert [DIALECTS[number].name for number in columns.dialect] == list(DIALECT_RECORDS)
    assert not any(columns.findings)
    assert columns_of(columns) == columns_of(audited(*DIALECT_RECORDS.values()).columns)


def test_what_no_dialect_claims_is_read_in_the_files() -> None:
    columns = audited({"turns": ["Hello"]}, [], b"{", dialect="alpaca").columns
    assert [DIALECTS[number].name for number in columns.dialect] == ["alpaca"] * 3


def test_the_users_dialect_holds_for_every_record() -> None:
    report = audited(DIALECT_RECORDS["alpaca"], only_dialect=True)
    assert [finding.code for _, finding in report.explained] == ["CUR002", *["CUR009"] * 3]


def test_a_byte_order_mark_changes_no_figure_but_is_told() -> None:
    marked, plain = audited(BYTE_ORDER_MARK + line_of(GOOD)).columns, audited(GOOD).columns
    assert codes_of_bits(marked.findings[0]) == {"CUR037"}
    marked.findings[0] = 0
    assert columns_of(marked) == columns_of(plain)


@pytest.mark.parametrize(("data", "number"), [(b"", 0), (b"\n", 1), (b"\n\n", 2), (b"{}", 1), (b"{}\n1", 2)])
@pytest.mark.parametrize("mark", [b"", BYTE_ORDER_MARK])
def test_lines_are_counted_as_the_line_index_counts_them(mark: bytes, data: bytes, number: int) -> None:
    expected = max(number, bool(mark))
    assert len(analyse_bytes(mark + data, spec_of())) == expected


def test_line_ends_and_blank_lines_change_no_figure() -> None:
    plain = audited(GOOD).columns
    mixed = analyse_bytes(line_of(GOOD) + b"\r\n\n\r\n" + line_of(GOOD), spec_of()).columns
    for name in ("tokens", "trained", "messages", "turns", "content_hash"):
        assert getattr(mixed, name).tolist() == [getattr(plain, name)[0], 0, 0, getattr(plain, name)[0]]
    assert [codes_of_bits(bits) for bits in mixed.findings] == [{"CUR036"}, {"CUR035"}, {"CUR035", "CUR036"}, set()]


def test_what_only_python_reads_is_read() -> None:
    columns = audited(b'{"messages": [{"role": "user", "content": "\\ud83d"}], "id": NaN}').columns
    assert not columns.flags[0] & Flag.MALFORMED
    assert columns.tokens[0] > 4


def test_turns_are_user_messages() -> None:
    columns = audited(chat(SYSTEM, USER, ANSWER, USER, USER, ANSWER)).columns
    assert (columns.messages[0], columns.turns[0]) == (6, 3)


# Hashes


def hash_of(record: Any) -> int:
    return audited(record).columns.content_hash[0]


def test_equal_conversations_have_equal_hashes() -> None:
    same = [
        chat(USER, ANSWER),
        chat(USER, ANSWER, id=7),
        chat({"content": "Hello", "role": "user"}, {**ANSWER, "weight": 0}),
        chat(USER, {**ANSWER, "name": None}),
        {"prompt": [USER], "completion": [ANSWER]},
        DIALECT_RECORDS["sharegpt"],
        {"instruction": "Hello", "output": "Hi."},
    ]
    assert len({hash_of(record) for record in same}) == 1


def test_other_conversations_have_other_hashes() -> None:
    others = [
        chat(USER, ANSWER),
        chat({**USER, "role": "assistant"}, {**ANSWER, "role": "user"}),
        chat(ANSWER, USER),
        chat(USER, ANSWER, ANSWER),
        chat({**USER, "content": "HelloHi."}, {**ANSWER, "content": ""}),
        chat({**USER, "content": ""}, {**ANSWER, "content": "HelloHi."}),
        chat({**USER, "role": "narrator"}, ANSWER),
    ]
    assert len({hash_of(record) for record in others}) == len(others)


def test_lines_that_say_nothing_have_none() -> None:
    assert audited(b"", b"{", [], 5).columns.content_hash.tolist() == [0, 0, 0, 0]


# Shortcuts are held to what they stand for


def test_words_are_those_of_the_text_without_case_and_marks() -> None:
    def words(text: str) -> bytes:
        letters = text.casefold().encode("utf-8", "surrogatepass").translate(None, hashes._LEFT_OUT)
        for _, marks in hashes._OTHER_MARKS:
            letters = marks.sub(b"", letters)
        return letters

    for start in range(0, 0x110000, 0x1000):
        text = "".join(map(chr, range(start, start + 0x1000)))
        assert hashes._words(text.encode("utf-8", "surrogatepass")) == words(text), hex(start)


roles = st.sampled_from(["system", "developer", "user", "assistant", "tool", "function", "narrator", "", SEPARATOR])
anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)),
    max_leaves=6,
)
plain_message = st.fixed_dictionaries({"role": roles, "content": st.text(max_size=12)})
message = st.one_of(
    plain_message,
    plain_message,
    plain_message,
    st.fixed_dictionaries(
        {},
        optional={
            "role": st.one_of(roles, anything),
            "content": st.one_of(st.text(max_size=8), anything),
            "weight": st.one_of(st.integers(-1, 2), anything),
            "name": st.one_of(st.text(max_size=4), anything),
            "tool_calls": st.one_of(st.just([CALL]), anything),
        },
    ),
    anything,
)
record = st.fixed_dictionaries(
    {"messages": st.one_of(st.lists(plain_message, max_size=4), st.lists(message, max_size=4), anything)},
    optional={"id": anything, "tools": anything, "parallel_tool_calls": anything},
)


@cache
def token_rule() -> TokenRule:
    return TokenRule(COUNTING, TokenCounter(COUNTING.encoding, accelerate=False).count)


@given(record)
def test_the_chat_schema_accepts_what_is_taken_for_plain(value: dict[str, Any]) -> None:
    view = RecordView.of(value, dialect_named("openai-chat"), token_rule().patterns)
    if analyst._is_plain_chat(view):
        known = {key: value[key] for key in value if key in dialect_named("openai-chat").only_keys}
        assert shipped_schema("openai-chat").is_valid(known)


def test_plain_chat_is_taken_for_plain() -> None:
    for value in (GOOD, {**GOOD, "id": 1}):
        assert analyst._is_plain_chat(RecordView.of(value, dialect_named("openai-chat"), token_rule().patterns))


@given(st.lists(record, max_size=6))
def test_counts_are_those_of_each_message_counted_alone(values: list[dict[str, Any]]) -> None:
    for value in values:
        columns = audited(compact(value).encode("utf-8", "backslashreplace")).columns
        by_message = Analyst.by_message(analyst.analyst_for(spec_of()), value).each
        constant = 3 if by_message else 0
        tools = value.get("tools") or []
        texts, extra, _ = tool_texts(tools if isinstance(tools, list) else [tools], COUNTING)
        tool_tokens = sum(map(token_rule().prompts.__missing__, texts)) + extra
        assert columns.tokens[0] == sum(tokens for tokens, _ in by_message) + constant + tool_tokens
        assert columns.trained[0] == sum(trained for _, trained in by_message)


@given(st.lists(record, max_size=8))
def test_the_accelerator_changes_no_figure(values: list[dict[str, Any]]) -> None:
    pytest.importorskip("toktok", reason="the accelerator, toktok-rs, is not installed")
    lines = [compact(value).encode("utf-8", "backslashreplace") for value in values]
    fast, exact = (audited(*lines, accelerate=accelerate) for accelerate in (True, False))
    assert columns_of(fast) == columns_of(exact)
    assert not fast.disagreement


def tool(name: str) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "description": f"Does {name}."}}


def test_tools_count_alike_however_often_they_recur(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_counting, "KEPT_TOOL_LISTS", 2)
    lists = [[tool("walk")], [tool("run")], [tool("walk"), tool("run")], [tool("swim")]]
    alone = [audited(chat(USER, ANSWER, tools=tools)).columns.tokens[0] for tools in lists]
    together = audited(*(chat(USER, ANSWER, tools=tools) for tools in lists * 3)).columns.tokens.tolist()
    assert together == alone * 3
    assert len(set(alone)) > 2


@pytest.mark.parametrize("length", [0, 255, 256, 257, 1 << 16, (1 << 16) + 1])
def test_long_system_prompts_count_alike_however_often_they_recur(length: int) -> None:
    prompt = ("word " * length)[:length]
    columns = audited(*[chat({"role": "system", "content": prompt}, USER, ANSWER)] * 3).columns
    expected = 3 + 3 * 4 + sum(map(token_rule().prompts.__missing__, (prompt, "Hello", "Hi.")))
    assert columns.tokens.tolist() == [expected] * 3


# The bits and the sentences


def sample_files() -> list[Path]:
    return sorted([*(PROJECT / "samples").glob("*.jsonl"), *(PROJECT / "tests" / "cases").glob("*/*.jsonl")])


def agree(lines: list[bytes], **options: Any) -> None:
    """Whether columns and sentences name the same rules for each line, and the columns are those without sentences."""
    explained = audited(*lines, **options)
    silent = audited(*lines, **{**options, "explain": False})
    assert columns_of(silent) == columns_of(explained)
    assert silent.explained == []
    named: dict[int, set[str]] = defaultdict(set)
    for line, finding in explained.explained:
        named[line].add(finding.code)
        assert finding.severity is BY_CODE[finding.code].severity
    for line, bits in enumerate(explained.columns.findings):
        assert codes_of_bits(bits) == named[line] - {OVER_CONTEXT.code}, lines[line]


@pytest.mark.parametrize("path", sample_files(), ids=lambda path: f"{path.parent.name}-{path.stem}")
@pytest.mark.parametrize("dialect", ["openai-chat", "sharegpt"])
def test_bits_and_sentences_agree_on_the_samples(path: Path, dialect: str) -> None:
    lines = path.read_bytes().split(b"\n")
    agree(lines, dialect=dialect)
    agree(lines, dialect=dialect, only_dialect=True)
    agree(lines, schema='{"type": "object", "required": ["messages"], "properties": {"id": false}}')


JUNK = [None, True, 0, 2, -1, 1.5, "", "junk", [], {}, [None], {"a": 1}, "user", "assistant", [{"type": "text"}]]


def mutated(value: Any, draw: random.Random) -> Any:
    """The value with one place in it replaced, left out or added to."""
    if isinstance(value, dict | list) and value and draw.random() < 0.85:
        copy: Any = value.copy()
        key = draw.choice(list(copy) if isinstance(copy, dict) else range(len(copy)))
        match draw.randrange(6):
            case 0:
                del copy[key]
            case 1 if isinstance(copy, dict):
                copy[draw.choice(["weight", "name", "mood", "id", "role", "a~/b"])] = draw.choice(JUNK)
            case _:
                copy[key] = mutated(copy[key], draw)
        return copy
    return draw.choice(JUNK)


@pytest.mark.parametrize("seed", range(6))
def test_bits_and_sentences_agree_on_mutated_records(seed: int) -> None:
    draw = random.Random(seed)
    lines = [line for path in sample_files() for line in path.read_bytes().splitlines() if line.startswith(b"{")]
    mutants = []
    for line in draw.sample(lines, 150):
        value = decode(line)
        if isinstance(value, Malformed):
            continue
        for _ in range(draw.randrange(1, 4)):
            value = mutated(value, draw)
        mutants.append(compact(value).encode("utf-8", "backslashreplace"))
    agree(mutants)


# The same answer, however it is run


def all_samples() -> bytes:
    return b"".join(path.read_bytes().rstrip(b"\n") + b"\n" for path in sample_files())


@cache
def whole_report() -> ChunkReport:
    return analyse_bytes(all_samples(), spec_of())


@given(st.lists(st.floats(0, 1), max_size=6))
def test_the_answer_does_not_depend_on_where_the_file_is_cut(places: list[float]) -> None:
    data = all_samples()
    cuts = sorted({data.find(b"\n", int(place * (len(data) - 1))) + 1 for place in places} | {0, len(data)})
    columns, explained = Columns(), []
    for start, end in pairwise(cuts):
        part = analyse_bytes(data[start:end], spec_of())
        explained += [(line + len(columns), finding) for line, finding in part.explained]
        columns.extend(part.columns)
    assert columns_of(columns) == columns_of(whole_report())
    assert explained == whole_report().explained


def run_by(executor: Executor, path: Path) -> Columns:
    columns = Columns()
    source = Source(path)
    with executor:
        for _, report in audit_file(path, LineIndex(source), spec_of(), executor, 2):
            columns.extend(report.columns)
    source.close()
    return columns


def test_the_answer_does_not_depend_on_the_executor(tmp_path: Path) -> None:
    path = tmp_path / "all.jsonl"
    path.write_bytes(all_samples())
    whole = columns_of(analyse_chunk(path, 0, path.stat().st_size, spec_of()))
    assert columns_of(run_by(make_executor(INLINE), path)) == whole
    assert columns_of(run_by(make_executor(2), path)) == whole
    assert whole == columns_of(whole_report())


# Planted defects


RULE_OF_DEFECT = {
    "bad_json": "CUR033",
    "missing_role": "CUR003",
    "invalid_utf8": "CUR034",
    "empty_line": "CUR035",
    "crlf": "CUR036",
    "overlong": OVER_CONTEXT.code,
}
OVERLONG_TOKENS = 8000


def test_planted_defects_are_found_on_just_their_lines(shared_data: Path, tmp_path: Path) -> None:
    script, seeds = shared_data / "make_large.py", shared_data / "chat" / "sgd_small.jsonl"
    if not script.is_file() or not seeds.is_file():
        pytest.skip(f"{script} is not here")
    path = tmp_path / "planted.jsonl"
    options = ["--bytes", "2M", "--defects", "0.1", "--overlong-bytes", "80K"]
    subprocess.run([sys.executable, script, seeds, "-o", path, *options], check=True, capture_output=True)
    truth = json.loads(path.with_name("planted.jsonl.truth.json").read_text())
    report = analyse_bytes(path.read_bytes(), spec_of(limit=OVERLONG_TOKENS))
    found: dict[str, list[int]] = defaultdict(list)
    for line, finding in report.explained:
        if finding.code not in ("CUR009", "CUR012", "CUR041"):  # of the seeds, and what follows from a missing role
            found[finding.code].append(line + 1)
    assert found == {RULE_OF_DEFECT[kind]: defect["lines"] for kind, defect in truth["defects"].items()}
    assert len(report) == truth["lines"]


def test_severities_are_those_of_the_table() -> None:
    warnings = {rule.number for rule in RULES if rule.severity is Severity.WARNING}
    assert warnings >= {12, 14, 19, 23, 24, 25, 26, 28, 30, 35, 36, 37, 38, 41}
    assert not warnings & {*range(8), 9, 10, 11, 13, *range(15, 19), 27, 29, 32, 33, 34}
    assert SCHEMA.code == "CUR000"


def test_lines_come_in_order_with_their_findings() -> None:
    report = audited(chat(USER), b"", {**GOOD, "id": 1}, b"{", limit=1)
    assert [line for line, _ in report.explained] == sorted(line for line, _ in report.explained)
