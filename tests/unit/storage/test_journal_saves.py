"""A save is complete or undone, wherever the program ended; and any sequence of changes is as a plain list has it."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from curator.errors import UnreadableError, UsageError
from curator.storage.journal import NOWHERE, Intent, Journal, JournalError, Saved, StoredOperation, Unapplied

SAVING = """
import sys
from itertools import count
from pathlib import Path
from curator.storage.journal import Intent, Journal
journal = Journal.open(Path(sys.argv[1]), read_only=False)
for save in count(1):
    befores = [(save * 1000 + number, b"x" * 3000) for number in range(50)]
    journal.begin_save(Intent(b"%d" % save, 0, b"%d" % save, befores))
    print("begun", save, flush=True)
    journal.complete_save() if save % 2 else journal.discard_save()
    print("settled", save, flush=True)
"""
BASELINE = (StoredOperation("tags", 1, b"{}", b"ids"), StoredOperation("notes", 1, b"[]", None))


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal.create(tmp_path / "journal", b"old")
    journal.append("one", [StoredOperation("edit", 1, b"1", None)], [(journal.reserve_texts(1), b"one")])
    journal.append("two", [StoredOperation("edit", 1, b"2", None)], originals=[(2, 0, 1, b"hash")])
    yield journal
    journal.close()


def test_a_complete_save_is_what_was_intended(journal: Journal) -> None:
    journal.begin_save(Intent(b"new", 2, b"runs", [(1, b"line 1\n"), (2, b"line 2\n")]))
    assert journal.saved == Saved(0, b"", b"old")
    assert journal.intent == Intent(b"new", 2, b"runs")
    journal.complete_save()
    assert journal.saved == Saved(2, b"runs", b"new")
    assert journal.intent is None
    assert (journal.before(1), journal.before(2), journal.before(3)) == (b"line 1\n", b"line 2\n", None)
    assert (journal.cursor, journal.floor, journal.text(1)) == (2, 0, b"one")


def test_a_discarded_save_leaves_nothing(journal: Journal) -> None:
    journal.begin_save(Intent(b"first", 1, b"runs", [(1, b"line 1\n")]))
    journal.complete_save()
    journal.begin_save(Intent(b"new", 2, b"more", [(1, b"later"), (2, b"line 2\n")], cut=True, baseline=BASELINE))
    journal.discard_save()
    assert journal.saved == Saved(1, b"runs", b"first")
    assert (journal.before(1), journal.before(2), journal.intent) == (b"line 1\n", None, None)
    assert [batch.operations[0].kind for batch in journal.batches()] == ["edit", "edit"]
    with journal.file.reading() as connection:
        assert connection.execute("SELECT count(*) FROM operations").fetchone() == (2,)


def test_the_first_line_before_is_kept_over_later_saves(journal: Journal) -> None:
    for content in (b"first", b"second"):
        journal.begin_save(Intent(b"new", 2, b"", [(1, content)]))
        journal.complete_save()
    assert journal.before(1) == b"first"


def test_a_save_that_cuts_the_history_leaves_its_baseline(journal: Journal) -> None:
    journal.put_draft("0", b"draft")
    journal.put_unapplied([Unapplied(1, 0.0, "t", "r", b"")])
    ids, texts = journal.reserve_ids(5), journal.reserve_texts(5)
    journal.append("three", [])
    journal.move_cursor(2)
    journal.begin_save(Intent(b"new", 2, b"runs", cut=True, baseline=BASELINE))
    assert journal.intent == Intent(b"new", 2, b"runs", cut=True, baseline=BASELINE)
    journal.complete_save()
    (only,) = journal.batches()
    assert (only.number, only.operations) == (2, BASELINE)
    assert (journal.cursor, journal.floor, journal.saved) == (2, 2, Saved(2, b"runs", b"new"))
    assert list(journal.originals()) == []
    with pytest.raises(UsageError, match="the states are 2 to 2"):
        journal.move_cursor(1)
    with pytest.raises(UnreadableError, match="text 1 is missing"):
        journal.text(1)
    assert journal.append("next", []).number == 3
    assert (journal.reserve_ids(1), journal.reserve_texts(1)) == (ids + 5, texts + 5)
    assert (len(journal.drafts()), len(journal.unapplied())) == (1, 1)


def test_a_cut_gives_room_back(journal: Journal) -> None:
    journal.append("big", [], [(journal.reserve_texts(1), b"x" * 5_000_000)])
    journal.begin_save(Intent(b"new", 3, b"", cut=True))
    journal.complete_save()
    journal.close()
    assert journal.path.stat().st_size < 200_000


def test_a_save_that_is_under_way_is_not_begun_again(journal: Journal) -> None:
    journal.begin_save(Intent(b"new", 2, b""))
    with pytest.raises(JournalError, match="another save is not complete yet"):
        journal.begin_save(Intent(b"newer", 2, b"", [(9, b"nine")]))
    assert journal.intent == Intent(b"new", 2, b"")
    assert journal.before(9) is None


def test_no_save_cannot_be_settled(journal: Journal) -> None:
    for settle in (journal.complete_save, journal.discard_save):
        with pytest.raises(JournalError, match="no save is under way"):
            settle()


def test_edits_during_a_save_stay(journal: Journal) -> None:
    journal.begin_save(Intent(b"new", 2, b"runs"))
    journal.append("meanwhile", [])
    journal.complete_save()
    assert journal.saved.cursor == 2
    assert len(list(journal.batches())) == 3


def test_a_state_that_was_discarded_during_its_save_is_nowhere(journal: Journal) -> None:
    journal.begin_save(Intent(b"new", 2, b"runs"))
    journal.append("instead", [], keep_to=1)
    journal.complete_save()
    assert journal.saved == Saved(NOWHERE, b"runs", b"new")


def test_edits_during_a_save_that_cuts_the_history_have_to_wait(journal: Journal) -> None:
    journal.begin_save(Intent(b"new", 2, b"runs", cut=True))
    with pytest.raises(JournalError, match="try again when it is complete"):
        journal.append("meanwhile", [])
    with pytest.raises(JournalError, match="try again when it is complete"):
        journal.move_cursor(1)
    journal.discard_save()
    journal.append("now", [])


def test_lines_before_may_be_read_from_the_journal_itself(journal: Journal) -> None:
    journal.begin_save(Intent(b"new", 2, b"", ((number, journal.text(1)) for number in range(3))))
    journal.complete_save()
    assert journal.before(2) == b"one"


def test_an_error_in_the_lines_before_begins_no_save(journal: Journal) -> None:
    def broken() -> Iterator[tuple[int, bytes]]:
        yield 1, b"line 1\n"
        raise UnreadableError("data.jsonl: became shorter while it was open; open it again.")

    with pytest.raises(UnreadableError, match="became shorter"):
        journal.begin_save(Intent(b"new", 2, b"", broken()))
    assert (journal.intent, journal.before(1)) == (None, None)


@pytest.mark.parametrize("lines", [1, 2, 3, 4, 9])
def test_killed_anywhere_in_a_save_it_can_be_settled(tmp_path: Path, lines: int) -> None:
    path = tmp_path / "journal"
    Journal.create(path, b"0").close()
    command = [sys.executable, "-c", SAVING, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout
        said = [program.stdout.readline() for _ in range(lines)]
        program.send_signal(signal.SIGKILL)
        said += [line for line in program.stdout if line.endswith("\n")]
    begun = [int(line.split()[1]) for line in said if line.startswith("begun")]
    settled = [int(line.split()[1]) for line in said if line.startswith("settled")]
    with closing(Journal.open(path, read_only=False)) as journal:
        intent, last = journal.intent, int(journal.saved.fingerprint)
        if intent:
            assert int(intent.fingerprint) in (begun[-1], begun[-1] + 1)
            assert int(intent.fingerprint) == max(settled, default=0) + 1
            journal.discard_save()
        completed = [save for save in settled if save % 2]
        assert last in (max(completed, default=0), begun[-1])
        for save in range(1, begun[-1] + 2):
            kept = sum(journal.before(save * 1000 + number) is not None for number in range(50))
            assert kept == (50 if save % 2 and save <= last else 0)


class Histories(RuleBasedStateMachine):
    """A journal beside a plain list of its batches, each with its number, title and text."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "journal"
        self.batches: list[tuple[int, str, int, bytes]] = []
        self.cursor = self.floor = 0
        self.saved = 0
        self.used: set[int] = set()

    @initialize()
    def begin(self) -> None:
        self.journal = Journal.create(self.path, b"{}")

    @rule(title=st.text(max_size=5), text=st.binary(max_size=5), reserved=st.integers(1, 3))
    def do(self, title: str, text: bytes, reserved: int) -> None:
        number = self.journal.reserve_texts(reserved) + reserved - 1
        assert number not in self.used
        self.used.add(number)
        batch = self.journal.append(title, [StoredOperation("k", 1, text, None)], [(number, text)])
        self.batches = [kept for kept in self.batches if kept[0] <= self.cursor]
        if self.saved > self.cursor:
            self.saved = NOWHERE
        self.cursor += 1
        assert batch.number == self.cursor
        self.batches.append((batch.number, title, number, text))

    @rule(part=st.floats(0, 1))
    def go(self, part: float) -> None:
        last = max([self.floor, *(number for number, *_ in self.batches)])
        self.cursor = self.floor + round(part * (last - self.floor))
        self.journal.move_cursor(self.cursor)

    @rule(complete=st.booleans(), reopened=st.booleans())
    def save(self, complete: bool, reopened: bool) -> None:
        self.journal.begin_save(Intent(b"f", self.cursor, b"l", [(1, b"x")]))
        if reopened:
            self.reopen()
        if complete:
            self.journal.complete_save()
            self.saved = self.cursor
        else:
            self.journal.discard_save()

    @precondition(lambda self: self.cursor > 1)
    @rule()
    def cut(self) -> None:
        self.journal.begin_save(Intent(b"f", self.cursor, b"l", cut=True))
        self.journal.complete_save()
        self.saved = self.floor = self.cursor
        self.batches = []

    @rule()
    def reopen(self) -> None:
        self.journal.close()
        self.journal = Journal.open(self.path, read_only=False)

    @invariant()
    def the_journal_is_as_the_list(self) -> None:
        assert (self.journal.cursor, self.journal.floor) == (self.cursor, self.floor)
        assert self.journal.saved.cursor == self.saved
        stored = [batch for batch in self.journal.batches() if batch.operations]
        assert [(batch.number, batch.title, batch.operations[0].payload) for batch in stored] == [
            (number, title, text) for number, title, _, text in self.batches
        ]
        texts = {number: text for _, _, number, text in self.batches}
        assert self.journal.texts(texts) == texts
        for gone in self.used - texts.keys():
            with pytest.raises(UnreadableError):
                self.journal.text(gone)

    def teardown(self) -> None:
        self.journal.close()
        self.folder.cleanup()


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=30, stateful_step_count=15, deadline=None)
