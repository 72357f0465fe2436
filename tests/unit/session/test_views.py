"""Views: what is listed, in which order, and that every position is found both ways, whatever is done meanwhile."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap64

from curator.analysis.predicates.parsing import parse
from curator.edits.labels import Verdict
from curator.engine.executors import InlineExecutor
from curator.errors import UsageError
from curator.lint_settings import Choice, LintSettings
from curator.session import Session, sorting
from curator.session.catching_up import catch_up
from curator.session.filtering import matching
from curator.session.listing import ALL
from curator.session.sorting import SortKey, sort_keys, sorted_view
from curator.session.still_matching import no_longer
from curator.session.viewing import filtered_view
from curator.settings import Settings

BLANKS_MAY_BE = LintSettings((Choice("CUR024", "off", "these tests"),))
SETTINGS = Settings(workers=-1, accelerate=False, context_length=60, lint=BLANKS_MAY_BE)


def chat(number: int, words: int) -> bytes:
    messages = [{"role": "user", "content": f"cat {number}"}, {"role": "assistant", "content": "dog " * words}]
    return json.dumps({"messages": messages}).encode()


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    paths = [tmp_path / "a.jsonl", tmp_path / "b.jsonl"]
    for place, path in enumerate(paths):
        path.write_bytes(b"\n".join(chat(number, (number * 7 + place) % 11) for number in range(20)) + b"\n")
    session = Session(paths, SETTINGS)
    session.editor.open_journals()
    for _ in session.audit(InlineExecutor(), 1):
        pass
    yield session
    session.close()


def show(session: Session, text: str) -> None:
    *_, found = matching(session, parse(text), InlineExecutor(), 1)
    session.listing.view = filtered_view(session, text, parse(text), found)


def listed(session: Session) -> list[tuple[int, int]]:
    """Source and id at each position; both ways of finding a position agree, and so do stretches."""
    listing = session.listing
    places = [listing.locate(position) for position in range(len(listing))]
    assert [listing.position_of(*place) for place in places] == list(range(len(listing)))
    runs = [(source, first + offset) for source, (first, n) in listing.stretch(0, len(listing)) for offset in range(n)]
    assert runs == places
    assert [one for source, (first, n) in listing.stretch(3, 9) for one in range(first, first + n)] == [
        one for _, one in places[3:9]
    ]
    with pytest.raises(IndexError):
        listing.locate(len(listing))
    return [(source.number, record) for source, record in places]


def tokens(session: Session) -> list[int]:
    rows = [session.row(position) for position in range(len(session))]
    return [row.tokens for row in rows if row is not None]


def test_a_filter_leaves_records_out_and_what_follows_from_those_that_stay_comes_in(session: Session) -> None:
    show(session, "user ~ 'cat 1'")
    there = [1, *range(10, 20)]
    assert listed(session) == [(0, one) for one in there] + [(1, one) for one in there]
    assert session.record(1).position == 1
    assert session.listing.number_of(*session.listing.locate(1)) == 11
    session.editor.drop({session.sources[0]: BitMap64([11])}, "drop")
    session.editor.rewrite(session.record(1), chat(50, 3), "rewrite")
    copy = session.editor.duplicate(session.record(3))
    assert copy.at is not None
    now = listed(session)
    assert (0, 11) not in now
    assert (0, 10) in now
    assert now.index((copy.at.source, copy.at.id)) == 4
    session.listing.with_dropped = True
    assert (0, 11) in listed(session)
    session.listing.view = ALL
    assert len(session) == 41


def test_records_are_sorted_by_several_columns_both_ways(session: Session) -> None:
    plain = listed(session)
    session.listing.view = sorted_view(session, sort_keys("tokens"))
    rising = tokens(session)
    assert rising == sorted(rising)
    assert sorted(listed(session)) == plain
    session.listing.view = sorted_view(session, sort_keys("-tokens"))
    assert tokens(session) == sorted(rising, reverse=True)
    session.editor.tag({session.sources[1]: BitMap64([4, 9])}, "x", "tag")
    session.listing.view = sorted_view(session, [SortKey("tags", falling=True), SortKey("tokens")])
    first, second, *rest = listed(session)
    assert {first, second} == {(1, 4), (1, 9)}
    assert tokens(session)[2:] == sorted(tokens(session)[2:])
    equal = [place for place, n in zip(rest, tokens(session)[2:], strict=True) if n == tokens(session)[10]]
    assert equal == sorted(equal)
    session.listing.view = sorted_view(session, ())
    assert listed(session) == plain


def test_a_sorted_view_follows_what_is_dropped_made_and_undone(session: Session) -> None:
    session.listing.view = sorted_view(session, sort_keys("-tokens"))
    before = listed(session)
    source, record = session.listing.locate(5)
    session.editor.drop({source: BitMap64([record])}, "drop")
    assert listed(session) == before[:5] + before[6:]
    made = session.editor.duplicate(session.record(0))
    assert made.at is not None
    assert listed(session) == [*before[:5], *before[6:], (made.at.source, made.at.id)]
    session.editor.undo()
    session.editor.undo()
    assert listed(session) == before


def test_a_record_that_was_dropped_before_the_list_was_sorted_has_its_place_when_it_is_restored(
    session: Session,
) -> None:
    show(session, "tokens > 20")
    session.listing.view = sorted_view(session, sort_keys("-tokens"))
    before = listed(session)
    source, record = session.listing.locate(5)
    session.editor.drop({source: BitMap64([record])}, "drop")
    show(session, "tokens > 20")
    session.listing.view = sorted_view(session, sort_keys("-tokens"))
    assert listed(session) == before[:5] + before[6:]
    session.editor.undo()
    assert listed(session) == before


def test_a_filter_can_be_sorted_and_a_sorted_one_filtered_anew(session: Session) -> None:
    show(session, "tokens > 20")
    some = set(listed(session))
    session.listing.view = sorted_view(session, sort_keys("turns -tokens"))
    assert set(listed(session)) == some
    assert session.listing.view.order_title == "turns -tokens"
    assert session.listing.view.title == "tokens > 20"
    session.listing.view = replace(session.listing.view, ordered=None)
    assert listed(session) == sorted(some)


def test_lines_that_come_later_are_not_in_a_filter(session: Session) -> None:
    show(session, "tokens > 0")
    number = len(session)
    with session.sources[1].opened.path.open("ab") as file:
        file.write(chat(99, 3) + b"\n")
    session.sources[1].grow(0)
    session.sources[1].opened.index.finish()
    assert len(session) == number
    session.listing.view = ALL
    assert len(session) == number + 1


def test_columns_that_there_are_none_of_are_told() -> None:
    assert sort_keys("tokens, -turns") == (SortKey("tokens"), SortKey("turns", True))
    with pytest.raises(UsageError, match="no column 'size'"):
        sort_keys("size")


def test_walking_over_problems_keeps_to_what_is_listed(session: Session) -> None:
    source = session.sources[0]
    session.editor.rewrite(session.record(2), b'{"messages": []}', "rewrite")
    session.editor.rewrite(session.record(15), b'{"messages": []}', "rewrite")
    assert session.next_problem(-1, 1) is None
    while waiting := session.recount.waiting(100):
        from curator.analysis.chunk import analyse_bytes

        one, texts = waiting
        lines = b"".join(line for _, _, line in texts)
        session.recount.take(one, texts, analyse_bytes(lines, session.spec(one.opened)).columns, session.audits)
    session.recount.settle(100)
    assert (session.next_problem(-1, 1), session.next_problem(2, 1), session.next_problem(39, -1)) == (2, 15, 15)
    show(session, "user ~ 'cat 1' or messages = 0")
    places = {session.listing.position_of(source, one) for one in (2, 15)}
    first = session.next_problem(-1, 1)
    assert first is not None
    assert {first, session.next_problem(first, 1)} == places
    session.listing.view = sorted_view(session, sort_keys("-tokens"))
    places = {session.listing.position_of(source, one) for one in (2, 15)}
    last = session.next_problem(len(session), -1)
    assert last is not None
    assert {last, session.next_problem(last, -1)} == places


@given(
    st.lists(st.tuples(st.sampled_from([0, 3, 1 << 40, (1 << 64) - 1, (1 << 64) - 4]), st.integers(0, 5)), max_size=40)
)
def test_the_order_of_several_columns_is_stable_whatever_their_size(rows: list[tuple[int, int]]) -> None:
    columns = [numpy.array([row[place] for row in rows], dtype=numpy.uint64) for place in (0, 1)]
    expected = sorted(range(len(rows)), key=rows.__getitem__)
    assert sorting._order(columns).tolist() == expected


@pytest.mark.parametrize(
    "text",
    [
        "tokens > 30",
        "not reviewed",
        "tag:x or noted",
        "user ~ 'cat 1'",
        "dropped",
        "edited or new",
        "severity:error",
        "not (code:CUR009 or invalid)",
        "dialect:openai-chat",
        "source:a*",
        "messages = 2 and not marked",
        "over",
        "accepted",
    ],
)
def test_what_no_longer_matches_is_what_the_filter_does_not_find_any_more(session: Session, text: str) -> None:
    first, second = session.sources
    session.editor.tag({second: BitMap64([4, 9])}, "x", "tag")
    session.editor.review({first: BitMap64([1, 2])}, Verdict.ACCEPTED, "review")
    session.editor.rewrite(session.record(5), chat(1, 40), "rewrite")
    session.editor.duplicate(session.record(7))
    session.editor.drop({first: BitMap64([3])}, "drop")
    first.marked = BitMap64([8])
    catch_up(session, InlineExecutor(), 1)
    session.listing.with_dropped = True
    predicate = parse(text)
    *_, found = matching(session, predicate, InlineExecutor(), 1)
    for position in range(len(session)):
        source, record = session.listing.locate(position)
        gone = no_longer(session, source, record, predicate)
        known = "~" not in text or record in source.edited.unsaved
        assert gone == (record not in found[source]) if known else not gone
