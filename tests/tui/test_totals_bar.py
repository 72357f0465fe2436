"""The totals bar: what the marked records add up to, and what edits have made of the sums since opening."""

from __future__ import annotations

from pathlib import Path

import pytest
from piloting import NARROW, WIDE, Driven, HeldWork, chat, running, write

from curator.analysis.lint.file_rules import FILE_RULES
from curator.lint_settings import lint_settings_in
from curator.session import dollars

ALONE = lint_settings_in({"off": [rule.code for rule in FILE_RULES]}, "the test")
"""No rule is asked that looks at whole files, so that the bar is about sums alone."""


@pytest.fixture
def ten(tmp_path: Path) -> Path:
    """A file of ten records of growing length."""
    return write(tmp_path / "ten.jsonl", (chat("question", "answer " * 400 * n) for n in range(1, 11)))


def totals(run: Driven) -> str:
    return run.text_of(run.main.totals_bar)


async def test_marked_records_are_summed_up_and_follow_edits(ten: Path) -> None:
    async with running(ten, size=WIDE, lint=ALONE) as run:
        await run.audited()
        assert "marked" not in totals(run)
        await run.press("space", "space")
        figures = [run.app.session.row(at) for at in (0, 1)]
        tokens = sum(row.tokens for row in figures if row)
        share = run.app.session.cost_beside(run.app.session.chosen.totals)
        assert f" 2 marked: {tokens:,} tokens, {dollars(share)}   10 records" in totals(run)
        await run.press("g", "x", "t")
        first = figures[0]
        assert first is not None
        await run.until(lambda: f"2 marked: {tokens - first.tokens:,} tokens" in totals(run))
        await run.press("u")
        await run.until(lambda: f"2 marked: {tokens:,} tokens" in totals(run))
        await run.press("asterisk")
        assert "marked" not in totals(run)


async def test_the_change_since_opening_follows_edits_and_undo(ten: Path) -> None:
    async with running(ten, size=WIDE, lint=ALONE) as run:
        await run.audited()
        assert "since opening" not in totals(run)
        await run.press("G", "x")
        await run.until(lambda: "-18 % tokens, -$" in totals(run), totals(run))
        await run.press("u")
        assert "since opening" not in totals(run)
        await run.press("equals_sign")
        await run.until(lambda: "+18 % tokens, $" in totals(run).replace("+$", "$"))


async def test_what_an_earlier_session_did_belongs_to_what_was_opened(ten: Path) -> None:
    async with running(ten, lint=ALONE) as run:
        await run.audited()
        await run.press("G", "x")
    async with running(ten, size=WIDE, lint=ALONE) as run:
        await run.audited()
        await run.until(lambda: "9 records" in totals(run))
        assert "since opening" not in totals(run)
        await run.press("u")
        await run.until(lambda: "+22 % tokens" in totals(run), totals(run))


async def test_narrow_totals_are_short_and_whole(ten: Path) -> None:
    async with running(ten, size=NARROW) as run:
        await run.audited()
        await run.press("asterisk")
        await run.until(lambda: totals(run).startswith(" 10 marked: 22.1 k tokens, $"))
        assert "10 rec  22.1 k tok" in totals(run)
        await run.press("x", "t")
        await run.until(lambda: "9 rec" in totals(run) and "-2 % tok" in totals(run), totals(run))
        assert all(len(line) == 80 for line in run.texts(run.main.totals_bar))
        await run.resize(40, 24)
        await run.until(lambda: totals(run).startswith(" 10●") and "-2 % tok" in totals(run), totals(run))


async def test_the_sums_of_a_filter_that_reaches_far_come_to_their_end_without_a_key(tmp_path: Path) -> None:
    far = write(
        tmp_path / "far.jsonl", (chat("question", "answer" if n % 4096 else "answer " * 400) for n in range(14_000))
    )
    async with running(far, size=WIDE, lint=ALONE) as run:
        await run.audited()
        await run.press("f")
        await run.burst("tokens > 100", "enter")
        await run.until(lambda: "4 in this filter" in totals(run))
        rows = [run.app.session.row(at) for at in range(4)]
        tokens = sum(row.tokens for row in rows if row)
        await run.until(lambda: f"4 in this filter: {tokens:,} tokens, $" in totals(run), totals(run))


async def test_sums_of_what_the_audit_has_not_come_to_are_told_as_such(ten: Path, work: HeldWork) -> None:
    work.hold()
    async with running(ten, size=WIDE, lint=ALONE) as run:
        await run.press("space")
        assert "1 marked: 0 tokens, $0.00 so far" in totals(run)
        work.go_on()
        await run.audited()
        await run.until(lambda: "1 marked: 413 tokens, $" in totals(run), totals(run))
        assert "so far" not in totals(run)
