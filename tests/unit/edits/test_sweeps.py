"""Changes of many records by one rule give the same at any time."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from edited_files import SETTINGS, lines_of, session_on, visible
from pyroaring import BitMap64

from curator.edits.asked import Asked
from curator.edits.carrying import carry, plan_carrying
from curator.edits.operations import Sweeping
from curator.edits.rule import ReplacementRule
from curator.edits.saving import plan_save
from curator.edits.stored import restore, store
from curator.engine.executors import InlineExecutor
from curator.records.find_replace import Replacement, Search
from curator.records.short_prompt import ShortPrompt
from curator.session.saving import save
from curator.session.sweeping import find_changes

OTHERS = ("alpaca", "sharegpt", "prompt-completion")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.jsonl"
    path.write_bytes(lines_of(3))
    return path


@pytest.mark.parametrize("dialect", OTHERS)
def test_what_the_file_is_taken_for_later_changes_nothing(path: Path, dialect: str) -> None:
    expected = lines_of(3).replace(b"Question", b"Why")
    with session_on(path) as session:
        (source,) = session.sources
        session.editor.sweep({source: BitMap64(range(3))}, Replacement(Search("Question"), "Why"), "replace")
        session.choose_dialect(dialect)
        assert b"".join(visible(session)) == expected
    with session_on(path, settings=replace(SETTINGS, dialect=dialect)) as session:
        assert b"".join(visible(session)) == expected
        (source,) = session.sources
        save(session, source, plan_save(source.edited))
        assert path.read_bytes() == expected
        session.editor.undo()
        assert b"".join(visible(session)) == lines_of(3)
        session.editor.redo()
        assert b"".join(visible(session)) == expected


def test_one_after_the_other_with_edits_between(path: Path) -> None:
    with session_on(path) as session:
        (source,) = session.sources
        states = [visible(session)]
        for number, (old, new) in enumerate([("Question", "Why"), ("Why", "How"), ("Answer", "How")]):
            session.editor.sweep({source: BitMap64(range(3))}, Replacement(Search(old), new), "replace")
            states.append(visible(session))
            record = session.record(number)
            session.editor.rewrite(record, record.body.replace(b"How", b"Question"), "rewrite")
            states.append(visible(session))
        assert b"How 2?" in states[-1][2] or b"Question 2?" in states[-1][2]
        for state in states[-2::-1]:
            session.editor.undo()
            assert visible(session) == state
        for state in states[1:]:
            session.editor.redo()
            assert visible(session) == state
    with session_on(path) as session:
        assert visible(session) == states[-1]


def test_a_rule_is_stored_with_all_that_it_depends_on() -> None:
    search = Search("a|b", regex=True, ignore_case=False, roles=frozenset({"user", "tool"}))
    rule = ReplacementRule(Replacement(search, r"\g<0>!"), "alpaca", only_dialect=True)
    operation = Sweeping(BitMap64([1, 5]), 7, rule)
    assert restore(store(operation)) == operation


def prompted(number: int) -> bytes:
    messages = [{"role": "system", "content": "Long."}, {"role": "user", "content": f"Question {number}?"}]
    return json.dumps({"messages": messages}).encode() + b"\n"


def test_a_short_prompt_is_carried_over_to_a_file_that_changed(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"".join(map(prompted, range(4))))
    with session_on(path) as session:
        (source,) = session.sources
        session.editor.sweep({source: BitMap64([1, 2])}, ShortPrompt("Long.", "L."), "shorten")
    path.write_bytes(b"".join(map(prompted, (7, 2, 3, 1))))
    with session_on(path) as session:
        (source,) = session.sources
        journal = source.edited.journal
        assert journal
        carry(source.edited, journal, plan_carrying(source.edited, journal))
    with session_on(path) as session:
        assert [b'"L."' in line for line in visible(session)] == [False, True, False, True]
        session.editor.undo()
        assert b"".join(visible(session)) == path.read_bytes()


def test_what_was_asked_for_is_carried_with_all_of_its_records_only(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"".join(map(prompted, range(6))))
    with session_on(path) as session:
        (source,) = session.sources
        session.editor.drop({source: BitMap64([1, 2])}, "drop two", Asked("turns = 1"))
        session.editor.drop({source: BitMap64([3, 4])}, "drop two more", Asked("over"))
        session.editor.drop({source: BitMap64([5])}, "drop one", Asked("over"))
    path.write_bytes(b"".join(map(prompted, (7, 2, 3, 1))))
    with session_on(path) as session:
        (source,) = session.sources
        journal = source.edited.journal
        assert journal
        carry(source.edited, journal, plan_carrying(source.edited, journal))
    with session_on(path) as session:
        assert visible(session) == [prompted(7)]
        assert [one.asked for one in session.sources[0].edited.batches] == [Asked("turns = 1", as_listed=True), None]


def test_a_record_that_was_made_and_dropped_before_a_save_is_gone_when_both_are_undone(path: Path) -> None:
    with session_on(path) as session:
        (source,) = session.sources
        made = session.editor.insert(source, lines_of(1).strip(), session.record(0))
        assert made.at is not None
        session.editor.drop({source: BitMap64([made.at.id])}, "drop")
        save(session, source, plan_save(source.edited))
        source.opened.index.finish()
        session.editor.undo()
        session.editor.undo()
        found = list(find_changes(session, Replacement(Search("Question"), "Why"), InlineExecutor(), 1))
        assert [list(records) for _, records in found if records] == [[0, 1, 2]]
