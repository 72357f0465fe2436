"""What a file is taken for, and the reason that is given."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.records.dialects import DEFAULT, DIALECTS
from curator.records.sniffing import SNIFFED_RECORDS, claimed, detect

CHAT = b'{"messages": []}\n'
PAIR = b'{"prompt": "a", "completion": "b"}\n'
TURNS = b'{"conversations": []}\r\n'


@pytest.mark.parametrize(
    ("line", "name", "reason"),
    [
        (CHAT, "openai-chat", "have `messages`"),
        (b'{"input": {}, "preferred_output": []}', "openai-preference", "have `preferred_output`"),
        (TURNS, "sharegpt", "have `conversations`"),
        (b'{"instruction": "a", "output": "b"}', "alpaca", "have `instruction` and `output`"),
        (b'{"prompt": [], "completion": []}', "trl", "have `prompt` as messages"),
        (b'{"prompt": "a", "chosen": "b", "rejected": "c"}', "trl", "have `chosen` and `rejected`"),
        (b'{"prompt": "a", "completion": "b", "label": true}', "trl", "have `completion` and `label`"),
        (PAIR, "prompt-completion", "have `prompt` and `completion` as text"),
    ],
)
def test_the_dialect_and_the_reason_follow_from_the_keys(line: bytes, name: str, reason: str) -> None:
    found = detect([line, line])
    assert found.sure
    assert found.dialect.name == name
    assert found.reason == f"2 of the first 2 records {reason}"


def test_a_mixed_file_is_read_as_most_of_its_records_and_says_so() -> None:
    found = detect([PAIR, CHAT, TURNS, CHAT])
    assert found.dialect.name == "openai-chat"
    assert found.sure
    expected = "2 of the first 4 records have `messages`; mixed with 1 of prompt-completion, 1 of sharegpt"
    assert found.reason == expected


def test_of_equals_the_one_met_first_is_taken() -> None:
    assert detect([PAIR, CHAT]).dialect.name == "prompt-completion"
    assert detect([CHAT, PAIR]).dialect.name == "openai-chat"


def test_lines_that_are_no_records_of_a_known_dialect_are_part_of_the_count() -> None:
    found = detect([b"{broken\n", b"[1, 2]\n", b'"text"\n', b"\n", b"  \r\n", CHAT])
    assert found.reason == "1 of the first 4 records have `messages`"


@pytest.mark.parametrize("lines", [[], [b""], [b"\n", b" \t\r\n", b"\xef\xbb\xbf\n"]])
def test_without_records_the_default_is_taken_and_told(lines: list[bytes]) -> None:
    found = detect(lines)
    assert not found.sure
    assert found.dialect is DEFAULT
    assert found.reason == "there are no records; read as openai-chat"


def test_records_without_known_keys_are_told() -> None:
    found = detect([b'{"turns": "a"}', b"{}", b"oops"])
    assert not found.sure
    assert found.reason == "none of the first 3 records has the keys of a known dialect; read as openai-chat"


def test_lines_that_are_not_json_are_told() -> None:
    found = detect([b"oops", b"<html>"])
    assert not found.sure
    assert found.reason == "none of the first 2 lines is JSON; read as openai-chat"


def test_a_byte_order_mark_hides_nothing() -> None:
    assert detect([b"\xef\xbb\xbf" + CHAT]).sure


def test_only_the_first_records_are_looked_at() -> None:
    lines = [b"\n"] * 500 + [CHAT] * SNIFFED_RECORDS + [PAIR] * 1000
    assert detect(lines).reason == f"{SNIFFED_RECORDS} of the first {SNIFFED_RECORDS} records have `messages`"


def test_a_record_may_be_claimed_by_none() -> None:
    assert claimed({"turns": ["a"]}) is None
    claim = claimed({"messages": [], "conversations": []})
    assert claim is not None
    assert claim[0].name == "openai-chat"


@given(lines=st.lists(st.binary(max_size=40) | st.sampled_from([CHAT, PAIR, TURNS]), max_size=8))
def test_any_lines_give_a_dialect_with_a_reason(lines: list[bytes]) -> None:
    found = detect(lines)
    assert found.dialect in DIALECTS
    assert found.reason
    assert found.sure == any(line in (CHAT, PAIR, TURNS) for line in lines)
