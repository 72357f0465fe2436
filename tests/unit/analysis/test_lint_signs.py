"""Signs of rules on texts: they miss nothing that the rules' own checks find."""

from __future__ import annotations

import json
import re
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.analysis.lint import private, texts
from curator.analysis.lint.asking import RulesAsked
from curator.analysis.lint.rule import Rule
from curator.analysis.lint.rule_set import DEFAULT_RULES
from curator.analysis.lint.rules import RULES
from curator.analysis.lint.signs import BLANKS, EDGE, Sign
from curator.analysis.lint.view import RecordView
from curator.analysis.roles import KnownTokens, RolePatterns
from curator.records.dialects import dialect_named

ASKED = RulesAsked(DEFAULT_RULES, explain=True, shaped=True, extra=False, plain=False, in_order=True)
SIGNED = [rule for rule in RULES if rule.sign]
PATTERNS = RolePatterns(KnownTokens(len), 3)
ALL_BLANKS = "".join(one for one in map(chr, range(0x3001)) if one.isspace())

HEADS = (
    *("ghp_", "gho_", "ghs_", "github_pat_11AAAA0000000000000000_", "hf_", "npm_", "sk_live_", "AKIA", "eyJ"),
    *("sk-proj-", "sk-", "glpat-", "xoxb-", "sk-ant-api03-", "AIza", "pypi-AgEIcHlwaS", "SG.", "postgres://ann:"),
)
NUMBERS = ("+49 30 901820", "(415) 863-2091", "415-863-2091", "4539 5787 6362 1486", "378734493671000")
LONG = "Warm air rises and cools, and what it holds of water gathers on the dust that is in it until the drops fall "
fragments = st.one_of(
    st.text(max_size=4),
    st.text(ALL_BLANKS, max_size=2),
    st.text(string.ascii_letters + string.digits, min_size=36, max_size=64),
    st.sampled_from(
        HEADS + NUMBERS + texts.REFUSING + ("```", "\n```", "@", "posteo.de", ":", "://", ".", ",", "</s>")
    ),
    st.sampled_from(
        ("<|im_end|>", "[/INST]", "<</SYS>>", "\ufffd", "\u00e2\u20ac\u2122", "\u00c3\u00a9", " AI ", LONG)
    ),
    st.sampled_from(("As an AI language model", " I can't help", "DE89 3704 0044 0532 0130 00", "https://example.com")),
    st.sampled_from(sorted(texts.PLACEHOLDERS)),
    st.sampled_from(sorted(texts.UNFINISHED)),
)
said = st.lists(fragments, max_size=4).map("".join)


def seen(messages: list[Any]) -> RecordView:
    return RecordView.of({"messages": messages}, dialect_named("openai-chat"), PATTERNS)


@given(said, said, st.none() | said)
def test_what_a_check_finds_has_its_sign(question: str, answer: str, argument: str | None) -> None:
    answering: dict[str, Any] = {"role": "assistant", "content": answer}
    if argument is not None:
        function = {"name": "f", "arguments": json.dumps({"of": argument}, ensure_ascii=False)}
        answering["tool_calls"] = [{"id": "a", "type": "function", "function": function}]
    view = seen([{"role": "user", "content": question}, answering])
    for rule in SIGNED:
        assert rule.check
        assert rule.sign
        if [*rule.check(view)]:
            assert rule.sign.stands_in(view.spoken), rule.code
            assert rule in [one for one, _ in ASKED.checks_of(view)]


@given(st.sampled_from(HEADS), st.text(string.ascii_letters + string.digits, min_size=64, max_size=64))
def test_no_secret_is_missed(head: str, tail: str) -> None:
    rule = next(rule for rule in SIGNED if rule.number == 27)
    view = seen([{"role": "user", "content": f"Use {head}{tail}@db.intern!"}, {"role": "assistant", "content": "Yes."}])
    assert rule.check
    assert rule.sign
    assert not [*rule.check(view)] or rule.sign.stands_in(view.spoken)


@pytest.mark.parametrize("rule", SIGNED, ids=lambda rule: rule.code)
def test_the_bad_example_has_the_sign_and_plain_talk_has_not(rule: Rule) -> None:
    assert rule.sign
    assert rule.sign.stands_in(seen(json.loads(rule.bad)["messages"]).spoken)
    assert not rule.sign.stands_in(f"{EDGE}Is it dry in Lyon?{EDGE}It is, since 10 o'clock.{EDGE}")


def test_blanks_are_those_that_strip_takes() -> None:
    blank = Sign(f"[{BLANKS}]")
    assert {one for one in map(chr, range(0x3001)) if blank.stands_in(one)} == set(ALL_BLANKS) - {EDGE}
    assert not [one for one in map(chr, range(0x3001, 0x10000)) if one.isspace()]


def test_half_a_character_may_be_anything() -> None:
    assert Sign("x").stands_in("\ud800")


def test_rules_are_asked_only_where_their_sign_stands() -> None:
    def asked(answer: str) -> set[str]:
        view = seen([{"role": "user", "content": "Hello"}, {"role": "assistant", "content": answer}])
        return {rule.code for rule, _ in ASKED.checks_of(view) if rule.sign}

    assert asked("Hi.") == set()
    assert asked("Hi. ") == {"CUR024", "CUR025"}
    assert asked("Call +49 30 901820.") == {"CUR041"}
    assert asked("\ud83d") == {rule.code for rule in SIGNED}


@given(st.text("0123 .-)+AZ", max_size=24))
def test_no_number_is_missed(text: str) -> None:
    if re.search(private.NUMBER, text):
        assert private.NUMBER_SIGN.stands_in(text)
