"""Find and replace changes what messages say and nothing else, and the bytes around it stay."""

from __future__ import annotations

import json
import pickle
import time
from pathlib import Path
from typing import Any

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st
from real_records import claimed_by, public_lines, sound_cases

from curator.errors import CuratorError, UsageError
from curator.records.codec import decode_exactly, encode, line_body
from curator.records.conversation import Conversation, Message, Part, ToolCall
from curator.records.dialects import dialect_named
from curator.records.find_replace import Change, Replacement, Search, check_replacement, replace_in, replace_line
from curator.records.searching import SlowPatternError, compiled, matches
from curator.records.sieve import may_match


def said(role: str, text: str) -> Message:
    return Message(role, (Part("text", text),), trained=role == "assistant")


def outcome(text: str, pattern: str, by: str, **more: Any) -> str:
    replaced, _ = replace_in(Conversation((said("user", text),)), Replacement(Search(pattern, **more), by))
    return replaced.messages[0].text


# Searching


@pytest.mark.parametrize(
    ("pattern", "more", "ignores"),
    [
        ("rose", {}, True),
        ("Rose", {}, False),
        ("Rose", {"ignore_case": True}, True),
        ("rose", {"ignore_case": False}, False),
        ("ÄRGER", {}, False),
        (r"\S+\W\p{Lu}(?P<x>a)", {"regex": True}, True),
        (r"\S+", {}, False),
        (r"\SX", {"regex": True}, False),
    ],
)
def test_case_counts_where_the_pattern_has_capitals(pattern: str, more: dict[str, Any], ignores: bool) -> None:
    assert Search(pattern, **more).ignores_case is ignores


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("(a", "The regular expression is not understood: missing ) at character 3.\n  (a\n    ^"),
        ("[z", "unterminated character set at character 3.\n  [z\n    ^"),
        ("a\n(", "missing ) at character 4."),
        ("(?V1)(?V0)", "mutually incompatible"),
        ("(" * 5000 + ")" * 5000, "it is nested too deeply"),
    ],
)
def test_a_bad_regular_expression_is_told_with_its_place(pattern: str, words: str) -> None:
    with pytest.raises(UsageError) as told:
        compiled(Search(pattern, regex=True))
    assert words in str(told.value)


def test_a_pattern_that_calls_itself_without_end_is_told() -> None:
    with pytest.raises(UsageError, match="calls itself without end"):
        compiled(Search("(?R)|a", regex=True))
    assert outcome("f(a(b)c)d", r"\((?:[^()]|(?R))*\)", "", regex=True) == "fd"


def test_nothing_to_look_for_is_told() -> None:
    with pytest.raises(UsageError, match="the pattern is empty"):
        compiled(Search(""))


@pytest.mark.parametrize(
    ("pattern", "by", "words"),
    [
        ("(a)", r"\2", "The replacement is not understood: invalid group reference"),
        ("(?P<year>a)", r"\g<month>", "unknown group"),
        ("a", "x\\", "bad escape (end of pattern) at character 3.\n  x\\\n    ^"),
        ("(?R)a|(b)", r"\2", "invalid group reference"),
    ],
)
def test_a_bad_replacement_is_told_before_anything_is_replaced(pattern: str, by: str, words: str) -> None:
    with pytest.raises(UsageError) as told:
        check_replacement(Replacement(Search(pattern, regex=True), by))
    assert words in str(told.value)


def test_a_pattern_that_takes_for_ever_is_stopped() -> None:
    began = time.monotonic()
    with pytest.raises(SlowPatternError, match="takes too long for a text of 5,000 characters"):
        list(matches(compiled(Search(r"(x+x+)+y", regex=True)), "x" * 5000, wait=0.2))
    assert time.monotonic() - began < 5
    assert issubclass(SlowPatternError, CuratorError)


def test_searches_travel_between_processes() -> None:
    replacement = Replacement(Search("a", regex=True, roles=frozenset(("user",))), "b")
    assert pickle.loads(pickle.dumps(replacement)) == replacement


# Replacing


@pytest.mark.parametrize(
    ("text", "pattern", "by", "more", "expected"),
    [
        ("a.b a+b", "a.b", "x", {}, "x a+b"),
        ("a.b a+b", "a.b", "x", {"regex": True}, "x x"),
        ("Rose rose ROSE", "rose", "lily", {}, "lily lily lily"),
        ("Rose rose ROSE", "Rose", "lily", {}, "lily rose ROSE"),
        ("2026-11-24", r"(\d+)-(?P<m>\d+)", r"\g<m>/\1", {"regex": True}, "11/2026-24"),
        ("ab", "(a)|(b)", r"[\2]", {"regex": True}, "[][b]"),
        ("ab", "a", r"\1\n", {}, r"\1\nb"),
        ("ab", "a", r"\n", {"regex": True}, "\nb"),
        ("one\ntwo", "^", "> ", {"regex": True}, "> one\n> two"),
        ("one  \ntwo ", r" +$", "", {"regex": True}, "one\ntwo"),
        ("aaa", "aa", "b", {}, "ba"),
        ("\ud800x", "x", "y", {}, "\ud800y"),
        ("STRASSE", "\u017f", "x", {}, "xTRAxxE"),
    ],
)
def test_matches_are_replaced(text: str, pattern: str, by: str, more: dict[str, Any], expected: str) -> None:
    assert outcome(text, pattern, by, **more) == expected


