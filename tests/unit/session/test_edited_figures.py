"""Figures follow what is edited: they are those of an audit of the file as it would be written."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from pyroaring import BitMap64

from curator.analysis.chunk import analyse_bytes
from curator.analysis.totals import Totals
from curator.edits import saving as edits_saving
from curator.edits.labels import Verdict
from curator.edits.saving import plan_save, write_copy
from curator.engine import audit as engine_audit
from curator.engine.executors import InlineExecutor
from curator.records.find_replace import Replacement, Search
from curator.session import Place, Row, Session
from curator.session.saving import save
from curator.session.sweeping import figure_out, find_changes
from curator.session.working_source import WorkingSource
from curator.settings import Settings
from curator.storage.live import GrowthWatch

SETTINGS = Settings(workers=-1, accelerate=False, dialect="openai-chat", context_length=60)
OTHER_LENGTHS = (0, 25, 60)


def chat(*contents: str) -> bytes:
    roles = ("user", "assistant")
    messages = [{"role": roles[place % 2], "content": content} for place, content in enumerate(contents)]
    return json.dumps({"messages": messages}).encode()


SOUND = st.builds(chat, st.sampled_from(["cat", "a dog", "a cat and a dog"]), st.sampled_from(["cow", "dog " * 30]))
LINES = st.one_of(SOUND, SOUND, st.builds(chat, st.just("cat")), st.sampled_from([b"  ", b"{cat", b"[]"]))
NUMBERS = st.integers(0, 7)


def fresh_totals(path: Path, settings: Settings, *, whole: bool = True) -> Totals:
    session = Session([path], settings)
    for _ in session.audit(InlineExecutor(), 1):
        pass
    if whole:
        session.file_findings.follow(InlineExecutor())
    totals = session.totals
    session.close()
    return totals


def plain(totals: Totals) -> dict[str, object]:
    """Totals without what is counted as none, or depends on which of several records stands first."""
    names = [name for name in Totals.__slots__ if name not in ("findings", "dialects")]
    counters = {name: {code: n for code, n in getattr(totals, name).items() if n} for name in ("findings", "dialects")}
    counters["findings"].pop("CUR042", None)
    return {name: getattr(totals, name) for name in names} | counters


class Figuring(RuleBasedStateMachine):
    """A file that is edited while its figures follow, sometimes at once and sometimes later."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="curator-figures-"))
        self.path = self.folder / "a.jsonl"
        self.settings = SETTINGS
        self.small_chunks = patch.multiple(engine_audit, CHUNK_BYTES=(200,), LARGEST_CHUNK=200)
        self.small_chunks.start()

    @initialize(lines=st.lists(LINES, max_size=8), ended=st.booleans())
    def begin(self, lines: list[bytes], ended: bool) -> None:
        self.path.write_bytes(b"\n".join(lines) + (b"\n" if lines and ended else b""))
        self.open()

    def open(self) -> None:
        self.session = Session([self.path], self.settings)
        (self.source,) = self.session.sources
        self.session.editor.open_journals()
        self.source.opened.index.finish()
        self.as_opened = not self.source.edited.touched
        self.save_pending = False
        """Whether the figures of a file that was saved are not all known yet."""
        self.measured_from: bytes | None = self.content if self.as_opened else None
        """What the records were that changes are measured from, with what was appended; None while that is open."""

    @property
    def content(self) -> bytes:
        """The file as it would be written."""
        target = self.folder / "content.jsonl"
        write_copy(self.source.edited, plan_save(self.source.edited), target)
        content = target.read_bytes()
        target.unlink()
        return content

    def counted_anew(self) -> None:
        if not self.as_opened:
            self.measured_from = None

    def teardown(self) -> None:
        self.all_is_known(0)
        self.session.close()
        self.small_chunks.stop()
        shutil.rmtree(self.folder)

    # Changes

    def some(self, numbers: list[int]) -> dict[WorkingSource, BitMap64]:
        length = len(self.session)
        return {self.source: BitMap64({self.session.listing.locate(one % length)[1] for one in numbers})}

    @precondition(lambda self: len(self.session))
    @rule(number=NUMBERS, line=LINES)
    def rewrite(self, number: int, line: bytes) -> None:
        self.session.editor.rewrite(self.session.record(number % len(self.session)), line, "rewrite")

    @precondition(lambda self: len(self.session))
    @rule(number=NUMBERS)
    def duplicate(self, number: int) -> None:
        self.session.editor.duplicate(self.session.record(number % len(self.session)))

    @rule(line=LINES)
    def insert(self, line: bytes) -> None:
        self.session.editor.insert(self.source, line, None)

    @precondition(lambda self: len(self.session))
    @rule(number=NUMBERS, pieces=st.lists(LINES, min_size=1, max_size=3))
    def split(self, number: int, pieces: list[bytes]) -> None:
        record = self.session.record(number % len(self.session))
        self.session.editor.replace_each([([record], [(line, None) for line in pieces])], "split")

    @precondition(lambda self: len(self.session))
    @rule(number=NUMBERS, step=st.sampled_from([-1, 1]))
    def move(self, number: int, step: int) -> None:
        self.session.editor.move(number % len(self.session), step)

    @precondition(lambda self: len(self.session))
    @rule(numbers=st.lists(NUMBERS, min_size=1, max_size=3))
    def drop(self, numbers: list[int]) -> None:
        self.session.editor.drop(self.some(numbers), "drop")

    @precondition(lambda self: len(self.session))
    @rule(numbers=st.lists(NUMBERS, min_size=1, max_size=3))
    def review(self, numbers: list[int]) -> None:
        self.session.editor.review(self.some(numbers), Verdict.ACCEPTED, "accept")

    @rule(pair=st.permutations(["cat", "dog", "cow"]), chosen=st.one_of(st.none(), NUMBERS))
    def sweep(self, pair: list[str], chosen: int | None) -> None:
        replacement = Replacement(Search(pair[0]), f"{pair[1]} or {pair[2]}")
        found: dict[WorkingSource, BitMap64] = {}
        for source, records in find_changes(self.session, replacement, InlineExecutor(), 1):
            found[source] = found.get(source, BitMap64()) | records
        positions = range(len(self.session))
        expected = {
            self.session.listing.locate(at)[1]
            for at in positions
            if self.session.line(at).startswith(b'{"messages": [{') and pair[0].encode() in self.session.line(at)
        }
        assert set(found[self.source]) == expected
        if chosen is not None:
            found[self.source] = BitMap64(sorted(expected)[chosen % (len(expected) + 1) :])
        if found[self.source]:
            self.session.editor.sweep(found, replacement, "sweep")

    @rule(times=st.integers(1, 3))
    def undo(self, times: int) -> None:
        for _ in range(times):
            self.session.editor.undo()

    @rule(times=st.integers(1, 3))
    def redo(self, times: int) -> None:
        for _ in range(times):
            self.session.editor.redo()

    @rule(numbers=st.lists(NUMBERS, max_size=5))
    def choose(self, numbers: list[int]) -> None:
        self.session.chosen.choose("marked", self.some(numbers) if len(self.session) else {})

    @rule(cut=st.booleans())
    def save(self, cut: bool) -> None:
        self.as_opened = False
        if not self.session.complete:
            self.measured_from = None
        with patch.object(edits_saving, "UNDO_BUDGET", 0 if cut else 1 << 20):
            save(self.session, self.source, plan_save(self.source.edited))
        self.save_pending = not self.session.complete

    @rule(line=LINES)
    def grow(self, line: bytes) -> None:
        content = self.path.read_bytes()
        if self.save_pending:
            self.measured_from, self.save_pending = None, False
        if self.measured_from is not None:
            ended = not self.measured_from or self.measured_from.endswith(b"\n")
            self.measured_from += (b"" if ended else b"\n") + line
        with self.path.open("ab") as file:
            file.write((b"\n" if content and not content.endswith(b"\n") else b"") + line)
        self.source.grow(self.session.limit)
        self.source.opened.index.finish()
        self.source.growth = GrowthWatch(self.path)

    @rule()
    def reopen(self) -> None:
        self.session.close()
        self.open()

    # What goes on behind the screen

    @rule()
    def audit(self) -> None:
        self.counted_anew()
        for _ in self.session.audit(InlineExecutor(), 1):
            pass

    @rule(chunks=st.integers(0, 2))
    def begin_an_audit(self, chunks: int) -> None:
        if chunks:
            self.counted_anew()
        for _, _ in zip(range(chunks), self.session.audit(InlineExecutor(), 1), strict=False):
            pass

    @rule(length=st.sampled_from(OTHER_LENGTHS))
    def choose_limit(self, length: int) -> None:
        self.settings = self.session.settings = replace(self.settings, context_length=length)
        assert not self.session.choose_model(self.session.model.id)
        self.counted_anew()

    @rule()
    def work_off_some(self) -> None:
        waiting = self.session.recount.waiting(2)
        if waiting:
            self.count(*waiting)
        self.session.recount.settle(1)
        self.session.chosen.settle(1)

    def count(self, source: WorkingSource, texts: list[tuple[int, int, bytes]]) -> None:
        content = b"".join(line if line.endswith(b"\n") else line + b"\n" for _, _, line in texts)
        report = analyse_bytes(content, self.session.spec(source.opened))
        self.session.recount.take(source, texts, report.columns, self.session.audits)

    @rule(chunks=st.integers(0, 2))
    def begin_a_layer(self, chunks: int) -> None:
        missing = self.session.recount.missing_layer()
        if missing:
            for _, _ in zip(range(chunks), figure_out(self.session, *missing, InlineExecutor(), 1), strict=False):
                pass

    def work_off(self) -> None:
        for _ in self.session.audit_more(InlineExecutor(), 1):
            pass
        for _ in range(100):
            missing = self.session.recount.missing_layer()
            if missing:
                for _ in figure_out(self.session, *missing, InlineExecutor(), 1):
                    pass
            waiting = self.session.recount.waiting(3)
            if waiting:
                self.count(*waiting)
            if not missing and not waiting and self.session.recount.settle(1):
                return
        raise AssertionError("figures are asked for without end")

    @rule(start=NUMBERS)
    def all_is_known(self, start: int) -> None:
        self.work_off()
        self.session.file_findings.follow(InlineExecutor())
        target = self.folder / "copy.jsonl"
        write_copy(self.source.edited, plan_save(self.source.edited), target)
        assert plain(self.session.totals) == plain(fresh_totals(target, self.settings))
        self.rows_are_those_of_the_copy(target)
        self.chosen_ones_add_up()
        self.changes_are_those_since_opening(target)
        self.walks_find_the_nearest(start)
        self.findings_name_records_that_are_there()

    def rows_are_those_of_the_copy(self, target: Path) -> None:
        session = Session([target], self.settings)
        for _ in session.audit(InlineExecutor(), 1):
            pass
        session.file_findings.follow(InlineExecutor())
        try:
            assert len(session) == len(self.session)
            for position in range(len(session)):
                assert in_any_order(self.session.row(position)) == in_any_order(session.row(position))
        finally:
            session.close()

    def chosen_ones_add_up(self) -> None:
        chosen = self.session.chosen
        while not chosen.settle(1):
            pass
        assert chosen.settled
        marked = chosen.records_of(self.source)
        rows = [self.session.row(at) for at in range(len(self.session)) if self.session.listing.locate(at)[1] in marked]
        totals = chosen.totals
        assert totals.lines == len(rows)
        assert totals.tokens == sum(row.tokens for row in rows if row)
        assert totals.trained_tokens == sum(row.trained for row in rows if row)
        assert totals.over_context == sum(row.over_context for row in rows if row)

    def changes_are_those_since_opening(self, now: Path) -> None:
        change = self.session.change_since_opening
        assert change is not None
        self.save_pending = False
        if self.measured_from is None:
            self.measured_from = self.content
        before = self.folder / "before.jsonl"
        before.write_bytes(self.measured_from)
        expected = fresh_totals(now, self.settings, whole=False)
        expected.subtract(fresh_totals(before, self.settings, whole=False))
        assert plain(change) == plain(expected)

    def findings_name_records_that_are_there(self) -> None:
        session = self.session
        for position in range(len(session)):
            source, record = session.listing.locate(position)
            place = Place(source.number, record)
            named: list[Place] = []
            said = session.file_findings.of_record(place, lambda other, named=named: named.append(other) or "it")
            assert {int(one.code[3:]) for one in said} == {
                rule for rule, records in source.file_wide.records.items() if record in records
            }
            assert all(session.listing.position_of(source, other.id) not in (None, position) for other in named)

    def walks_find_the_nearest(self, start: int) -> None:
        session, length = self.session, len(self.session)
        rows = [session.row(position) for position in range(length)]
        bad = [at for at, row in enumerate(rows) if row and (row.findings or row.over_context)]
        unseen = [at for at in range(length) if session.standing(at).verdict is None]
        for position in {start % (length + 1), 0, length - 1}:
            for step in (1, -1):
                assert session.next_problem(position, step) == nearest(bad, position, step)
                found = session.walk.without(position, step, lambda one: one.edited.overlay.labels.reviewed)
                assert found == nearest(unseen, position, step)

    @invariant()
    def what_is_known_never_is_wrong(self) -> None:
        """Rows of edited records are of the text in force."""
        if hasattr(self, "session"):
            for position in range(len(self.session)):
                row = self.session.row(position)
                assert row is None or row.messages == len(self.session.record(position).conversation.messages)


