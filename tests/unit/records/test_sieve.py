"""A line with a match is never passed over, however the text is spelt in it; lines come with the right offsets."""

from __future__ import annotations

import json
from typing import Any

import pytest
import regex
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curator.records.conversation import Conversation
from curator.records.dialects import DIALECTS
from curator.records.said import said, unescaped, unescaped_with_places
from curator.records.searching import Search, compiled
from curator.records.sieve import may_match, sieve_of
from curator.session.match_counts import read

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NEEDLES = st.text(
    st.sampled_from("abkKsSiIßéÉö\u03a3\u03c3\u03c2中文😀\u212a\u017f\u0130\u0131\"'/\\\n\t .x1")
    | st.characters(exclude_categories=["Cs"]),
    min_size=1,
    max_size=6,
)


def spelt(data: st.DataObject, text: str) -> str:
    """A JSON string's content, each character as it is or escaped in one of the ways that JSON knows."""
    return "".join(data.draw(st.sampled_from(spellings(one))) for one in text)


def spellings(character: str) -> list[str]:
    units = character.encode("utf-16-be")
    escaped = "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
    short = {'"': '\\"', "\\": "\\\\", "/": "\\/", "\n": "\\n", "\t": "\\t"}
    ways = [escaped, escaped.replace("\\u", "\n").upper().replace("\n", "\\u")]
    if character in short:
        ways.append(short[character])
    if character >= " " and character not in '"\\':
        ways.append(character)
    return ways


def cased(data: st.DataObject, text: str) -> str:
    return data.draw(st.sampled_from([text, text.upper(), text.lower(), text.swapcase()]))


@given(data=st.data(), needle=NEEDLES, before=TEXTS, after=TEXTS, case=st.sampled_from([None, True, False]))
@example(data=None, needle="k", before="", after="", case=None)
def test_a_text_put_anywhere_in_any_spelling_is_found(
    data: st.DataObject | None, needle: str, before: str, after: str, case: bool | None
) -> None:
    if data is None:
        return
    search = Search(needle, ignore_case=case)
    text = before + cased(data, needle) + after
    in_text = f'{{"messages": [{{"role": "user", "content": "{spelt(data, text)}"}}]}}'
    arguments = f'{{"a": "{spelt(data, text)}"}}'
    call = f'{{"type": "function", "function": {{"name": "f", "arguments": "{spelt(data, arguments)}"}}}}'
    in_call = f'{{"messages": [{{"role": "assistant", "content": null, "tool_calls": [{call}]}}]}}'
    for line in (in_text, in_call):
        found = any(compiled(search).search(one) for one in texts(line))
        assert found == (compiled(search).search(text) is not None) or line is in_call
        assert may_match(line.encode(), search) or not found


def texts(line: str) -> list[str]:
    conversation = DIALECTS[0].read(json.loads(line))
    assert conversation.messages
    return list(said(line.encode(), conversation))


@given(st.lists(st.sampled_from(["lamp", "LAMP", "caf\\u00e9", "café", "", "nothing", "\\u006camp"]), max_size=30))
def test_lines_come_with_their_offsets_and_none_is_passed_over(words: list[str]) -> None:
    lines = "\n".join(words).encode()
    for search, wanted in (
        (Search("lamp"), {"lamp", "LAMP", "\\u006camp"}),
        (Search("café"), {"caf\\u00e9", "café", "\\u006camp"}),
        (Search("é"), {"caf\\u00e9", "café", "\\u006camp"}),
        (Search("LAMP"), {"LAMP", "\\u006camp"}),
    ):
        spans = list(sieve_of(search).spans(lines))
        found = [lines[start:end].decode() for start, end in spans]
        assert found == [one for one in words if one in wanted]
        assert all(not start or lines[start - 1 : start] == b"\n" for start, _ in spans)


@pytest.mark.parametrize(
    ("pattern", "rejects"),
    [
        (r"lamp\d+", True),
        (r"lam+p", True),
        (r"a?lamp", True),
        (r"(lamp)?x", True),
        (r"lamp|x", False),
        (r"(?i)lamp", False),
        (r"l(?:a|e)mp\d", True),
        (r"(?:lamp|x)", False),
        (r"(?<!a)lamp", False),
        (r"[lamp]", False),
        (r"lampx?", True),
        (r"lampx{0,2}", True),
        (r"\x6camp", False),
        (r"[^]]lamp", True),
        (r"\.lamp\b", True),
    ],
)
def test_a_regular_expression_is_looked_for_by_what_all_matches_hold(pattern: str, rejects: bool) -> None:
    search = Search(pattern, regex=True)
    assert may_match(b'{"content": "nothing of it"}', search) is not rejects
    for text in ("lamp1", "lamp", "alamp", "x", "lampxx", "a.lamp", "LAMP2", "lammp"):
        if compiled(search).search(text):
            assert may_match(text.encode(), search)


