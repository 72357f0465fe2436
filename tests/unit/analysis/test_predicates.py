"""Filter expressions: what they mean, what is said of those that mean nothing, and how they are completed."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.analysis.predicates import And, Everything, Figure, Kind, Not, Or, Path, State, Text, leaves, texts
from curator.analysis.predicates.completing import complete
from curator.analysis.predicates.parsing import FilterError, parse
from curator.analysis.predicates.texts import true_of
from curator.records.dialects import DEFAULT
from curator.records.searching import Search, SlowPatternError, matches
from curator.records.sniffing import dialect_of

TOKENS = Figure("tokens", ">", 4000)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("", Everything()),
        ("  ", Everything()),
        ("tokens > 4000", TOKENS),
        ("tokens>4,000", TOKENS),
        ("tokens > 4000 and turns >= 3", And((TOKENS, Figure("turns", ">=", 3)))),
        ("tokens > 4000 turns >= 3", And((TOKENS, Figure("turns", ">=", 3)))),
        ("edited or dropped and marked", Or((State("edited"), And((State("dropped"), State("marked")))))),
        ("(edited or dropped) and marked", And((Or((State("edited"), State("dropped"))), State("marked")))),
        ("not tag:done", Not(Kind("tag", "done"))),
        ("not not edited", Not(Not(State("edited")))),
        ('tag:"two words"', Kind("tag", "two words")),
        ("code:cur024", Kind("code", "CUR024")),
        ('text ~ "refund"', Text(Search("refund", roles=frozenset(("text",))))),
        ("text !~ refund", Not(Text(Search("refund", roles=frozenset(("text",)))))),
        (r"user ~ /re\/fund\d+/", Text(Search(r"re/fund\d+", True, roles=frozenset(("user",))))),
        ('meta.lang = "de"', Path(("meta", "lang"), "=", "de")),
        ("meta.lang == de", Path(("meta", "lang"), "=", "de")),
        ("score <= -1.50", Path(("score",), "<=", Decimal("-1.50"))),
        ("ok != null and .text = true", And((Path(("ok",), "!=", None), Path(("text",), "=", True)))),
        ("id !~ 'a\\'b'", Not(Path(("id",), "~", "a'b"))),
    ],
)
def test_expressions_mean_what_they_say(text: str, meaning: object) -> None:
    assert parse(text) == meaning


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("tokens >", 8, "a value is expected"),
        ("tokens > many", 9, "whole number"),
        ("tokens ~ 3", 7, "compared by one of"),
        ("tokens", 0, "compare `tokens` with a number"),
        ("text", 0, "say what is looked for"),
        ("edited and", 10, "a condition is expected"),
        ("and edited", 0, "a condition is expected"),
        ("(edited", 0, "never closed"),
        ("edited)", 6, "closes nothing"),
        ('text ~ "refund', 7, "never ends"),
        ("text ~ /(/", 7, "not understood"),
        ("edted", 0, "did you mean `edited`?"),
        ("severity:bad", 9, "error or warning"),
        ("code:24", 5, "such as CUR024"),
        ("code:CUR999", 5, "such as CUR024"),
        ("edited or dialect:nope", 18, "takes one of bedrock"),
        ("not " * 5000 + "edited", 240, "nested more than 60 deep"),
        ("(" * 5000 + "edited" + ")" * 5000, 60, "nested more than 60 deep"),
        ("text ~ “wide🙂” and (", 20, "a condition is expected"),
        ('has:."a', 5, "never ends"),
        ('"two words" = 1', 0, 'begins with a point: `."two words"`'),
        (".a ~ /[/", 5, "not understood"),
        ("tokens > 1e3", 9, "whole number"),
        ("tokens > 99999999999999999999", 9, "whole number"),
        ("tokens > \uff10", 9, "whole number"),
        ("@", 0, "there is no filter ''"),
        ("tag:", 4, "takes a tag"),
        ("text = x", 5, "something is found"),
        ("a..b = 1", 0, "a path is keys"),
        ("id = /x/", 5, "stands behind `~`"),
    ],
)
def test_faults_are_told_with_their_place(text: str, place: int, reason: str) -> None:
    with pytest.raises(FilterError, match=reason.replace("(", r"\(")) as caught:
        parse(text)
    assert caught.value.place == place


@given(st.text(max_size=40))
def test_whatever_is_typed_is_understood_or_refused(text: str) -> None:
    try:
        parse(text)
    except FilterError as error:
        assert 0 <= error.place <= len(text)


RECORD = {
    "messages": [
        {"role": "user", "content": "Grüße, I want a REFUND"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"function": {"name": "pay", "arguments": '{"to":"Ann"}'}}],
        },
        {"role": "tool", "content": "ok"},
    ],
    "meta": {"lang": "de", "n": 3, "big": 12345678901234567890, "x": None, "tags": ["a", {"k": "v"}]},
}


@pytest.mark.parametrize(
    ("text", "true"),
    [
        ("text ~ refund", True),
        ("text ~ Refund", False),
        ("user ~ grüße", True),
        ("assistant ~ refund", False),
        ("assistant ~ ann", True),
        ("text ~ /re.und$/", True),
        ("role:tool", True),
        ("role:system", False),
        ("tool:pay", True),
        ("tool:find", False),
        ("has:meta.lang", True),
        ("has:meta.none", False),
        ("meta.lang = de", True),
        ("meta.lang != de", False),
        ("meta.none != de", False),
        ("meta.lang ~ D", True),
        ("meta.n > 2.5", True),
        ("meta.n < 2.5", False),
        ("meta.big = 12345678901234567890", True),
        ("meta.n = 'x'", False),
        ("meta.n != 'x'", True),
        ("meta.x = null", True),
        ("meta.tags.1.k = v", True),
        ("meta.tags.k = v", True),
        ("meta.tags = a", True),
        ("meta.lang ~ /^D/", False),
        ("meta.lang ~ /^(?i:D)/", True),
    ],
)
def test_what_is_asked_of_a_record(text: str, true: bool) -> None:
    def read_in(value: Any) -> Any:
        return dialect_of(value, DEFAULT, only=False)

    for ascii_only in (False, True):
        line = json.dumps(RECORD, ensure_ascii=ascii_only).encode() + b"\n"
        assert true_of([parse(text)], line, read_in) == [true]  # type: ignore[list-item]
    assert true_of([parse(text)], b"{broken\n", read_in) == [False]  # type: ignore[list-item]


def test_what_may_follow_is_offered() -> None:
    assert complete("tok", 3, {}) == (0, ("tokens",))
    assert complete("tokens > 3 and ed", 17, {}) == (15, ("edited",))
    assert complete("not tag:", 8, {"tag": ["tone", "two words"]}) == (4, ('tag:"two words"', "tag:tone"))
    assert complete("severity:w", 10, {}) == (0, ("severity:warning",))
    assert complete("edited", 6, {}).words == ()


def test_saved_filters_stand_in_each_other_only_so_deep() -> None:
    saved = {"f0": "edited", **{f"f{number}": f"not @f{number - 1}" for number in range(1, 9)}}
    assert parse("@f4", saved)
    with pytest.raises(FilterError, match="stand in each other more than 5 deep"):
        parse("@f8", saved)


def test_a_pattern_that_runs_away_is_stopped_under_a_key_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "matches", partial(matches, wait=0.2))
    (leaf,) = leaves(parse(".k ~ /(x+x+)+y/"))
    with pytest.raises(SlowPatternError):
        true_of([leaf], json.dumps({"k": "x" * 5000}).encode(), lambda _: DEFAULT)


def test_words_for_findings_are_their_codes() -> None:
    assert parse("duplicate or contradiction") == Or((Kind("code", "CUR021"), Kind("code", "CUR022")))