def in_any_order(row: Row | None) -> Row | None:
    """A row without what depends on which of several records stands first: those that come later are copies."""
    return row and replace(row, findings=row.findings & ~(1 << 21 | 1 << 42))


def nearest(positions: list[int], after: int, step: int) -> int | None:
    known = [one for one in positions if (one > after if step > 0 else one < after)]
    return (min(known) if step > 0 else max(known)) if known else None


TestFiguring = Figuring.TestCase
TestFiguring.settings = settings(max_examples=50, stateful_step_count=25, deadline=None)


@pytest.mark.parametrize("saved", [False, True])
@pytest.mark.parametrize("known_before", [False, True])
def test_a_swept_record_that_was_edited_has_its_figures_when_that_is_undone(saved: bool, known_before: bool) -> None:
    """Also where the file does not stand as the journal was begun with it, so that no worker can follow the sweep."""
    figuring = Figuring()
    figuring.begin([chat("cat", "cow")] * 4, ended=True)
    if saved:
        figuring.rewrite(3, chat("a dog"))
        figuring.save(cut=False)
    figuring.sweep(["cat", "dog", "cow"], 0)
    if known_before:
        figuring.work_off()
    figuring.rewrite(1, chat("a cow", "cow"))
    figuring.work_off()
    figuring.undo(1)
    figuring.teardown()


def test_figures_of_a_sweep_that_were_begun_twice_are_those_of_their_records() -> None:
    figuring = Figuring()
    figuring.begin([chat("cat", "dog " * length) for length in range(1, 9)], ended=True)
    figuring.sweep(["cat", "dog", "cow"], 0)
    figuring.begin_a_layer(2)
    figuring.teardown()


def test_what_was_undone_before_it_was_counted_is_asked_for_no_more() -> None:
    figuring = Figuring()
    figuring.begin([chat("cat", "cow")], ended=True)
    figuring.insert(chat("a dog"))
    figuring.rewrite(1, chat("cow"))
    figuring.undo(2)
    assert figuring.session.recount.waiting(5) is None
    figuring.teardown()