def test_only_the_messages_asked_for_are_searched() -> None:
    conversation = Conversation((said("system", "a"), said("user", "a"), said("assistant", "a")))
    only = Replacement(Search("a", roles=frozenset(("user", "assistant"))), "b")
    for messages, expected in ((None, "abb"), ({0, 1}, "aba"), ((), "aaa")):
        after, changes = replace_in(conversation, only, messages)
        assert "".join(one.text for one in after.messages) == expected
        assert len(changes) == expected.count("b")
    assert replace_in(conversation, Replacement(Search("z"), "b")) == (conversation, [])
    same, changes = replace_in(conversation, Replacement(Search("a"), "a"))
    assert same is conversation
    assert changes == []


def test_what_changed_is_told_text_by_text() -> None:
    arguments = '{"bus":  ["bus 1", {"to": "a bus", "n": 1.10}], "ok": true}'
    parts = (("text", "bus bus"), ("image", "bus"), ("other", '"bus"'), ("text", "a bus"), ("refusal", "bus"))
    calls = (
        ToolCall("bus", arguments, "bus"),
        ToolCall("raw", "to: bus"),
        ToolCall("?", '{"bus":"bus"}', raw={"bus": "bus"}),
    )
    message = Message("assistant", tuple(Part(*one) for one in parts), calls, "bus", "bus", trained=True)
    after, changes = replace_in(Conversation((said("user", "x"), message)), Replacement(Search("bus"), 'a "tram"'))
    assert changes == [
        Change(1, "text 1", "bus bus", 'a "tram" a "tram"', ((0, 3), (4, 7))),
        Change(1, "text 2", "a bus", 'a a "tram"', ((2, 5),)),
        Change(1, "refusal", "bus", 'a "tram"', ((0, 3),)),
        Change(1, "arguments of bus: bus 1", "bus 1", 'a "tram" 1', ((0, 3),)),
        Change(1, "arguments of bus: bus 2: to", "a bus", 'a a "tram"', ((2, 5),)),
        Change(1, "arguments of raw", "to: bus", 'to: a "tram"', ((4, 7),)),
    ]
    calls = after.messages[1].tool_calls
    assert calls[0].arguments == r'{"bus":  ["a \"tram\" 1", {"to": "a a \"tram\"", "n": 1.10}], "ok": true}'
    assert calls[2].arguments == '{"bus":"bus"}'
    assert (after.messages[1].name, after.messages[1].tool_call_id) == ("bus", "bus")
    assert [part.text for part in after.messages[1].parts[1:3]] == ["bus", '"bus"']


# Lines


def lines(line: bytes, pattern: str, by: str, **more: Any) -> bytes | None:
    return replace_line(line, claimed_by, Replacement(Search(pattern, **more), by))


def test_a_line_keeps_all_other_bytes() -> None:
    call = rb'{"id":"frost","function":{"name":"frost","arguments":"{\"frost\":  \"frost\", \"n\":1.10}"}}'
    line = (
        b'\xef\xbb\xbf{"messages": [ {"role" : "user", "content":"Caf\\u00e9 \\/ frost"}, '
        b'{"role":"assistant","tool_calls":[' + call + b']}], "x": 1E5, "frost":"frost", "x": 1.0} \r\n'
    )
    expected = line.replace(b"/ frost", b"/ Riga").replace(b'  \\"frost\\"', b'  \\"Riga\\"')
    assert lines(line, "frost", "Riga") == expected
    assert lines(expected, "riga", "frost") == line
    assert lines(line[3:-2], "frost", "Riga") == expected[3:-2]


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"a b c\n",
        b'["abc"]\n',
        b'"abc"\n',
        b'{"messages": "abc"}\n',
        b'{"messages": ["abc"]}\r\n',
        b"\xff\n",
    ],
)
def test_a_line_without_a_match_or_a_record_is_left(line: bytes) -> None:
    assert lines(line, "b", "x") is None
    assert lines(line, ".", "x", regex=True) is None


