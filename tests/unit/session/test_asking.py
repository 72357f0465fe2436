"""What a set of records was asked for by: kept in the journal, and told only where it means the same set."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pyroaring import BitMap64

from curator.analysis.predicates.parsing import parse, spelt_out
from curator.edits.asked import Asked
from curator.edits.operations import Drop
from curator.edits.stored import restore, store
from curator.engine.executors import InlineExecutor
from curator.filter_settings import SavedFilter
from curator.records.transforms import Way
from curator.session import Session
from curator.session.as_steps import steps_of
from curator.session.asking import asked_for, asked_to_split, splitting
from curator.session.editor import Selection
from curator.session.filtering import matching
from curator.session.viewing import filtered_view, records_of
from curator.settings import Settings

FILTERS = (SavedFilter("long", "tokens > 30 or over", "here"), SavedFilter("own", "@long and turns = 1", "here"))
SETTINGS = Settings(workers=-1, accelerate=False, context_length=40, filters=FILTERS)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    path = tmp_path / "a.jsonl"
    records = [
        {"messages": [{"role": "user", "content": "cat " * words}, {"role": "assistant", "content": "dog"}]}
        for words in range(1, 61, 3)
    ]
    path.write_text("".join(f"{json.dumps(one)}\n" for one in records))
    session = Session([path], SETTINGS)
    session.editor.open_journals()
    for _ in session.audit(InlineExecutor(), 1):
        pass
    session.file_findings.follow(InlineExecutor())
    yield session
    session.close()


def show(session: Session, text: str) -> Selection:
    predicate = parse(text, session.settings.named_filters)
    *_, found = matching(session, predicate, InlineExecutor(), 1)
    session.listing.view = filtered_view(session, text, predicate, found)
    return records_of(session)


def test_the_filter_is_told_with_saved_ones_spelt_out(session: Session) -> None:
    asked = asked_for(session, show(session, "@own and not user ~ @x"))
    assert asked == Asked("((tokens > 30 or over) and turns = 1) and not user ~ @x", model=session.model.id)
    assert parse(asked.where) == parse("@own and not user ~ @x", session.settings.named_filters)
    assert spelt_out('@long and text ~ "@long"', {"long": "over"}) == '(over) and text ~ "@long"'


def test_only_the_very_records_of_the_list_are_told(session: Session) -> None:
    (source,) = session.sources
    listed = show(session, "turns = 1")
    assert asked_for(session, listed) == Asked("turns = 1")
    assert asked_for(session, {source: listed[source] - BitMap64([3])}) is None
    assert asked_for(session, {source: BitMap64([0])}) is None
    session.listing.view = replace(session.listing.view, title="", outside={})
    assert asked_for(session, records_of(session), do="split", options=splitting(Way("pair"))) == Asked(
        "", "split", {"by": "pair"}
    )


@pytest.mark.parametrize("text", ["marked", "turns = 1 and not tagged", "tag:x or turns = 1", "source:*.jsonl"])
def test_what_a_file_alone_does_not_tell_is_not_told(session: Session, text: str) -> None:
    session.sources[0].marked = BitMap64([1, 2])
    assert asked_for(session, show(session, text)) is None


def test_a_list_from_before_a_change_is_told_as_such(session: Session) -> None:
    (source,) = session.sources
    listed = show(session, "user ~ cat")
    session.editor.tag(listed, "seen", "tag")
    session.editor.drop({source: BitMap64([0])}, "drop")
    now = asked_for(session, records_of(session))
    assert now is not None
    assert not now.as_listed
    session.editor.rewrite(session.record(2), b'{"messages": []}', "edit")
    later = asked_for(session, records_of(session))
    assert later is not None
    assert later.as_listed


def test_all_that_is_too_long_is_split_by_a_step_without_a_filter(session: Session) -> None:
    (source,) = session.sources
    way = Way("fit", budget=session.limit)
    over = show(session, "over")
    session.listing.view = replace(session.listing.view, title="", outside={})
    told = {"by": "fit", "budget": session.limit}
    assert asked_to_split(session, over, way) == Asked("", "split", told, session.model.id)
    assert asked_to_split(session, {source: over[source] - BitMap64([19])}, way) is None
    assert asked_to_split(session, over, Way("turn")) is None


def test_it_is_kept_with_the_records_that_are_in_force(session: Session) -> None:
    (source,) = session.sources
    listed = show(session, "tokens > 30")
    session.editor.drop(listed, "drop", asked_for(session, listed))
    session.editor.drop({source: BitMap64([0])}, "drop #1")
    again = Session([source.opened.path], SETTINGS)
    again.editor.open_journals(read_only=True)
    told, single = again.sources[0].edited.batches
    again.close()
    assert told.asked == Asked("tokens > 30", model=session.model.id)
    assert told.concerns() == told.touched() == listed[source]
    assert steps_of(told) == [{"do": "drop", "where": "tokens > 30", "model": session.model.id}]
    assert single.operations == (Drop(BitMap64([0])),)
    assert steps_of(single) == []


def test_what_a_journal_of_before_lacks_has_its_usual_value() -> None:
    asked = Asked("turns > 1", "split", {"by": "window", "turns": 3}, "gpt-4o", "sharegpt", True)
    assert restore(store(asked)) == asked
    assert restore(replace(store(asked), payload=b'{"where": "over"}')) == Asked("over")