@given(
    st.text(st.sampled_from('lamp.?*+(){}[]|\\^$d1"é ,-/'), max_size=8),
    st.text(st.sampled_from('lampd1"é ,-/.'), max_size=8),
)
def test_no_regular_expression_passes_a_match_over(pattern: str, text: str) -> None:
    from curator.errors import UsageError

    search = Search(pattern, regex=True)
    try:
        found = compiled(search).search(text, timeout=1)
    except (UsageError, TimeoutError):
        return
    if found:
        assert may_match(json.dumps(text).encode(), search)
        assert may_match(json.dumps(text, ensure_ascii=False).encode(), search)


def test_what_is_no_conversation_is_searched_as_it_reads() -> None:
    assert list(said(b'{"a": "caf\\u00e9', Conversation())) == ['{"a": "café']
    assert not list(said(b"{broken", Conversation(), frozenset(("user",))))


@given(TEXTS)
def test_escapes_are_resolved_with_their_places(text: str) -> None:
    spelled = json.dumps(text)
    assert unescaped(spelled) == f'"{text}"'
    plain, places = unescaped_with_places(spelled)
    assert plain == f'"{text}"'
    assert len(places) == len(plain) + 1
    assert places == sorted(places)
    assert places[-1] == len(spelled)


NUMBERS = st.integers(-(1 << 70), 1 << 70) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(TEXTS, below, max_size=3),
    max_leaves=6,
)


def as_json(data: st.DataObject, value: Any, *, escaped: bool) -> str:
    """A value as JSON, its blanks, numbers and, where `escaped`, strings spelt in one of the ways that JSON knows."""

    def inner(one: Any) -> str:
        return as_json(data, one, escaped=escaped)

    gap = data.draw(st.sampled_from(["", " ", "  "]))
    if isinstance(value, str):
        return f'"{spelt(data, value)}"' if escaped else json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        pairs = [f"{inner(key)}{gap}:{gap}{inner(one)}" for key, one in value.items()]
        return f"{{{gap}{f'{gap},{gap}'.join(pairs)}{gap}}}"
    if isinstance(value, list):
        return f"[{gap}{f'{gap},{gap}'.join(inner(one) for one in value)}{gap}]"
    if isinstance(value, float):
        return data.draw(st.sampled_from([repr(value), f"{value:.20e}", f"{value:.20E}", f"{value:.30f}"]))
    return json.dumps(value)


@settings(max_examples=200)
@given(
    data=st.data(), arguments=st.dictionaries(TEXTS, VALUES, max_size=3), value=VALUES, description=TEXTS, name=TEXTS
)
def test_any_piece_of_what_is_shown_is_found_in_the_bytes(
    data: st.DataObject, arguments: dict[str, Any], value: Any, description: str, name: str
) -> None:
    call = {"type": "function", "function": {"name": name, "arguments": arguments}}
    function = {"name": name, "description": description, "parameters": {"properties": {name: {}, "b": {}}}}
    messages = [{"role": "user", "name": name, "content": description}, {"role": "assistant", "tool_calls": [call]}]
    record = {"messages": messages, "tools": [{"type": "function", "function": function}, {"x": value}], "k y": value}
    line = as_json(data, record, escaped=data.draw(st.booleans())).encode("utf-8", "surrogatepass")
    body, conversation = read(line, DIALECTS[0], only=False)
    shown = [text for text in said(body, conversation) if text]
    assert any(text.startswith("k y: ") for text in shown)
    text = data.draw(st.sampled_from(shown))
    start = data.draw(st.integers(0, len(text) - 1))
    piece = text[start : data.draw(st.integers(start + 1, min(len(text), start + 12)))]
    for ignore_case in (False, True):
        search = Search(piece, ignore_case=ignore_case)
        assert may_match(line, search), (piece, line)
        assert may_match(line, Search(regex.escape(piece), regex=True, ignore_case=ignore_case))


@pytest.mark.parametrize("spelling", ["1E5", "0.00001", "0.299999999999999988898", "12345678901234567890123", "7.10"])
def test_numbers_are_found_as_they_are_shown(spelling: str) -> None:
    line = f'{{"messages": [{{"role": "user", "content": "x"}}], "k": {spelling}}}'.encode()
    *_, shown = said(*read(line, DIALECTS[0], only=False))
    for number in (shown.removeprefix("k: "), shown.removeprefix("k: ")[:3]):
        assert may_match(line, Search(number))
