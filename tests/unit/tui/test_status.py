"""What the bars say of a session, long and short."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from pyroaring import BitMap64
from rich.style import Style
from textual.geometry import Size

from curator.analysis.report import RecordReport
from curator.engine.executors import InlineExecutor
from curator.session import Session, dollars
from curator.settings import Settings
from curator.tui import status
from curator.tui.status import (
    changed_by,
    cost_segments,
    file_segment,
    position_segment,
    progress_segment,
    summary,
    totals_segments,
)
from curator.tui.widgets.bars import Bar, Segment

RECORD = {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]}


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    """Twelve records of which one is no JSON and one breaks the schema."""
    lines = [json.dumps(RECORD)] * 10 + ["{", '{"messages": []}']
    (tmp_path / "records.jsonl").write_text("\n".join(lines))
    opened = Session([tmp_path / "records.jsonl"], Settings())
    yield opened
    opened.close()


def audit(session: Session) -> None:
    for _ in session.audit(InlineExecutor(), 1):
        pass


def words(segments: Sequence[Segment], form: str = "long") -> list[str]:
    return [getattr(one, form) for one in segments if getattr(one, form)]


def report(**changes: Any) -> RecordReport:
    figures = {"tokens": 12_345, "trained": 2, "estimated": False, **changes}
    return RecordReport(
        message_tokens=(), trained_message_tokens=(), overhead=0, findings=(), counter="by hand", **figures
    )


def test_the_file_is_named_and_further_ones_counted(session: Session, tmp_path: Path) -> None:
    assert file_segment(session).long == "records.jsonl"
    two = Session([tmp_path / "records.jsonl"] * 3, Settings())
    assert file_segment(two).long == "records.jsonl and 2 more"
    two.close()


def test_a_file_name_is_only_visible_text(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b[31m\n\u202eb.jsonl"
    path.write_text(json.dumps(RECORD))
    opened = Session([path], Settings())
    assert file_segment(opened).long == "a␛[31m⏎□b.jsonl"
    opened.close()


def test_the_position_says_whether_the_number_of_records_is_final(session: Session, tmp_path: Path) -> None:
    assert position_segment(session, 0).long == "no records"
    session.data.advance()
    assert position_segment(session, 2).long == "line 3 of 12"
    (tmp_path / "large.jsonl").write_text(f"{json.dumps(RECORD)}\n" * 10_000)
    large = Session([tmp_path / "large.jsonl"], Settings())
    large.data.advance()
    assert position_segment(large, 0).long == f"line 1 of {len(large):,}… (indexing)"
    large.close()


def test_the_audit_tells_its_share_its_rate_and_what_is_left(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status.time, "monotonic", lambda: 110.0)
    begun = progress_segment(session, 110.0)
    assert begun.long.split() == ["audit", "────────────", "0%"]
    monkeypatch.setattr(Session, "audited_bytes", property(lambda self: self.data.bytes // 4))
    half = progress_segment(session, 100.0)
    assert half.long.startswith("audit ━━━───")
    assert half.long.endswith("0:30 left") or half.long.endswith("0:31 left")
    assert "B/s" in half.long
    assert half.short.startswith("audit 2")


def test_a_finished_audit_says_so(session: Session) -> None:
    audit(session)
    assert "audit complete" in progress_segment(session, 0).long


def test_totals_are_marked_while_they_grow_and_in_order(session: Session) -> None:
    assert words(totals_segments(session))[0] == "so far"
    audit(session)
    tokens = session.totals.tokens
    trained = session.totals.trained_tokens
    assert words(totals_segments(session)) == [
        "12 records",
        f"{session.totals.messages:,} messages",
        f"{tokens:,} tokens",
        f"{trained:,} trained",
        f"{tokens:,} billed",
        "0 over",
        f"{session.totals.malformed} malformed",
        f"{session.totals.invalid} invalid",
    ]
    assert words(totals_segments(session), "short") == [
        "12 rec",
        f"{tokens:,} tok",
        "0 over",
        f"{session.totals.malformed} broken",
        f"{session.totals.invalid} inv",
    ]
    assert [one.tone for one in totals_segments(session)[-3:]] == ["quiet", "error", "error"]


def test_costs_name_model_epochs_and_money(session: Session) -> None:
    audit(session)
    long, short = (words(cost_segments(session), form) for form in ("long", "short"))
    assert long[0].startswith(session.model.id)
    assert "epochs" in long[0]
    assert long[1].startswith("$")
    assert short == [long[1]]


def test_a_model_without_a_price_by_tokens_has_no_cost(session: Session) -> None:
    hourly = next(
        model for edition in session.book.editions for model in edition.models if model.training_unit == "hour"
    )
    session.choose_model(hourly.id, hourly.edition)
    assert words(cost_segments(session))[-1] == "cost not known"
    assert words(cost_segments(session), "short") == []


@pytest.mark.parametrize(
    ("position", "figures", "several", "expected"),
    [
        (0, None, False, ["#1", "openai-chat   2 messages"]),
        (0, {}, False, ["#1", "openai-chat   2 messages", "12,345 tokens"]),
        (0, {"tokens": 1, "estimated": True}, False, ["#1", "openai-chat   2 messages", "≈1 token"]),
        (9, None, True, ["records.jsonl:10", "openai-chat   2 messages"]),
        (10, {}, False, ["#11", "not a conversation"]),
    ],
)
def test_a_record_is_summed_up(
    session: Session, position: int, figures: dict[str, Any] | None, several: bool, expected: list[str]
) -> None:
    session.data.advance()
    made = None if figures is None else report(**figures)
    assert words(summary(session.record(position), made, several=several)) == expected


def test_no_record_is_said_to_be_none() -> None:
    assert words(summary(None, None, several=False)) == ["no records in this file"]


def test_every_price_of_the_book_is_whole_in_the_model_chooser_at_80_columns() -> None:
    from curator.analysis.prices import load_price_book
    from curator.tui.screens.choose_model import line

    book = load_price_book()
    for edition in book.editions:
        for model in edition.models:
            if model.base is None:
                assert len(line(book.training_row(model))) <= 64


def test_the_chosen_records_come_first_with_their_sums(session: Session) -> None:
    source = session.sources[0]
    session.chosen.choose("marked", {source: BitMap64(range(2))})
    assert words(totals_segments(session))[0] == "2 marked: …"
    audit(session)
    assert session.chosen.settle(5)
    row = session.row(0)
    assert row is not None
    money = dollars(session.cost_beside(session.chosen.totals))
    assert words(totals_segments(session))[0] == f"2 marked: {2 * row.tokens} tokens, {money}"
    assert words(totals_segments(session), "short")[0] == f"2● {2 * row.tokens} {money}"
    session.chosen.choose("marked", {})
    assert words(totals_segments(session))[0] == "12 records"


@pytest.mark.parametrize(
    ("more", "before", "told"),
    [
        (0, 5, ""),
        (-18, 100, "-18 % tokens"),
        (5_000, 100, "+5,000 % tokens"),
        (-3, 1_000, "-0.3 % tokens"),
        (-3, 1_000_000, "-3 tokens"),
        (12_000, 0, "+12.0 k tokens"),
    ],
)
def test_a_change_is_told_in_proportion_where_that_says_something(more: int, before: int, told: str) -> None:
    assert changed_by(more, before, "tokens") == told


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (60, " first long   nothing at all   second long       right long "),
        (46, " first long  nothing at all  second long    R "),
        (45, " first long  nothing at all  2nd           R "),
        (31, " first long  nothing  2nd    R "),
        (29, " first long  2nd           R "),
        (17, " first  2nd    R "),
        (10, " first  R "),
    ],
)
def test_a_bar_shortens_from_the_right_and_leaves_out_what_is_quiet_first(width: int, shown: str) -> None:
    bar = Bar()
    bar.set_reactive(Bar.left, (Segment("first long", "first"), Segment("nothing at all", "nothing", "quiet")))
    bar.set_reactive(Bar.left, (*bar.left, Segment("second long", "2nd")))
    bar.set_reactive(Bar.right, (Segment("right long", "R"),))
    plain = {"_tone": lambda *_: Style(), "rich_style": Style(), "size": Size(width, 1)}
    with patch.multiple(Bar, **plain):
        assert bar.render_line(0).text == shown