def test_arguments_may_be_nested_deeply() -> None:
    arguments = '{"a":' * 1000 + '"rose"' + "}" * 1000
    message = Message("assistant", (), (ToolCall("f", arguments),))
    after, changes = replace_in(Conversation((message,)), Replacement(Search("rose"), "lily"))
    assert after.messages[0].tool_calls[0].arguments == arguments.replace("rose", "lily")
    assert len(changes) == 1


def test_a_line_whose_dialect_has_no_place_for_the_outcome_is_left() -> None:
    line = encode({"system": "Be kind.", "conversations": [{"from": "human", "value": "Hi"}]})
    assert replace_line(line, lambda _: dialect_named("sharegpt"), Replacement(Search("Be kind."), "")) is None
    assert replace_line(line, lambda _: dialect_named("sharegpt"), Replacement(Search("kind"), "")) is not None


def test_a_line_that_takes_for_ever_is_told() -> None:
    line = encode({"messages": [{"role": "user", "content": "x" * 5000}]})
    with pytest.raises(SlowPatternError):
        replace_line(line, claimed_by, Replacement(Search("(x+x+)+[yz]", regex=True), ""), wait=0.1)


# What holds for all of them


@pytest.mark.parametrize("search", [Search("a"), Search("k"), Search("S"), Search('"x/y\\'), Search("é rose")])
@pytest.mark.parametrize("text", ["a", "A", "K", "\u212a", "\u017f", "\u0130", '"x/y\\', "É ROSE", "é rose", "S", "s"])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_a_line_with_a_match_is_never_passed_over(search: Search, text: str, ascii_only: bool) -> None:
    inner = json.dumps({"value": text}, ensure_ascii=ascii_only)
    for held in (text, inner):
        line = json.dumps({"content": held}, ensure_ascii=ascii_only).encode()
        disguised = "".join(f"\\u{ord(letter):04x}" for letter in held).encode()
        for one in (line, line.replace(b"/", b"\\/"), b'{"content": "' + disguised + b'"}'):
            if compiled(search).search(text):
                assert may_match(one, search)


def test_only_k_s_and_i_equal_characters_beyond_ascii() -> None:
    everything = "".join(map(chr, range(128, 0x110000)))
    equal = {
        (letter, found)
        for letter in map(chr, range(33, 127))
        for found in regex.findall(regex.escape(letter), everything, regex.IGNORECASE)
    }
    assert equal == {("i", "\u0130"), ("I", "\u0131")} | {(k, "\u212a") for k in "kK"} | {(s, "\u017f") for s in "sS"}


@given(data=st.data(), by=st.text(max_size=5), is_regex=st.booleans())
def test_every_match_is_replaced_and_nothing_else(data: st.DataObject, by: str, is_regex: bool) -> None:
    dialect, record = data.draw(st.sampled_from(sound_cases()))
    before = dialect.read(record)
    texts = [part.text for message in before.messages for part in message.parts if part.text] or ["x"]
    text = data.draw(st.sampled_from(texts))
    start = data.draw(st.integers(0, len(text) - 1))
    pattern = text[start : start + data.draw(st.integers(1, 6))]
    search = Search(regex.escape(pattern) if is_regex else pattern, is_regex, ignore_case=False)
    replacement = Replacement(search, by.replace("\\", "") if is_regex else by)
    line = json.dumps(record, ensure_ascii=data.draw(st.booleans())).encode("utf-8", "backslashreplace") + b"\r\n"
    after = replace_line(line, lambda _: dialect, replacement)
    _, changes = replace_in(before, replacement)
    if after is None:
        return
    assert changes
    assert after.endswith(b"}\r\n")
    assert after == replace_line(line, lambda _: dialect, replacement)
    now = dialect.read(decode_exactly(line_body(after))).messages
    for old, new in zip(before.messages, now, strict=True):
        assert (old.role, old.name, old.tool_call_id, old.trained) == (
            new.role,
            new.name,
            new.tool_call_id,
            new.trained,
        )
        assert [one.text for one in old.parts if one.kind == "other"] == [
            x.text for x in new.parts if x.kind == "other"
        ]
        if len(old.parts) == len(new.parts):
            for one, two in zip(old.parts, new.parts, strict=True):
                if one.kind in ("text", "refusal"):
                    assert two.text == one.text.replace(pattern, replacement.text)


def test_public_lines_are_replaced_and_put_back(shared_data: Path) -> None:
    there = Replacement(Search("the", ignore_case=False), "\u241f<\U0001f339>")
    back = Replacement(Search(there.text), "the")
    changed = 0
    for line in public_lines(shared_data):
        after = replace_line(line, claimed_by, there)
        if after is not None:
            changed += 1
            assert decode_exactly(line_body(replace_line(after, claimed_by, back) or b"")) == decode_exactly(
                line_body(line)
            )
            if line.isascii() == after.isascii():
                assert replace_line(after, claimed_by, back) == line
    assert changed > 150
