"""Shortening in a session: the preview is what an audit finds afterwards, one undo takes all back, byte for byte."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap64

from curator.analysis.chunk import analyse_bytes
from curator.analysis.prompts_seen import LONGEST_TEXT
from curator.analysis.totals import Totals
from curator.edits.operations import Shortening
from curator.edits.rule import ShorteningRule
from curator.edits.saving import plan_save
from curator.edits.stored import restore, store
from curator.engine import audit as engine_audit
from curator.engine.executors import InlineExecutor
from curator.errors import UnreadableError
from curator.records.find_replace import Replacement, Search
from curator.records.short_prompt import ShortPrompt, Stay
from curator.session import Session
from curator.session.editor import Selection
from curator.session.saving import save
from curator.session.shortening import Preview, preview, prompts_of, put_into_force, samples, whole_text
from curator.session.shortening_figures import figures_of, told_of
from curator.settings import Settings
from curator.storage.journal import StoredOperation

SETTINGS = Settings(workers=-1, accelerate=False, context_length=60)
LONG = "You are a careful examiner of students, and never tell."


def chat(prompt: str, number: int, **more: Any) -> dict[str, Any]:
    said = [("system", prompt)] if prompt else []
    said += [("user", f"cat {number}"), ("assistant", "meow " * (number % 9 + 1)), ("user", "why?")]
    messages = [{"role": role, "content": content} for role, content in [*said, ("assistant", "so " * 20)]]
    return {"messages": messages, "meta": {"lang": "de"}, **more}


def lines_of(prompts: list[str]) -> bytes:
    return b"".join(json.dumps(chat(one, number)).encode() + b"\r\n" for number, one in enumerate(prompts))


PROMPTS = [LONG, "Another.", "", f"{LONG} Be kind.", LONG]


def opened(path: Path, settings: Settings = SETTINGS) -> Session:
    session = Session([path], settings)
    session.editor.open_journals()
    return session


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_audit, "CHUNK_BYTES", (700,))
    monkeypatch.setattr(engine_audit, "LARGEST_CHUNK", 700)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    path = tmp_path / "a.jsonl"
    path.write_bytes(lines_of(PROMPTS * 4) + b"\n{broken\n" + json.dumps({"messages": []}).encode())
    one = opened(path)
    yield one
    one.close()


def tried(session: Session, prompt: ShortPrompt, selection: Selection | None = None) -> Preview:
    *_, (share, found) = preview(session, prompt, InlineExecutor(), 1, selection)
    assert share == 1
    return found


def lines_now(session: Session) -> list[bytes]:
    session.sources[0].opened.index.finish()
    return [session.line(position) for position in range(len(session))]


def audited(session: Session) -> Totals:
    """What an audit of the records as they are finds."""
    totals = Totals()
    data = b"".join(line if line.endswith(b"\n") else line + b"\n" for line in lines_now(session))
    totals.add(analyse_bytes(data, session.spec(session.sources[0].opened)).columns, session.limit)
    return totals


def commit(session: Session, found: Preview) -> None:
    session.editor.sweep(found.records, found.prompt, "shorten")


@pytest.mark.parametrize(
    "prompt",
    [
        ShortPrompt(LONG, "Brief."),
        ShortPrompt(LONG, ""),
        ShortPrompt(LONG, "Brief, in {meta.lang}."),
        ShortPrompt(LONG, "Brief.{rest}", begins=True),
        ShortPrompt(LONG, "{rest}", begins=True),
    ],
)
def test_the_preview_is_what_comes_of_it_and_undo_takes_all_back(session: Session, prompt: ShortPrompt) -> None:
    before, totals = lines_now(session), audited(session)
    found = tried(session, prompt)
    assert (found.sums.tokens, found.sums.billed) == (totals.tokens, totals.billed_tokens)
    assert found.changed == (12 if prompt.begins else 8) == sum(map(len, found.records.values()))
    assert found.sums.examples == found.changed + sum(found.stay.values())
    commit(session, found)
    after = audited(session)
    assert (found.sums.short_tokens, found.sums.short_billed) == (after.tokens, after.billed_tokens)
    changed = [
        number for number, (one, other) in enumerate(zip(before, lines_now(session), strict=True)) if one != other
    ]
    assert changed == list(found.records[session.sources[0]])
    assert len(session.sources[0].edited.batches) == 1
    session.editor.undo()
    assert lines_now(session) == before


def test_figures_in_a_context(session: Session) -> None:
    found = tried(session, ShortPrompt(LONG, "Brief."))
    turns = found.turns
    assert (turns.records, turns.turns) == (8, 16)
    assert turns.fit < turns.short_fit <= turns.turns
    room = turns.room(1_000)
    assert room
    assert room[0] < room[1]
    figures = figures_of(session, found)
    assert figures.training[0] == session.cost(audited(session)).training
    assert figures.training[1] < figures.training[0]  # type: ignore[operator]
    told = "\n".join(told_of(session, found, figures))
    assert told.startswith("8 of 21 records: their system prompts give way to the short one.")
    assert "a call, on average" in told
    assert f"8 stay as they are: {Stay.OTHER}." in told


def test_some_records_alone(session: Session) -> None:
    (source,) = session.sources
    found = tried(session, ShortPrompt(LONG, "Brief."), {source: BitMap64([0, 1, 5, 9])})
    assert found.records == {source: BitMap64([0, 5, 9])}
    assert found.sums.examples == 4
    assert found.stay == {Stay.OTHER: 1}
    (first, *_) = samples(session, found)
    assert (first.record, first.before, first.after) == (0, LONG, "Brief.")


def test_records_as_they_are_now_and_after_a_save(session: Session) -> None:
    (source,) = session.sources
    session.editor.drop({source: BitMap64([0])}, "drop")
    session.editor.sweep({source: BitMap64([4, 5])}, Replacement(Search("careful"), "careless"), "replace")
    session.editor.duplicate(session.record(8))
    prompt = ShortPrompt(LONG, "Brief.")
    found = tried(session, prompt)
    assert len(found.records[source]) == found.changed == 6
    commit(session, found)
    short = lines_now(session)
    source.opened.index.finish()
    save(session, source, plan_save(source.edited))
    assert lines_now(session) == short
    back = tried(session, ShortPrompt("Brief.", LONG))
    assert back.changed == 6
    session.editor.undo()
    again = tried(session, prompt)
    assert again.records == found.records
    assert again.sums.examples == found.sums.examples


def test_what_was_done_counts_once_before_the_lines_are_known(session: Session) -> None:
    (source,) = session.sources
    commit(session, tried(session, ShortPrompt(LONG, "Brief.")))
    again = opened(source.opened.path)
    assert len(again.sources[0].opened.index) < len(source.opened.index)
    assert tried(again, ShortPrompt("Brief.", LONG)).sums.examples == 21
    again.close()


def test_prompts_are_ranked_by_what_they_cost_now(session: Session) -> None:
    *_, (_, seen) = prompts_of(session, InlineExecutor(), 1)
    assert [(one.text, one.records, one.calls) for one in seen.ranked()] == [
        (LONG, 8, 16),
        (f"{LONG} Be kind.", 4, 8),
        ("Another.", 4, 8),
    ]
    commit(session, tried(session, ShortPrompt(LONG, "Brief.")))
    *_, (_, seen) = prompts_of(session, InlineExecutor(), 1)
    assert {one.text: one.records for one in seen.ranked()}["Brief."] == 8


def test_the_whole_text_of_a_very_long_prompt_is_looked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    long = "word " * LONGEST_TEXT
    path.write_bytes(lines_of(["", long]))
    session = opened(path)
    *_, (_, seen) = prompts_of(session, InlineExecutor(), 1)
    (one,) = seen.ranked()
    assert len(one.text) < len(long)
    assert whole_text(session, one, InlineExecutor(), 1) == long
    session.close()


def test_tags_on_messages_follow_a_prompt_that_is_removed(session: Session) -> None:
    (source,) = session.sources
    labels = source.edited.overlay.labels
    source.opened.index.finish()
    session.editor.tag_message(session.record(0), 2, "good", "tag")
    session.editor.tag_message(session.record(1), 2, "other", "tag")
    commit(session, tried(session, ShortPrompt(LONG, "")))
    assert labels.message_tags == {0: {1: frozenset({"good"})}, 1: {2: frozenset({"other"})}}
    assert b"careful" not in lines_now(session)[0]
    session.editor.undo()
    assert labels.message_tags[0] == {2: frozenset({"good"})}
    commit(session, tried(session, ShortPrompt(LONG, "Brief.")))
    assert labels.message_tags[0] == {2: frozenset({"good"})}


def test_a_journal_is_opened_again(session: Session) -> None:
    (source,) = session.sources
    commit(session, tried(session, ShortPrompt(LONG, "Brief.{rest}", begins=True)))
    short = lines_now(session)
    again = opened(source.opened.path)
    assert lines_now(again) == short
    again.close()


def test_a_rule_is_stored_under_a_kind_of_its_own() -> None:
    operation = Shortening(BitMap64([1, 5]), 7, ShorteningRule(ShortPrompt("a", "{rest}", True), "alpaca", True))
    stored = store(operation)
    assert (stored.kind, stored.version) == ("shorten", 1)
    assert restore(stored) == operation
    with pytest.raises(UnreadableError, match="newer curator"):
        restore(StoredOperation("shorten", 2, stored.payload, stored.ids))


def test_what_an_older_journal_holds_is_read() -> None:
    search = {"pattern": "cat", "regex": False, "ignore_case": None, "roles": ["user"]}
    rule = {"replacement": {"search": search, "text": "dog"}, "dialect": "openai-chat", "only_dialect": False}
    payload = orjson.dumps({"number": 3, "rule": rule})
    operation = restore(StoredOperation("sweep", 1, payload, bytes(BitMap64([2]).serialize())))
    assert store(operation).kind == "sweep"


def test_without_a_journal_for_what_is_written_elsewhere(session: Session) -> None:
    put_into_force(session, tried(session, ShortPrompt(LONG, "Brief.")))
    assert sum(b"Brief." in line for line in lines_now(session)) == 8
    assert not session.sources[0].edited.journal_path.exists()


TEXTS = st.sampled_from(["", LONG, f"{LONG} More.", "Another.", "{meta.lang}"])


@settings(max_examples=40)
@given(
    st.lists(TEXTS, min_size=1, max_size=8),
    st.lists(st.tuples(TEXTS, TEXTS, st.booleans()), min_size=1, max_size=3),
)
def test_undo_gives_identical_bytes(
    tmp_path_factory: pytest.TempPathFactory, prompts: list[str], steps: list[tuple[str, str, bool]]
) -> None:
    path = tmp_path_factory.mktemp("shorten") / "a.jsonl"
    path.write_bytes(lines_of(prompts))
    session = opened(path)
    states = [lines_now(session)]
    for long, short, begins in steps:
        found = tried(session, ShortPrompt(long or LONG, short, begins))
        if found.changed:
            commit(session, found)
            states.append(lines_now(session))
            totals = audited(session)
            assert (found.sums.short_tokens, found.sums.short_billed) == (totals.tokens, totals.billed_tokens)
        stays = [n for n, line in enumerate(states[-1]) if n not in found.records.get(session.sources[0], ())]
        assert all(states[-1][n] == states[-2 if found.changed else -1][n] for n in stays)
    for state in states[-2::-1]:
        session.editor.undo()
        assert lines_now(session) == state
    assert b"".join(states[0]) == path.read_bytes()
    session.close()


def test_real_conversations(shared_data: Path, tmp_path: Path) -> None:
    content = gzip.decompress((shared_data / "chat" / "tau_airline_gpt4o.jsonl.gz").read_bytes())
    path = tmp_path / "tau.jsonl"
    path.write_bytes(content)
    session = opened(path, Settings(workers=-1, accelerate=False))
    *_, (_, seen) = prompts_of(session, InlineExecutor(), 1)
    (one,) = seen.ranked()
    found = tried(session, ShortPrompt(one.text, "You are an airline agent."))
    assert found.changed == one.records == 200
    commit(session, found)
    totals = audited(session)
    assert (found.sums.short_tokens, found.sums.short_billed) == (totals.tokens, totals.billed_tokens)
    assert found.sums.tokens - totals.tokens == 200 * (one.tokens - 6)
    session.editor.undo()
    assert b"".join(lines_now(session)) == content
    session.close()


SAMPLES = Path(__file__).resolve().parents[3] / "samples"


@pytest.mark.parametrize("short", ["Brief.", "", "Brief, {messages.0.role}."])
@pytest.mark.parametrize("name", sorted(one.stem for one in SAMPLES.glob("*.jsonl")))
def test_the_preview_of_each_dialect_is_what_an_audit_finds(tmp_path: Path, name: str, short: str) -> None:
    path = tmp_path / f"{name}.jsonl"
    path.write_bytes((SAMPLES / path.name).read_bytes())
    session = opened(path, Settings(workers=-1, accelerate=False))
    before = lines_now(session)
    *_, (_, seen) = prompts_of(session, InlineExecutor(), 1)
    for prompt in seen.ranked(5):
        found = tried(session, ShortPrompt(prompt.text, short))
        totals = audited(session)
        assert (found.sums.tokens, found.sums.billed) == (totals.tokens, totals.billed_tokens)
        if found.changed:
            assert found.changed == prompt.records
            commit(session, found)
            totals = audited(session)
            assert (found.sums.short_tokens, found.sums.short_billed) == (totals.tokens, totals.billed_tokens)
            session.editor.undo()
    assert lines_now(session) == before
    session.close()
