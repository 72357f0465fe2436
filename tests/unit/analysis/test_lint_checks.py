"""Checks of single rules: what they find, where, and what they leave alone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.analysis.chunk import analyse_bytes
from curator.analysis.counting import Counting
from curator.analysis.lint import texts
from curator.analysis.lint.rule_set import ALL, RuleSet
from curator.analysis.lint.rules import BY_NUMBER
from curator.analysis.lint.thresholds import Thresholds
from curator.analysis.report import AuditSpec
from curator.records.codec import losses

COUNTING = Counting("o200k_base", 3, 1, 7, 85, 170)
USER, ANSWER = {"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hi."}
THRESHOLDS = Thresholds()


def found(number: int, record: Any, thresholds: Thresholds = THRESHOLDS) -> list[tuple[str, str]]:
    """Pointers and sentences of what one rule finds in a record; the columns agree."""
    line = record if isinstance(record, bytes) else json.dumps(record, ensure_ascii=False).encode()
    rules = RuleSet(off=ALL & ~BY_NUMBER[number].bit, thresholds=thresholds)
    spec = AuditSpec(COUNTING, "openai-chat", rules=rules, accelerate=False, explain=True)
    report = analyse_bytes(line + b"\n", spec)
    assert {finding.code for _, finding in report.explained} <= {BY_NUMBER[number].code}
    assert bool(report.columns.findings[0]) == bool(report.explained)
    return [(finding.pointer, finding.message) for _, finding in report.explained]


def places(number: int, record: Any) -> list[str]:
    return [pointer for pointer, _ in found(number, record)]


def asked(text: str) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}, ANSWER]}


def answered(text: Any, **more: Any) -> dict[str, Any]:
    return {"messages": [USER, {"role": "assistant", "content": text}], **more}


def call(name: str = "f", arguments: Any = "{}", call_id: str = "a") -> dict[str, Any]:
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}


def calling(*calls: Any) -> dict[str, Any]:
    return {"role": "assistant", "tool_calls": list(calls)}


def result(call_id: str = "a") -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": call_id, "content": "ok"}


# Shape


def test_the_nearest_spelling_is_named() -> None:
    record = {"messages": [USER, {**ANSWER, "tool_call": []}]}
    assert found(4, record) == [
        ("/messages/1/tool_call", "the key `tool_call` is unknown in a message; did you mean `tool_calls`?")
    ]
    assert "did you mean `user`?" in found(5, {"messages": [{"role": "usr", "content": "Hi"}, ANSWER]})[0][1]
    assert "did you mean `text`?" in found(6, answered([{"type": "texts", "text": "Hi"}]))[0][1]


# Who speaks to whom


@pytest.mark.parametrize(
    ("number", "roles", "place"),
    [
        (11, ["user", "assistant", "user"], ["/messages/2"]),
        (11, ["user"], []),
        (12, ["user", "assistant", "assistant"], ["/messages/2"]),
        (12, ["system", "assistant"], ["/messages/1"]),
        (12, ["user", "assistant", "system", "user", "assistant"], []),
        (19, ["system", "assistant"], [""]),
        (19, ["user", "assistant"], []),
    ],
)
def test_roles(number: int, roles: list[str], place: list[str]) -> None:
    assert places(number, {"messages": [{"role": role, "content": "Hi."} for role in roles]}) == place


def test_each_answer_to_choose_from_follows_the_prompt() -> None:
    record = {"prompt": [USER], "chosen": [ANSWER], "rejected": [{**ANSWER, "content": "No."}]}
    assert places(12, record) == places(11, record) == places(32, record) == []
    assert places(32, {**record, "rejected": [ANSWER]}) == ["/rejected/0"]
    assert places(11, {**record, "rejected": [ANSWER, USER]}) == ["/rejected/1"]


def test_outputs_are_exactly_one() -> None:
    record = {"input": {"messages": [USER]}, "preferred_output": [ANSWER, ANSWER], "non_preferred_output": [ANSWER]}
    assert places(32, record) == ["/preferred_output"]


def test_all_weights_zero() -> None:
    masked = {**ANSWER, "weight": 0}
    assert places(14, {"messages": [USER, masked, USER, masked]}) == [""]
    assert places(14, {"messages": [USER, masked, USER, ANSWER]}) == []


# Tools


def test_arguments_say_where_they_break() -> None:
    record = {"messages": [USER, calling(call(arguments='{"town": "Lyon",}'))]}
    assert found(15, record) == [
        ("/messages/1/tool_calls/0/function/arguments", "tool arguments are not valid JSON (line 1 column 17)")
    ]
    assert places(
        15, {"messages": [USER, {"role": "assistant", "function_call": {"name": "f", "arguments": "{"}}]}
    ) == ["/messages/1/function_call/arguments"]
    turns = [{"from": "human", "value": "Hi"}, {"from": "function_call", "value": '{"name": "f"'}]
    assert places(15, {"conversations": turns}) == ["/conversations/1/value"]
    objects = {"prompt": [USER], "completion": [calling(call(arguments={"a": 1}))]}
    assert places(15, objects) == []


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ([USER, calling(call()), result(), ANSWER], []),
        ([USER, calling(call(), call(call_id="b")), result("b"), result(), ANSWER], []),
        ([USER, calling(call())], []),
        ([USER, calling(call()), ANSWER], ["/messages/1/tool_calls/0"]),
        ([USER, result(), ANSWER], ["/messages/1"]),
        ([USER, calling(call()), result(), result(), ANSWER], ["/messages/3"]),
        ([USER, calling(call(), call()), result(), result(), ANSWER], ["/messages/1/tool_calls/1/id"]),
    ],
)
def test_results_and_calls(messages: list[Any], expected: list[str]) -> None:
    assert places(16, {"messages": messages}) == expected


def test_results_without_ids_answer_the_call_before() -> None:
    turns = [
        ("human", "Hi"),
        ("function_call", '{"name": "f", "arguments": {}}'),
        ("observation", "ok"),
        ("gpt", "Hi."),
    ]
    record = {"conversations": [{"from": speaker, "value": value} for speaker, value in turns]}
    assert places(16, record) == []
    del record["conversations"][1]
    assert places(16, record) == ["/conversations/1"]


def test_tools_that_are_not_declared() -> None:
    tools = [{"type": "function", "function": {"name": "weather"}}]
    record = {"messages": [USER, calling(call("wether"))], "tools": tools}
    assert found(17, record) == [
        ("/messages/1/tool_calls/0/function/name", "the tool `wether` is not declared; did you mean `weather`?")
    ]
    assert places(17, {"messages": [USER, calling(call("weather"))], "tools": tools}) == []
    assert places(17, {"messages": [USER, calling(call("wether"))]}) == []


# What is said


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (23, "I'm sorry, but I can't assist with that."),
        (23, "I cannot help with that request."),
        (23, "Well. As a language model, I have no opinion."),
        (24, ""),
        (24, "Hi.\n"),
        (25, "Here it is:\n```python\nprint(1)"),
        (25, "The rain falls on the hills first, and only later does it reach the plain, the town and the"),
        (26, "Hi.<|im_end|>"),
        (26, "[INST] Hi. [/INST]"),
        (26, "Hi.</s>"),
        (28, "A caf\ufffd."),
        (28, "It\u00e2\u20ac\u2122s open."),
        (30, "N/A"),
        (30, "https://example.com/page"),
    ],
)
def test_answers_that_are_found(number: int, text: str) -> None:
    assert places(number, answered(text)) == ["/messages/1"]
    assert places(number, {"instruction": "Hello", "output": text}) == ["/output"]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (23, "I'm sorry to hear that. I can help you with it."),
        (23, "I can't wait to see it!"),
        (23, "Models of language are studied in linguistics."),
        (24, "Hi."),
        (25, "Paris"),
        (
            25,
            "1. bread\n2. butter\n3. a jar of the finest honey that the shop around the corner has to offer",
        ),
        (25, "```python\nprint(1)\n```"),
        (26, "a <| b |> c and x < y"),
        (28, "N\u00c3O, \u00e9 o caf\u00e9 \u00c2ngela \u2013 \u201cs\u00edm\u201d."),
        (30, "None of them."),
        (30, "See https://example.com/page"),
    ],
)
def test_answers_that_are_left_alone(number: int, text: str) -> None:
    assert places(number, answered(text)) == []


def test_what_is_rejected_may_refuse() -> None:
    no = {"role": "assistant", "content": "I'm sorry, but I can't help with that."}
    record = {"prompt": [USER], "chosen": [ANSWER], "rejected": [no]}
    assert places(23, record) == []
    assert places(23, {**record, "chosen": [no], "rejected": [ANSWER]}) == ["/chosen/0"]


def test_prompt_and_completion_may_have_blanks_at_their_ends() -> None:
    assert places(24, {"prompt": "Hello ->\n", "completion": " Hi.\n"}) == []
    assert places(24, {"prompt": "Hello ->", "completion": " "}) == ["/completion"]


# Secrets and personal data


@pytest.mark.parametrize(
    "secret",
    [
        "AKIA" + "Q7KD2WN5RTM3PVXJ",
        "ghp_" + "k3Jx9QmT2vLr8WbZ5nYc7PdF4sHg6AtE1uRo",
        "sk-proj-" + "Vb3kT9xQ2mLw7RzY5nJc8PdF4sHg6AtE1uRoXyZ0Wq",
        "sk-" + "T9xQ2mLw7RzY5nJc8PdF4sHg6AtE1uRoXyZ0WqVb3kMn5Bc8",
        "xoxb-" + "204857316942-739184620517-Qm3Lw7RzY5nJc8PdF4sHg6At",
        "AIza" + "SyQm3Lw7RzY5nJc8PdF4sHg6AtE1uRoXyZ0",
        "-----BEGIN RSA PRIVATE KEY-----",
        "postgres://ann:Sommer2031@db.intern/shop",
    ],
)
@pytest.mark.parametrize("around", ["{}", "Use {}.", 'He wrote {{"key": "{}"}} and left'])
def test_secrets_are_found_and_not_shown(secret: str, around: str) -> None:
    findings = found(27, asked(around.format(secret)))
    assert [pointer for pointer, _ in findings] == ["/messages/0"]
    assert secret not in findings[0][1]
    inside = {"messages": [USER, calling(call(arguments=json.dumps({"key": secret})))]}
    assert places(27, inside) == ["/messages/1/tool_calls/0/function/arguments"]


@pytest.mark.parametrize(
    "text", ["AKIAIOSFODNN7EXAMPLE", "sk-" + "x" * 48, "ask-me-anything", "call_Q7KD2WN5RTM3PVXJQ7KD2WN5"]
)
def test_what_was_made_up_is_no_secret(text: str) -> None:
    assert places(27, asked(text)) == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("ann.lee@posteo.de", "a mail address"),
        ("+49 30 901820", "a phone number"),
        ("(415) 863-2091", "a phone number"),
        ("415-863-2091", "a phone number"),
        ("4539 5787 6362 1486", "a card number"),
        ("DE89 3704 0044 0532 0130 00", "an account number (IBAN)"),
    ],
)
def test_personal_data(text: str, kind: str) -> None:
    findings = found(41, asked(f"It is {text}."))
    assert [pointer for pointer, _ in findings] == ["/messages/0"]
    assert kind in findings[0][1]
    assert text not in findings[0][1]


@pytest.mark.parametrize(
    "text",
    [
        "ann@example.com",
        "ann@shop.test",
        "415-555-0123",
        "4242 4242 4242 4242",
        "4539 5787 6362 1487",
        "DE89 3704 0044 0532 0130 01",
        "2024-05-15T15:00:00+00:00",
        "1,234,567.8901",
        "order 20240515103000",
        "@someone",
    ],
)
def test_nobodys_data(text: str) -> None:
    assert places(41, asked(f"It is {text} here.")) == []


# Images


def test_images_are_counted_and_looked_at() -> None:
    def showing(*urls: str) -> dict[str, Any]:
        parts = [{"type": "image_url", "image_url": {"url": url}} for url in urls]
        return {"messages": [{"role": "user", "content": parts}, ANSWER]}

    good = "https://example.com/a.png"
    assert places(29, showing(*[good] * 10)) == []
    assert places(29, showing(*[good] * 11)) == [""]
    assert found(29, showing(*[good] * 3), Thresholds(most_images=2))[0][1].startswith("the record has 3 images")
    assert places(29, showing("data:image/gif;base64,AAAA")) == ["/messages/0/content/0/image_url"]
    assert places(29, showing("data:image/webp;base64," + "A" * (14 << 20))) == ["/messages/0/content/0/image_url"]


# Lines


value = st.recursive(
    st.one_of(st.none(), st.integers(-(1 << 70), 1 << 70), st.floats(), st.text(max_size=6)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=8,
)


def spelt(one: Any, twice: bool) -> str:
    """JSON with the keys of the outermost object twice, or as it is."""
    text = json.dumps(one)
    return f"{text[:-1]}, {text[1:]}" if twice and isinstance(one, dict) and one else text


@given(value, st.booleans(), st.booleans())
def test_what_reading_loses_is_found_by_the_quick_look(extra: Any, twice: bool, plain: bool) -> None:
    messages = '[{"role": "user", "content": "a \\" b"}, {"role": "assistant", "content": "Hi."}]'
    more = f', "extra": {spelt(extra, twice)}' if not plain else f', "id": {json.dumps(extra)}'
    line = f'{{"messages": {messages}{more}}}'.encode()
    assert [sentence for _, sentence in found(38, line)] == losses(line)


@pytest.mark.parametrize(
    "text",
    [
        '{"messages": [{"role": "user", "content": "a", "content": "b"}]}',
        '{"messages": [{"role": "user", "content": "a", "content": "\\u0022\\u0022\\u0022\\u0022"}]}',
        '{"id": 123456789012345678901}',
        '{"messages": [{"role": "user", "content": "a"}], "score": 0.12345678901234567}',
        '{"messages": [{"role": "user", "content": "a", "weight": 1.00000000000000001}]}',
        '{"messages": [{"role": "user", "content": "a"}], "tools": [{"least": 1e-400}]}',
        '{"messages": [{"role": "assistant", "tool_calls": [{"function": {"arguments": {"a": 12345678.012345678}}}]}]}',
    ],
)
def test_duplicate_keys_and_long_integers(text: str) -> None:
    assert len(found(38, text.encode())) == 1


def test_placeholders_are_spelt_as_people_do() -> None:
    assert {"N/A", "none", "None", "TODO"} <= texts.SPELT_PLACEHOLDERS
