"""Fixes in a session: what they would do, one batch and one undo, tags on messages, the journal opened again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap64

from curator.edits.operations import Fixing
from curator.edits.rule import Fixes, FixingRule
from curator.edits.stored import restore, store
from curator.engine.executors import InlineExecutor
from curator.errors import UnreadableError
from curator.records.fixing import FIXES, Fix, fix_named
from curator.session import Session
from curator.session.fixing import FixPreview, commit, preview, put_into_force, samples, sentences, title_of
from curator.session.problem_group import ProblemGroup
from curator.session.sweeping import figure_out
from curator.settings import Settings
from curator.storage.journal import StoredOperation

SETTINGS = Settings(workers=-1, accelerate=False)
SAFE = tuple(fix for fix in FIXES if fix.safe)


def chat(*texts: str, **keys: Any) -> dict[str, Any]:
    roles = ("user", "assistant")
    return {"messages": [{"role": roles[n % 2], "content": text} for n, text in enumerate(texts)], **keys}


def weighed(value: dict[str, Any], place: int, weight: object) -> dict[str, Any]:
    value["messages"][place]["weight"] = weight
    return value


def line(value: dict[str, Any], end: str = "\n") -> bytes:
    return (json.dumps(value) + end).encode()


CONTENT = b"".join(
    (
        line(chat("one?", "One.")),
        b"  \n",
        line(weighed(chat("two?", "Two."), 1, True), "\r\n"),
        line(weighed(chat("three?", "Three.", note=3), 0, 1)),
        line(chat("four?", "Four.", note=4), "\r\n"),
        b"{broken\n",
    )
)


def opened(path: Path) -> Session:
    session = Session([path], SETTINGS)
    session.editor.open_journals()
    audit(session)
    return session


def audit(session: Session) -> None:
    for _ in session.audit(InlineExecutor(), 1):
        pass


def settle(session: Session) -> None:
    """Have the figures of what was edited follow."""
    from curator.analysis.chunk import analyse_bytes

    while True:
        if waiting := session.recount.waiting(100):
            source, texts = waiting
            lines = b"".join(text if text.endswith(b"\n") else text + b"\n" for _, _, text in texts)
            columns = analyse_bytes(lines, session.spec(source.opened)).columns
            session.recount.take(source, texts, columns, session.audits)
        elif missing := session.recount.missing_layer():
            for _ in figure_out(session, *missing, InlineExecutor(), 1):
                pass
        elif session.recount.settle(100):
            return


def looked(session: Session, *fixes: Fix, selection: Any = None) -> FixPreview:
    return [found for _, found in preview(session, fixes, InlineExecutor(), 1, selection)][-1]


def content(session: Session) -> bytes:
    return b"".join(session.line(position) for position in range(len(session)))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "six.jsonl"
    file.write_bytes(CONTENT)
    return file


MENDED = b"".join(
    (
        line(chat("one?", "One.")),
        line(weighed(chat("two?", "Two."), 1, 1)),
        line(chat("three?", "Three.", note=3)),
        line(chat("four?", "Four.", note=4)),
        b"{broken\n",
    )
)


def test_one_batch_mends_all_and_one_undo_takes_it_back(path: Path) -> None:
    session = opened(path)
    found = looked(session, *SAFE)
    assert content(session) == CONTENT
    assert found.changed == 4
    assert found.by_fix == {"line-ends": 2, "weights": 2, "blank-lines": 1}
    assert {number: count for number, count in found.mended.items() if number in (13, 35, 36)} == {13: 2, 35: 1, 36: 2}
    assert found.left[9] == 2
    done = commit(session, found)
    assert done.title == title_of(found)
    assert done.title.startswith("fix 4 records: ")
    assert content(session) == MENDED
    settle(session)
    assert session.totals.findings["CUR013"] == session.totals.findings["CUR035"] == 0
    assert not looked(session, *SAFE).changed
    session.editor.undo()
    settle(session)
    assert content(session) == CONTENT
    assert session.totals.findings["CUR013"] == 2
    session.editor.redo()
    session.close()
    again = opened(path)
    assert content(again) == MENDED
    again.close()


def test_a_fix_goes_to_the_records_with_its_finding_and_to_those_asked_alone(path: Path) -> None:
    session = opened(path)
    (source,) = session.sources
    found = looked(session, fix_named("weights"), selection={source: BitMap64([2, 4])})
    assert found.swept == {("weights",): {source: BitMap64([2])}}
    session.editor.tag({source: BitMap64([2])}, "ignore:CUR013", "excuse")
    found = looked(session, *SAFE)
    assert BitMap64([2]) == found.swept[("line-ends",)][source] - BitMap64([4])
    assert found.by_fix["weights"] == 1
    session.close()


def test_tags_of_messages_follow_and_the_rest_is_one_rule(tmp_path: Path) -> None:
    path = tmp_path / "two.jsonl"
    said = [{"role": "system", "content": " "}, *chat("why?", "So.")["messages"]]
    path.write_bytes(line({"messages": said}) * 2)
    session = opened(path)
    (source,) = session.sources
    session.editor.tag_message(session.record(0), 2, "good", "tag")
    both = {source: BitMap64([0, 1])}
    session.editor.mend([(both, Fixes(("empty-messages",)))], {}, "fix")
    assert content(session) == line(chat("why?", "So.")) * 2
    assert session.standing(0).message_tags == {1: frozenset({"good"})}
    assert source.edited.overlay.versions.sweeps[-1].records == BitMap64([1])
    session.editor.undo()
    assert session.standing(0).message_tags == {2: frozenset({"good"})}
    session.close()


def test_the_operation_is_stored_and_a_newer_one_refused() -> None:
    operation = Fixing(BitMap64([1, 5]), 7, FixingRule(Fixes(("weights", "spaces")), "openai-chat", True))
    stored = store(operation)
    assert restore(stored) == operation
    with pytest.raises(UnreadableError, match="newer curator"):
        restore(StoredOperation(stored.kind, 2, stored.payload, stored.ids))


def test_without_a_journal_for_records_that_are_written_elsewhere(path: Path) -> None:
    session = opened(path)
    put_into_force(session, looked(session, *SAFE))
    assert content(session) == MENDED
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    session.close()


def test_samples_are_of_each_kind_and_what_is_told_is_in_numbers(path: Path) -> None:
    session = opened(path)
    found = looked(session, *SAFE)
    shown = samples(session, found, 4)
    assert {one.record for one in shown} == {1, 2, 3, 4}
    assert [one.after for one in shown if one.record == 1] == [None]
    assert any("2  write weights as 0 or 1" in sentence for sentence in sentences(found))
    session.close()


def test_a_group_is_what_a_rule_finds_now(path: Path) -> None:
    from curator.analysis.lint.rules import BY_CODE

    session = opened(path)
    (source,) = session.sources
    group = ProblemGroup(BY_CODE["CUR009"])
    some = ProblemGroup(BY_CODE["CUR009"], "`note`", {0: BitMap64([4])})
    assert group.selection(session) == {source: BitMap64([3, 4])}
    assert (some.title, some.left(session)) == ("CUR009: `note`", 1)
    walk = session.walk
    assert walk.within(-1, 1, lambda one: group.records(session, one)) == 3
    assert walk.within(3, 1, lambda one: group.records(session, one)) == 4
    assert walk.within(4, 1, lambda one: group.records(session, one)) is None
    assert walk.within(3, -1, lambda one: group.records(session, one)) is None
    commit(session, looked(session, fix_named("unknown-keys"), selection={source: BitMap64([3])}))
    settle(session)
    assert group.selection(session) == {source: BitMap64([4])}
    session.editor.drop({source: BitMap64([4])}, "drop")
    assert group.selection(session) == {}
    session.close()


TEXTS = st.sampled_from(["", " ", "Hi", " Hi", "Hi.\n", "cafÃ©"])
ROLES = st.sampled_from(["system", "user", "assistant"])
MESSAGES = st.lists(
    st.builds(
        lambda role, text, more: {"role": role, "content": text, **more},
        ROLES,
        TEXTS,
        st.sampled_from([{}, {"weight": True}, {"weight": 0}, {"mood": 1}]),
    ),
    min_size=1,
    max_size=5,
)
LINES = st.builds(lambda messages, end: line({"messages": messages}, end), MESSAGES, st.sampled_from(["\n", "\r\n"]))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(LINES, st.just(b"\n")), max_size=6), st.booleans())
def test_after_fixing_nothing_is_left_that_a_fix_can_mend(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], unsafe: bool
) -> None:
    path = tmp_path_factory.mktemp("fixing") / "some.jsonl"
    path.write_bytes(b"".join(lines))
    session = opened(path)
    fixes = tuple(fix for fix in FIXES if (fix.safe or unsafe) and fix.name != "duplicates")
    found = looked(session, *fixes)
    put_into_force(session, found)
    once = content(session)
    settle(session)
    assert not looked(session, *fixes).changed
    session.close()
    path.write_bytes(once)
    again = opened(path)
    assert not looked(again, *fixes).changed
    again.close()
