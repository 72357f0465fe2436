"""Files as one data set, the audit over them, and what follows from the model."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.analysis import analyst, record_counting
from curator.analysis.report import Flag
from curator.analysis.tokens import TokenCounter
from curator.analysis.totals import tokens_per_record
from curator.engine import audit as engine_audit
from curator.engine.executors import INLINE, InlineExecutor
from curator.errors import UnreadableError, UsageError
from curator.records.codec import Malformed
from curator.session import Session, dollars
from curator.settings import Settings

MARK = b"\xef\xbb\xbf"
INLINE_SETTINGS = Settings(workers=INLINE)
IMAGE = [{"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}]

Open = Callable[..., Session]


def chat(question: Any = "Why?", answer: str = "Because.") -> bytes:
    messages = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return json.dumps({"messages": messages}).encode()


@pytest.fixture
def open_session(tmp_path: Path) -> Iterator[Open]:
    """Opens contents as files, named a, b, c in their order."""
    opened: list[Session] = []

    def open_contents(*contents: bytes, settings: Settings = INLINE_SETTINGS) -> Session:
        paths = []
        for name, content in zip("abcdefgh", contents, strict=False):
            paths.append(tmp_path / f"{name}.jsonl")
            paths[-1].write_bytes(content)
        opened.append(Session(paths, settings))
        return opened[-1]

    yield open_contents
    for session in opened:
        session.close()


def run(session: Session) -> Session:
    for _ in session.audit(InlineExecutor(), 1):
        pass
    return session


# Several files


def test_files_are_one_list_of_lines(open_session: Open) -> None:
    session = run(open_session(chat() + b"\n" + chat(), b"", b"\n\n", b"", chat()))
    assert len(session) == 5
    places = [(source.opened.path.name, line) for source, line in map(session.listing.locate, range(5))]
    assert places == [("a.jsonl", 0), ("a.jsonl", 1), ("c.jsonl", 0), ("c.jsonl", 1), ("e.jsonl", 0)]
    assert [session.listing.start_of(one) for one in session.sources] == [0, 2, 2, 4, 4]
    for position in (-1, 5):
        with pytest.raises(IndexError):
            session.listing.locate(position)


@given(counts=st.lists(st.integers(0, 4), min_size=1, max_size=8))
def test_every_position_has_one_place(open_session: Open, counts: list[int]) -> None:
    session = run(open_session(*(b"{}\n" * count for count in counts)))
    expected = [(name, line) for name, count in zip("abcdefgh", counts, strict=False) for line in range(count)]
    assert [(one.opened.path.stem, line) for one, line in map(session.listing.locate, range(len(session)))] == expected
    assert session.complete
    assert session.totals.lines == session.audited == len(expected)


def test_while_the_indexes_fill_only_what_is_known_has_a_position(open_session: Open) -> None:
    session = open_session(b"{}\n" * 3, b"", b"{}\n")
    assert len(session) == 0
    assert not session.data.indexed
    session.data.advance()
    assert len(session) == 3
    session.data.advance()
    assert len(session) == 4
    assert session.data.indexed
    assert session.data.scanned == session.data.bytes == 12


def test_the_same_file_twice_is_two_sources(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"{}\n")
    session = run(Session([path, path], INLINE_SETTINGS))
    assert [session.listing.start_of(one) for one in session.sources] == [0, 1]
    session.close()


def test_totals_are_the_sum_over_all_files(open_session: Open) -> None:
    alone = run(open_session(chat() + b"\n"))
    tokens = alone.totals.tokens
    session = run(open_session(chat() + b"\n", b"", b"{broken\n\n", chat() + b"\r\n" + chat()))
    assert tokens > 0
    assert session.totals.tokens == 3 * tokens
    assert (session.totals.records, session.totals.malformed, session.totals.blank) == (4, 1, 1)
    assert session.audited_bytes == session.data.bytes
    assert session.totals.findings["CUR036"] == 1


def test_one_file_that_cannot_be_read_opens_none(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"{}\n")
    with pytest.raises(UnreadableError, match="nowhere"):
        Session([path, tmp_path / "nowhere"], INLINE_SETTINGS)


@pytest.mark.parametrize(
    "settings",
    [
        Settings(dialect="latin"),
        Settings(model="gpt-17"),
        Settings(edition="1999"),
        Settings(schema="nowhere.json"),
    ],
)
def test_wrong_settings_are_told_before_anything_is_shown(open_session: Open, settings: Settings) -> None:
    with pytest.raises((UsageError, UnreadableError)):
        open_session(b"{}\n", settings=settings)


# Problems


@given(
    problems=st.lists(st.lists(st.booleans(), max_size=5), min_size=1, max_size=6),
    start=st.integers(0, 30),
    step=st.sampled_from([1, -1]),
)
def test_the_next_problem_is_the_nearest_in_that_direction(
    open_session: Open, problems: list[list[bool]], start: int, step: int
) -> None:
    session = run(open_session(*(b"".join(b"[]\n" if bad else chat() + b"\n" for bad in one) for one in problems)))
    flat = [bad for one in problems for bad in one]
    position = start % (len(flat) or 1)
    ahead = range(position + 1, len(flat)) if step > 0 else range(position - 1, -1, -1)
    assert session.next_problem(position, step) == next((one for one in ahead if flat[one]), None)


def test_an_over_long_record_is_a_problem(open_session: Open) -> None:
    session = run(
        open_session(chat() + b"\n" + chat(answer="word " * 50), settings=replace(INLINE_SETTINGS, context_length=40))
    )
    assert session.next_problem(0, 1) == 1
    assert session.totals.over_context == session.totals.findings["CUR010"] == 1
    row = session.row(1)
    assert row is not None
    assert row.over_context


# Records


def test_a_record_is_its_line_decoded(open_session: Open) -> None:
    session = run(open_session(b"\n" + chat("Was?", "Dies.") + b"\r\n"))
    record = session.record(1)
    assert (record.position, record.path.name, record.line_number) == (1, "a.jsonl", 2)
    assert record.line == chat("Was?", "Dies.") + b"\r\n"
    assert record.body == chat("Was?", "Dies.")
    assert [message.text for message in record.conversation.messages] == ["Was?", "Dies."]
    assert session.line(1) == record.line
    assert session.line(1, most=5) == record.line[:5]


@pytest.mark.parametrize("line", [b"{broken", b"\xff\xfe", b"", b"  ", b"[" * 5000])
def test_a_malformed_line_is_a_record_without_messages(open_session: Open, line: bytes) -> None:
    session = run(open_session(chat() + b"\n" + line + b"\n" + chat()))
    record = session.record(1)
    assert isinstance(record.value, Malformed)
    assert record.conversation.messages == ()
    assert record.line == line + b"\n"
    assert record.dialect.name == "openai-chat"


@pytest.mark.parametrize("line", [b"[1, 2]", b'"text"', b"7", b"null", b"true"])
def test_a_line_that_is_no_object_is_a_record_without_messages(open_session: Open, line: bytes) -> None:
    record = run(open_session(line)).record(0)
    assert record.value == json.loads(line)
    assert record.conversation.messages == ()


def test_integers_are_exact_in_a_record_that_is_read(open_session: Open) -> None:
    line = b'{"messages": [], "id": 12345678901234567890123}'
    assert run(open_session(line)).record(0).value["id"] == 12345678901234567890123


def test_a_byte_order_mark_at_the_start_is_not_part_of_the_first_record(open_session: Open) -> None:
    marked = run(open_session(MARK + chat() + b"\n" + chat()))
    record = marked.record(0)
    assert record.line == chat() + b"\n"
    assert record.body == chat()
    assert record.conversation == marked.record(1).conversation
    first = marked.row(0)
    assert first is not None
    assert replace(first, findings=0) == marked.row(1)
    assert marked.data.sources[0].detection.sure


def test_a_file_of_nothing_but_a_byte_order_mark_is_a_blank_line(open_session: Open) -> None:
    session = run(open_session(MARK))
    assert (session.totals.lines, session.totals.blank, session.totals.records) == (1, 1, 0)


def test_each_record_is_read_in_its_own_dialect_unless_one_is_chosen(open_session: Open) -> None:
    pair = b'{"prompt": "a", "completion": "b"}'
    session = run(open_session(chat() + b"\n" + chat() + b"\n" + pair + b'\n{"text": 1}\n'))
    assert [session.record(place).dialect.name for place in (0, 2, 3)] == [
        "openai-chat",
        "prompt-completion",
        "openai-chat",
    ]
    assert "mixed with 1 of prompt-completion" in session.reason(session.data.sources[0])
    session.choose_dialect("sharegpt")
    assert {session.record(place).dialect.name for place in range(4)} == {"sharegpt"}
    assert session.reason(session.data.sources[0]) == "as you chose"
    session.choose_dialect("")
    assert session.record(2).dialect.name == "prompt-completion"
    with pytest.raises(UsageError):
        session.choose_dialect("latin")


# The model


def test_a_model_of_the_same_encoding_changes_limit_and_cost_without_an_audit(open_session: Open) -> None:
    contents = chat(answer="word " * 70_000) + b"\n" + chat()
    session = run(open_session(contents, settings=replace(INLINE_SETTINGS, model="gpt-4o-mini-2024-07-18")))
    before, cost = session.totals.tokens, session.cost(session.totals)
    assert session.limit == 65_536
    assert session.totals.over_context == 1
    assert session.totals.billed_tokens < before
    assert not session.choose_model("gpt-4.1-nano-2025-04-14")
    cheaper = session.cost(session.totals)
    assert session.totals.tokens == before
    assert cost.training is not None
    assert cheaper.training == cost.training / 2
    assert (session.audited, session.complete) == (2, True)


def test_the_limit_is_applied_anew_to_all_that_was_counted(open_session: Open) -> None:
    contents = (chat(answer="word " * 20_000 + "end.") + b"\n", b"", chat() + b"\n")
    session = run(open_session(*contents, settings=replace(INLINE_SETTINGS, model="gpt-4o", context_length=70_000)))
    assert session.totals.over_context == 0
    assert session.next_problem(-1, 1) is None
    session.settings = replace(session.settings, context_length=100)
    assert not session.choose_model("gpt-4o")
    assert session.limit == 100
    assert session.totals.over_context == session.totals.findings["CUR010"] == 1
    assert session.next_problem(-1, 1) == 0
    row = session.row(0)
    assert row is not None
    assert row.over_context
    again = run(open_session(*contents, settings=session.settings))
    assert again.totals.billed_tokens == session.totals.billed_tokens


def test_another_encoding_needs_another_audit(open_session: Open) -> None:
    session = run(open_session(chat("Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich.")))
    before = session.totals.tokens
    assert session.choose_model("gpt-3.5-turbo-0125")
    run(session)
    assert session.totals.tokens != before
    assert session.counting.encoding == "cl100k_base"


def test_the_price_of_images_matters_only_where_there_are_any(open_session: Open) -> None:
    plain, pictured = run(open_session(chat())), run(open_session(chat(IMAGE)))
    assert pictured.totals.with_images == 1
    assert not plain.choose_model("gpt-4o-2024-08-06")
    assert pictured.choose_model("gpt-4o-2024-08-06")


def test_an_audit_that_has_not_ended_might_still_meet_images(open_session: Open) -> None:
    assert open_session(chat()).choose_model("gpt-4o-2024-08-06")


def test_an_unknown_model_leaves_the_old_one(open_session: Open) -> None:
    session = run(open_session(chat()))
    before = session.model
    with pytest.raises(UsageError, match="no model 'gpt-4o-minni'"):
        session.choose_model("gpt-4o-minni")
    assert session.model is before


def test_the_cost_is_tokens_times_epochs_times_price(open_session: Open) -> None:
    session = run(open_session(b"\n".join([chat()] * 10)))
    cost = session.cost(session.totals)
    assert cost.epochs == 10
    assert cost.training == session.totals.tokens * 10 * Decimal(3) / 1_000_000
    assert session.currency == "USD"
    session.settings = replace(session.settings, epochs=2)
    assert session.cost(session.totals).epochs == 2


def test_a_model_that_is_trained_by_the_hour_has_no_cost(open_session: Open) -> None:
    session = run(open_session(chat(), settings=replace(INLINE_SETTINGS, model="o4-mini-2025-04-16")))
    assert session.cost(session.totals).training is None


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (None, "not known"),
        (Decimal(0), "$0.00"),
        (Decimal("0.004"), "$0.004000"),
        (Decimal("0.01"), "$0.01"),
        (Decimal("1234567.891"), "$1,234,567.89"),
    ],
)
def test_money_as_people_read_it(amount: Decimal | None, text: str) -> None:
    assert dollars(amount) == text


def test_the_spread_of_tokens_is_that_of_the_records_that_could_be_read(open_session: Open) -> None:
    session = run(open_session(b"\n{broken\n" + chat() + b"\n", chat() + b"\n" + chat(answer="word " * 100)))
    small, _, large = sorted(tokens for one in session.data.sources for tokens in one.columns.tokens if tokens)
    spread = tokens_per_record(one.columns for one in session.data.sources)
    assert list(spread) == ["min", "p5", "p50", "mean", "p95", "max"]
    assert (spread["min"], spread["p50"], spread["max"]) == (small, small, large)
    assert spread["mean"] == (2 * small + large) / 3
    assert spread["p95"] == pytest.approx(small + 0.9 * (large - small))


def test_no_records_have_no_spread_and_no_cost(open_session: Open) -> None:
    session = run(open_session(b"", b"\n\n"))
    assert session.complete
    assert set(tokens_per_record(one.columns for one in session.data.sources).values()) == {0}
    assert session.cost(session.totals).training == 0


# The audit


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_audit, "CHUNK_BYTES", (1,))
    monkeypatch.setattr(engine_audit, "LARGEST_CHUNK", 1)


@pytest.mark.usefixtures("small_chunks")
def test_figures_grow_with_each_chunk(open_session: Open) -> None:
    session = open_session(chat() + b"\n" + chat() + b"\n", chat())
    seen = [(session.audited, session.totals.records, session.complete) for _ in session.audit(InlineExecutor(), 1)]
    assert seen == [(1, 1, False), (2, 2, False), (3, 3, True)]
    assert session.row(2) is not None


@pytest.mark.usefixtures("small_chunks")
def test_a_line_that_was_not_audited_has_no_row(open_session: Open) -> None:
    session = open_session(chat() + b"\n" + chat())
    next(session.audit(InlineExecutor(), 1))
    session.data.sources[0].index.finish()
    row = session.row(0)
    assert row is not None
    assert (row.messages, row.turns, row.findings, row.flags) == (2, 1, 0, 0)
    assert session.row(1) is None


@pytest.mark.usefixtures("small_chunks")
def test_a_newer_audit_ends_an_older_one(open_session: Open) -> None:
    session = open_session(b"\n".join([chat()] * 4))
    older = session.audit(InlineExecutor(), 1)
    next(older)
    next(older)
    newer = session.audit(InlineExecutor(), 1)
    next(newer)
    assert session.audited == 1
    assert list(older) == []
    assert session.audited == 1
    assert len(list(newer)) == 3
    assert session.totals.records == 4
    assert session.totals.tokens == 4 * session.data.sources[0].columns.tokens[0]


def test_an_audit_again_gives_the_same(open_session: Open, project: Path) -> None:
    session = run(open_session((project / "samples" / "broken.jsonl").read_bytes()))
    first, columns = session.totals, [list(column) for column in session.data.sources[0].columns.all()]
    run(session)
    assert session.totals == first
    assert [list(column) for column in session.data.sources[0].columns.all()] == columns


class Disagreeing(TokenCounter):
    """A counter whose accelerator is found to be wrong at the third count."""

    counts = 0

    def count_many(self, texts: list[str], plain: bool = False) -> list[int]:
        type(self).counts += 1
        if self.accelerated and type(self).counts == 3:
            self.disagreement = "They differ."
        return super().count_many(texts, plain)

    @property
    def accelerated(self) -> bool:
        return self.asked

    def __init__(self, encoding: str, accelerate: bool = True) -> None:
        self.asked = accelerate
        super().__init__(encoding, False)


@pytest.mark.usefixtures("small_chunks")
def test_a_wrong_count_of_the_accelerator_begins_anew_without_it(
    open_session: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [chat(answer=f"Number {number}.") for number in range(8)]
    expected = run(open_session(b"\n".join(lines), settings=replace(INLINE_SETTINGS, accelerate=False)))
    monkeypatch.setattr(Disagreeing, "counts", 0)
    monkeypatch.setattr(record_counting, "TokenCounter", Disagreeing)
    analyst.analyst_for.cache_clear()
    try:
        session = run(open_session(b"\n".join(lines)))
    finally:
        analyst.analyst_for.cache_clear()
    assert not session.accelerate
    assert session.notice == "They differ. Counting anew without it."
    assert session.complete
    assert session.totals == expected.totals
    assert session.data.sources[0].columns == expected.data.sources[0].columns


def test_findings_are_explained_when_they_are_asked_for(open_session: Open) -> None:
    session = open_session(b"{broken\n\n" + chat() + b"\n[1]\n", settings=replace(INLINE_SETTINGS, context_length=5))
    found = [
        (line, finding.code)
        for _, _, findings in session.audit(InlineExecutor(), 1, explain=True)
        for line, finding in findings
    ]
    assert set(found) >= {(0, "CUR033"), (1, "CUR035"), (2, "CUR010"), (3, "CUR001")}
    assert session.data.sources[0].columns.flags[1] == Flag.BLANK
