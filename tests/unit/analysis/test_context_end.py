"""The exact place at which the longest example ends, against counting it out by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.analysis.counting import counting_of
from curator.analysis.prices import load_price_book
from curator.analysis.record_report import analyse_record
from curator.analysis.report import AuditSpec, ContextEnd
from curator.analysis.vocabulary import load_encoding

COUNTING = counting_of(load_price_book().resolve("gpt-4o-mini"))
SPEC = AuditSpec(COUNTING, "openai-chat", accelerate=False, explain=True)
BEFORE, ROLE = 2, 1
"""Tokens before the role of a message, and those of one of the usual roles."""


def cut_of(messages: list[dict[str, Any]], limit: int, **others: Any) -> ContextEnd | None:
    line = json.dumps({"messages": messages, **others}).encode()
    return analyse_record(line, replace(SPEC, limit=limit)).cut


def kept(text: str, tokens: int) -> int:
    """Characters of a text whose bytes are all in its first tokens."""
    encoding = load_encoding("o200k_base")
    octets = encoding.decode_bytes(encoding.encode(text, disallowed_special=())[:tokens])
    characters = 0
    while characters < len(text) and len(text[: characters + 1].encode()) <= len(octets):
        characters += 1
    return characters


TEXTS = [
    "A short answer, and a longer one after it: bread, cheese, wine.",
    "漢字かな交じり文はトークンの途中で切れることがある。",
    "🚌 und 👩‍👩‍👧‍👦 and é, e\u0301, \u200d",
    "no",
]


@pytest.mark.parametrize("text", TEXTS)
def test_each_token_of_a_text_ends_where_it_is_decoded_to(text: str) -> None:
    messages = [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": text}]
    head = 3 + (BEFORE + ROLE + 1 + 1) + BEFORE + ROLE
    tokens = len(load_encoding("o200k_base").encode(text))
    for left in range(1, tokens):
        assert cut_of(messages, head + left) == ContextEnd(1, 0, kept(text, left))
    assert cut_of(messages, head) == ContextEnd(1, -1, 0)
    assert cut_of(messages, head + tokens) == ContextEnd(1, 0, len(text))
    assert cut_of(messages, head + tokens + 1) is None


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(max_size=40), min_size=1, max_size=4), st.data())
def test_the_cut_is_in_the_record_and_moves_on_with_the_limit(texts: list[str], data: st.DataObject) -> None:
    roles = ["user", "assistant"] * 2
    messages = [{"role": role, "content": text} for role, text in zip(roles, texts, strict=False)]
    line = json.dumps({"messages": messages}).encode()
    tokens = analyse_record(line, SPEC).tokens
    limit = data.draw(st.integers(1, tokens - 1))
    cuts = [cut_of(messages, one) for one in (limit, limit + 1) if one < tokens]
    assert None not in cuts
    assert cuts == sorted(cuts, key=lambda one: one or ContextEnd(0, 0, 0))
    assert cuts[0] is not None
    assert 0 <= cuts[0].character <= len(texts[cuts[0].message])


ARGUMENTS = '{"place": "Café \\"Zum\\n Löwen\\"", "guests": [2, 3]}'
CALL = {"id": "call_1", "type": "function", "function": {"name": "book_table", "arguments": ARGUMENTS}}


def test_a_cut_in_a_call_is_in_its_arguments() -> None:
    other = {**CALL, "id": "call_2"}
    messages = [
        {"role": "user", "content": "Book."},
        {"role": "assistant", "content": None, "tool_calls": [CALL, other]},
    ]
    line = json.dumps({"messages": messages}).encode()
    tokens = analyse_record(line, SPEC).tokens
    found = [cut_of(messages, limit) for limit in range(10, tokens)]
    cuts = [cut for cut in found if cut is not None and cut.message == 1 and cut.piece >= 0]
    assert cuts == sorted(cuts)
    assert {cut.piece for cut in cuts} == {0, 1}
    assert all(0 <= cut.character <= len(ARGUMENTS) for cut in cuts)
    for piece in (0, 1):
        assert len({cut.character for cut in cuts if cut.piece == piece}) > 10
    assert cuts[-1] == ContextEnd(1, 1, len(ARGUMENTS))


def test_declared_tools_come_before_all_messages() -> None:
    tools = [{"type": "function", "function": {"name": "find", "description": "A long description " * 50}}]
    assert cut_of([{"role": "user", "content": "Find it."}], 60, tools=tools) == ContextEnd(0, -1, 0)


def test_parts_are_walked_one_by_one_and_an_image_is_not_cut_in_two() -> None:
    parts = [
        {"type": "text", "text": "Before."},
        {"type": "image_url", "image_url": {"url": "https://example.org/a.png", "detail": "low"}},
        {"type": "text", "text": "Behind it is more text."},
    ]
    messages = [{"role": "user", "content": parts}, {"role": "assistant", "content": "Yes."}]
    base = COUNTING.image_base
    head = 3 + BEFORE + ROLE + 2
    assert cut_of(messages, head + base // 2) == ContextEnd(0, 1, 0)
    assert cut_of(messages, head + base + 2) == ContextEnd(0, 2, kept("Behind it is more text.", 2))


def test_a_very_long_run_of_blanks_is_cut_too() -> None:
    text = " " * 1_000_000 + "end"
    cut = cut_of([{"role": "user", "content": text}], 1000)
    assert cut is not None
    assert 0 < cut.character < len(text)
