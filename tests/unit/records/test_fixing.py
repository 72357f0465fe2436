"""Fixes: each on records that need it and on records that do not, and all of them on real data."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from curator.errors import UsageError
from curator.records.codec import decode_exactly, line_body
from curator.records.dialects import DEFAULT, Dialect, dialect_named
from curator.records.fixing import DROPPING, FIXES, Fix, FixedLine, fix_line, fix_named, fixes_of
from curator.records.sniffing import dialect_of
from tests.unit.records.real_records import public_lines, sound_cases


def chat(*messages: dict[str, Any], **others: Any) -> bytes:
    return json.dumps({"messages": list(messages), **others}, ensure_ascii=False).encode() + b"\n"


def of_its_own(value: Any) -> Dialect:
    return dialect_of(value, DEFAULT, only=False)


def fixed(line: bytes, *names: str) -> bytes | None:
    outcome = fix_line(line, of_its_own, [fix_named(name) for name in names])
    return outcome and outcome.line


USER, ANSWER = {"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}
CALL = {"id": "c1", "type": "function", "function": {"name": "find", "arguments": {"to": "Nice", "n": 1.10}}}
CALLING = {"role": "assistant", "tool_calls": [CALL]}
TOLD = {"role": "assistant", "content": "Hello\n\nWait"}

CASES = [
    ("spaces", chat({**USER, "content": " Hi \n"}, ANSWER), chat(USER, ANSWER)),
    ("empty-messages", chat({"role": "system", "content": " "}, USER, ANSWER), chat(USER, ANSWER)),
    ("same-role", chat(USER, {**USER, "content": "there"}, ANSWER), chat({**USER, "content": "Hi\n\nthere"}, ANSWER)),
    ("same-role", chat(USER, ANSWER, CALLING), chat(USER, {**ANSWER, "tool_calls": [CALL]})),
    ("same-role", chat(USER, ANSWER, {**CALLING, "content": "Wait"}), chat(USER, TOLD | {"tool_calls": [CALL]})),
    ("last-answer", chat(USER, ANSWER, USER), chat(USER, ANSWER)),
    ("unknown-keys", chat(USER, ANSWER, id=3), chat(USER, ANSWER)),
    ("unknown-keys", chat({**USER, "time": 1}, ANSWER), chat(USER, ANSWER)),
    ("weights", chat({**USER, "weight": 1}, {**ANSWER, "weight": True}), chat(USER, {**ANSWER, "weight": 1})),
    ("weights", chat(USER, {**ANSWER, "weight": 0.0}), chat(USER, {**ANSWER, "weight": 0})),
    ("mojibake", chat(USER, {**ANSWER, "content": "cafÃ©"}), chat(USER, {**ANSWER, "content": "café"})),
    ("line-ends", chat(USER, ANSWER)[:-1] + b"\r\n", chat(USER, ANSWER)),
    ("spaces", b"\xef\xbb\xbf" + chat({**USER, "content": " Hi"}, ANSWER), b"\xef\xbb\xbf" + chat(USER, ANSWER)),
    ("line-ends", b"{broken\r\n", b"{broken\n"),
]


@pytest.mark.parametrize(("name", "before", "after"), CASES)
def test_a_fix_mends_what_it_is_for_and_then_has_nothing_more_to_do(name: str, before: bytes, after: bytes) -> None:
    assert fixed(before, name) == after
    assert fixed(after, name) is None


def test_arguments_become_text_that_says_the_same() -> None:
    before = chat(USER, {"role": "assistant", "tool_calls": [CALL]})
    mended = fixed(before, "arguments")
    assert mended is not None
    arguments = json.loads(mended)["messages"][1]["tool_calls"][0]["function"]["arguments"]
    assert json.loads(arguments) == CALL["function"]["arguments"]


UNTOUCHED = [
    ("spaces", chat(USER, {"role": "tool", "tool_call_id": "c1", "content": " 3 \n"}, ANSWER)),
    ("spaces", b'{"prompt": "Hi ->", "completion": " Hello\\n"}\n'),
    ("empty-messages", chat(USER, {"role": "tool", "tool_call_id": "c1", "content": ""}, ANSWER)),
    ("empty-messages", chat({"role": "assistant", "content": ""})),
    ("same-role", chat(USER, ANSWER, {**ANSWER, "weight": 0})),
    ("same-role", chat(USER, {"role": "assistant", "content": None, "tool_calls": [CALL]}, ANSWER)),
    ("same-role", chat(USER, {**ANSWER, "name": "a"}, ANSWER)),
    ("last-answer", chat(USER)),
    ("mojibake", chat(USER, {**ANSWER, "content": "Naïve, ½ — it is"})),
    ("unknown-keys", b'{"conversations": [{"from": "human", "value": "Hi"}], "id": 3}\n'),
    ("spaces", chat({"role": "system", "content": " Be brief."}, USER, ANSWER)),
    ("unknown-keys", b'{"message": [{"role": "user", "content": "Hi"}], "id": 3}\n'),
    ("spaces", b"\n"),
    ("spaces", b"{broken\n"),
]


@pytest.mark.parametrize(("name", "line"), UNTOUCHED)
def test_what_a_fix_is_not_for_stays_as_it_is(name: str, line: bytes) -> None:
    assert fixed(line, name) is None


def test_untouched_bytes_keep_their_spelling() -> None:
    user, rest = '"content":"\\u0048i "', '} , {"content":"Hello","role":"assistant"} ], "n": 1.10 }\r\n'
    line = f'{{ "messages" : [ {{"role":"user",{user}{rest}'.encode()
    assert fixed(line, "spaces") == line.replace(b'"\\u0048i "', b'"\\u0048i"')


def test_several_fixes_tell_where_the_messages_stood_at_first() -> None:
    line = chat({"role": "system", "content": ""}, USER, {**USER, "content": "there "}, ANSWER, USER)
    outcome = fix_line(line, of_its_own, [fix for fix in FIXES if fix.name != "unknown-keys"])
    names = ("spaces", "empty-messages", "same-role", "last-answer")
    assert outcome == (chat({**USER, "content": "Hi\n\nthere"}, ANSWER), (1, 3), names)


@pytest.mark.parametrize("fix", [fix for fix in FIXES if fix not in DROPPING], ids=lambda fix: fix.name)
def test_on_real_data_a_fix_is_done_once_and_leaves_a_record(fix: Fix, shared_data: Path) -> None:
    own = [json.dumps(record).encode() + b"\n" for _, record in sound_cases()]
    for line in [*own, *public_lines(shared_data)]:
        outcome = fix_line(line, of_its_own, [fix])
        if outcome is None:
            continue
        after, places, _ = outcome
        assert fix_line(after, of_its_own, [fix]) is None
        value = decode_exactly(line_body(after).removeprefix(b"\xef\xbb\xbf"))
        before = decode_exactly(line_body(line).removeprefix(b"\xef\xbb\xbf"))
        if isinstance(before, dict):
            dialect = of_its_own(before)
            assert dialect is of_its_own(value)
            if places is not None:
                assert len(places) == len(dialect.read(value).messages)


def test_fixes_are_found_by_name_and_by_what_they_mend() -> None:
    assert [fix.name for fix in fixes_of([24])] == ["spaces", "empty-messages"]
    assert dialect_named("openai-chat") is DEFAULT
    with pytest.raises(UsageError, match="did you mean spaces"):
        fix_named("space")


def test_the_page_on_fixes_names_them_all(project: Path) -> None:
    page = (project / "docs" / "fixing.md").read_text(encoding="utf-8")
    rows = [line for line in page.split("\n") if line.startswith("| `") and line.count("|") == 4]
    assert rows == [f"| `{fix.name}` | {fix.title} | {fix.risk} |" for fix in FIXES]


def test_an_answer_and_the_calls_that_follow_it_become_one_message(shared_data: Path) -> None:
    lines = gzip.decompress((shared_data / "chat" / "datagen_tooluse_valid.jsonl.gz").read_bytes()).splitlines(True)
    merged = [len(outcome.places or ()) for line in lines if (outcome := mended(line, "same-role"))]
    before = [len(json.loads(line)["messages"]) for line in lines if mended(line, "same-role")]
    assert (len(merged), sum(before) - sum(merged)) == (20, 25)


def mended(line: bytes, name: str) -> FixedLine | None:
    return fix_line(line, of_its_own, [fix_named(name)])
