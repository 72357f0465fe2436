"""Findings without their particulars: what makes two of them the same."""

from __future__ import annotations

import pytest

from curator.analysis import causes
from curator.analysis.causes import Cause, cause_of, explain
from curator.analysis.counting import Counting
from curator.analysis.findings import Finding, Severity
from curator.analysis.report import AuditSpec

SPEC = AuditSpec(Counting("cl100k_base", 3, 1, 10, 85, 170), "openai-chat")


@pytest.mark.parametrize(
    ("message", "general"),
    [
        ("the message has no `content`", "the message has no `content`"),
        ("the key `id2` is extra at the top level", "the key `id2` is extra at the top level"),
        ('is "bot"; allowed are "user", "tool"', 'is …; allowed are "user", "tool"'),
        ('is "asistant"; did you mean "assistant"? Allowed are "assistant"', 'is …; allowed are "assistant"'),
        ('is "a \\"quoted\\" word"; should be "a"', 'is …; should be "a"'),
        ('is {"role": "a; b"}; should be "a"', 'is …; should be "a"'),
        ("is null; allowed are 1, 2", "is …; allowed are 1, 2"),
        ("[null] is not allowed here", "… is not allowed here"),
        ("`messages` is missing; is `mesages` meant?", "`messages` is missing"),
        ("the key `wieght` is not allowed here; did you mean `weight`?", "the key `wieght` is not allowed here"),
        ("has 1 item; at least 2 are needed", "has … items; at least 2 are needed"),
        ("has 1,200 items; at most 10 are allowed", "has … items; at most 10 are allowed"),
        ('"a b" does not match ^[a-z]{1,64}$: 1 to 64 letters', "… does not match ^[a-z]{1,64}$: 1 to 64 letters"),
        ("the role 'bot' is unknown; known are user", "the role … is unknown"),
        ("the role 'usr' is unknown; did you mean `user`?", "the role … is unknown"),
        ("the message's `content` is null", "the message's `content` is null"),
        ("byte 21 (C3 28) is not UTF-8", "byte … … is not UTF-8"),
        ("should be a string, is a number", "should be a string, is a number"),
    ],
)
def test_what_is_particular_is_left_out(message: str, general: str) -> None:
    assert cause_of(Finding("CUR000", Severity.ERROR, "", message)).sentence == general


@pytest.mark.parametrize(
    ("pointer", "shape"),
    [("", ""), ("/messages/12/content", "/messages/*/content"), ("/a1/0", "/a1/*"), ("/x~11", "/x~11")],
)
def test_places_in_lists_are_left_out(pointer: str, shape: str) -> None:
    assert cause_of(Finding("CUR000", Severity.ERROR, pointer, "is odd")).shape == shape


BAD_ROLE = b'{"messages": [{"role": "%s", "content": "Hi"}, {"role": "assistant", "content": "Hi"}]}'
NO_ANSWER = b'{"messages": [{"role": "user", "content": "Hi"}]}'


def test_lines_are_explained_once_for_each_cause() -> None:
    twice = b'{"messages": [{"role": "x", "content": ""}, {"role": "y", "content": ""}]}'
    report = explain([NO_ANSWER, BAD_ROLE % b"bot", b"", twice, BAD_ROLE % b"user"], SPEC)
    by_line: dict[int, set[str]] = {}
    for row, number in zip(report.rows, report.numbers, strict=True):
        assert report.causes[number].code not in by_line.setdefault(row, set())
        by_line[row].add(report.causes[number].code)
    assert by_line[0] == {"CUR007"}
    assert by_line[1] == {"CUR005", "CUR012", "CUR019"}
    assert by_line[2] == {"CUR035"}
    assert by_line[3] == {"CUR005", "CUR007", "CUR024"}
    assert 4 not in by_line
    place = [cause.code for cause in report.causes].index("CUR005")
    row, finding = report.examples[place]
    assert (row, finding.place, report.causes[place].shape) == (1, "message 1 (bot), `role`", "/messages/*/role")


def test_there_is_an_end_to_the_causes_that_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(causes, "MOST_CAUSES", 3)
    lines = [b'{"messages": [{"role": "user", "content": "Hi"}], "k%d": 1}' % number for number in range(10)]
    report = explain(lines, SPEC)
    assert Cause("CUR009", Severity.ERROR, "in yet other ways", "") in report.causes
    assert len(report.causes) <= 3 + 2
    assert len(report.rows) == 2 * len(lines)
