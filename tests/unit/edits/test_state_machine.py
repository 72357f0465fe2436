"""Random editing of a real file, compared at every step with plain lists and whole states."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from unittest.mock import patch

import pytest
from edited_files import MARK, SETTINGS, chat, physical_lines, wait_for_no_growth, written
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from pyroaring import BitMap64

from curator.edits import saving as edits_saving
from curator.edits.labels import Verdict
from curator.edits.opening import Opened
from curator.edits.saving import plan_save, write_copy
from curator.records.find_replace import Replacement, Search
from curator.session import Record, Session
from curator.session.editor import Piece
from curator.session.saving import save
from curator.session.working_source import WorkingSource
from curator.storage.journal import Journal

WORDS = ("cat", "dog", "cow", "a cat and a dog")
LINES = st.one_of(
    st.builds(chat, st.sampled_from(WORDS), st.sampled_from(WORDS)),
    st.builds(chat, st.sampled_from(WORDS)),
    st.sampled_from([b"", b"  ", b'{"messages": cat', b"[]", b"\xff cat", b'{"messages": [], "n": 1e400}']),
)
ENDS = st.sampled_from([b"\n", b"\n", b"\r\n"])
NUMBERS = st.integers(0, 7)
TAGS = st.sampled_from(["good", "bad"])


class KilledError(BaseException):
    """Stands for the end of the program in the middle of something."""


@dataclass(frozen=True)
class State:
    """All that is to be seen of a file at one moment."""

    order: tuple[int, ...]
    lines: dict[int, bytes]
    dropped: frozenset[int] = frozenset()
    tags: dict[int, frozenset[str]] = field(default_factory=dict)
    verdicts: dict[int, Verdict] = field(default_factory=dict)
    notes: dict[int, str] = field(default_factory=dict)
    message_tags: dict[int, dict[int, frozenset[str]]] = field(default_factory=dict)

    @property
    def seen(self) -> list[int]:
        return [one for one in self.order if one not in self.dropped]

    def with_line(self, record: int, line: bytes) -> State:
        return replace(self, lines={**self.lines, record: line})

    def placed(self, records: Iterable[int], behind: int | None) -> State:
        """Records right behind another one, or at the start."""
        at = 0 if behind is None else self.order.index(behind) + 1
        return replace(self, order=(*self.order[:at], *records, *self.order[at:]))

    def without(self, records: Iterable[int]) -> State:
        gone = set(records)
        return replace(self, order=tuple(one for one in self.order if one not in gone))

    def renumbered(self) -> State:
        """With the records' lines as their ids, and without those that are dropped."""
        ids = {record: line for line, record in enumerate(self.seen)}

        def by_line(known: dict[int, object]) -> dict[int, object]:
            return {ids[record]: value for record, value in known.items() if record in ids}

        labels = {name: by_line(getattr(self, name)) for name in ("tags", "verdicts", "notes", "message_tags")}
        return State(tuple(ids.values()), by_line(self.lines), **labels)  # type: ignore[arg-type]


class Editing(RuleBasedStateMachine):
    """One file, one journal, one session at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(prefix="curator-editing-"))
        self.copies = 0
        self.states: list[State] = []
        self.at = 0
        self.journal_begun = False

    @initialize(
        lines=st.lists(st.tuples(LINES, ENDS), max_size=7),
        again=st.booleans(),
        mark=st.booleans(),
        last=st.one_of(st.none(), LINES.filter(bool)),
    )
    def begin(self, lines: list[tuple[bytes, bytes]], again: bool, mark: bool, last: bytes | None) -> None:
        content = b"".join(line + end for line, end in lines * (1 + again)) + (last or b"")
        folder = self.root / "0"
        folder.mkdir()
        self.path = folder / "a.jsonl"
        self.path.write_bytes((MARK if mark else b"") + content)
        known = physical_lines(self.path.read_bytes())
        self.states = [State(tuple(range(len(known))), dict(enumerate(known)))]
        self.open(Opened.NONE)

    def open(self, expected: Opened) -> None:
        self.session = Session([self.path], SETTINGS)
        (self.source,) = self.session.sources
        ((_, outcome),) = self.session.editor.open_journals()
        assert outcome is expected
        self.source.opened.index.finish()

    def teardown(self) -> None:
        self.session.close()
        shutil.rmtree(self.root)

    # The model

    @property
    def state(self) -> State:
        return self.states[self.at]

    def did(self, after: State) -> None:
        self.states[self.at + 1 :] = [after]
        self.at += 1
        self.journal_begun = True

    def pick(self, number: int) -> Record:
        return self.session.record(number % len(self.session))

    def some(self, numbers: Iterable[int]) -> tuple[BitMap64, dict[WorkingSource, BitMap64]]:
        seen = self.state.seen
        records = BitMap64({seen[number % len(seen)] for number in numbers})
        return records, {self.source: records}

    # Changes of records

    @precondition(lambda self: self.state.seen)
    @rule(number=NUMBERS, line=LINES.filter(bool), flipped=st.booleans())
    def rewrite(self, number: int, line: bytes, flipped: bool) -> None:
        record = self.pick(number)
        here = record.place.id
        self.session.editor.rewrite(record, line, "rewrite", (1, 0) if flipped else None)
        after = self.state.with_line(here, line + record.line_end)
        if flipped:
            tags = self.state.message_tags.get(here, {})
            kept = {now: tags[before] for now, before in enumerate((1, 0)) if before in tags}
            after = replace(after, message_tags=self.labelled(after.message_tags, here, kept))
        self.did(after)

    @staticmethod
    def labelled(known: dict, record: int, label: object) -> dict:  # type: ignore[type-arg]
        """Labels with another one for a record, or none."""
        others = {one: value for one, value in known.items() if one != record}
        return {**others, record: label} if label else others

    @precondition(lambda self: self.state.seen)
    @rule(number=NUMBERS)
    def duplicate(self, number: int) -> None:
        record = self.pick(number)
        here = record.place.id
        done = self.session.editor.duplicate(record)
        assert done.at
        self.derived([done.at.id], [record.line if record.line_end else record.line + b"\n"], here, {here: 0})

    def derived(
        self,
        new: list[int],
        lines: list[bytes],
        behind: int | None,
        models: dict[int, int],
        places: list[tuple[int | None, ...] | None] | None = None,
        gone: Iterable[int] = (),
    ) -> None:
        """The model of new records with the tags of those that they are made of."""
        before = self.state
        after = before.placed(new, behind).without(gone)
        tags = frozenset().union(*(before.tags.get(one, frozenset()) for one in models))
        for record, line, where in zip(new, lines, places or [None] * len(new), strict=True):
            named = {
                start + message: names
                for one, start in models.items()
                for message, names in before.message_tags.get(one, {}).items()
            }
            if where is not None:
                named = {now: named[old] for now, old in enumerate(where) if old is not None and old in named}
            after = replace(
                after.with_line(record, line),
                tags=self.labelled(after.tags, record, tags),
                message_tags=self.labelled(after.message_tags, record, named),
            )
        self.did(after)

    @rule(number=NUMBERS, at_start=st.booleans(), line=LINES)
    def insert(self, number: int, at_start: bool, line: bytes) -> None:
        behind = None if at_start or not self.state.seen else self.pick(number)
        done = self.session.editor.insert(self.source, line, behind)
        assert done.at
        end = (behind.line_end if behind else b"") or b"\n"
        self.derived([done.at.id], [line + end], behind and behind.place.id, {})

    @precondition(lambda self: self.state.seen)
    @rule(number=NUMBERS, both=st.booleans(), pieces=st.lists(st.tuples(LINES, st.booleans()), min_size=1, max_size=3))
    def replace(self, number: int, both: bool, pieces: list[tuple[bytes, bool]]) -> None:
        record = self.pick(number)
        records = [record]
        if both and record.position + 1 < len(self.session):
            records.append(self.session.record(record.position + 1))
        made: list[Piece] = [(line, (1, None, 0) if flipped else None) for line, flipped in pieces]
        self.session.editor.replace_each([(records, made)], "replace")
        start, models = 0, {}
        for one in records:
            models[one.place.id] = start
            start += len(one.conversation.messages)
        ids = [self.session.listing.locate(record.position + place)[1] for place in range(len(made))]
        lines = [line + (record.line_end or b"\n") for line, _ in made]
        self.derived(ids, lines, record.place.id, models, [places for _, places in made], list(models))

    @precondition(lambda self: self.state.seen)
    @rule(number=NUMBERS, step=st.sampled_from([-1, 1]))
    def move(self, number: int, step: int) -> None:
        seen = self.state.seen
        position = number % len(seen)
        done = self.session.editor.move(position, step)
        assert (done is not None) == (0 <= position + step < len(seen))
        if done:
            before = position + 1 if step > 0 else position - 2
            here = seen[position]
            self.did(self.state.without([here]).placed([here], seen[before] if before >= 0 else None))

    @precondition(lambda self: self.state.seen)
    @rule(numbers=st.lists(NUMBERS, min_size=1, max_size=4))
    def drop(self, numbers: list[int]) -> None:
        records, selection = self.some(numbers)
        self.session.editor.drop(selection, "drop")
        self.did(replace(self.state, dropped=self.state.dropped | set(records)))

    @precondition(lambda self: self.state.dropped)
    @rule(number=NUMBERS)
    def restore(self, number: int) -> None:
        here = sorted(self.state.dropped)[number % len(self.state.dropped)]
        self.session.editor.drop({self.source: BitMap64([here])}, "restore", on=False)
        self.did(replace(self.state, dropped=self.state.dropped - {here}))

    @precondition(lambda self: self.state.seen)
    @rule(numbers=st.lists(NUMBERS, min_size=1, max_size=6), pair=st.permutations(["cat", "dog", "cow"]))
    def sweep(self, numbers: list[int], pair: list[str]) -> None:
        records, selection = self.some(numbers)
        old, new = pair[:2]
        self.session.editor.sweep(selection, Replacement(Search(old), new), "sweep")
        after = self.state
        for record in records:
            line = after.lines[record]
            if line.startswith(b'{"messages": [{'):
                after = after.with_line(record, line.replace(old.encode(), new.encode()))
        self.did(after)

    # Labels

    @precondition(lambda self: self.state.seen)
    @rule(numbers=st.lists(NUMBERS, min_size=1, max_size=4), tag=TAGS, on=st.booleans())
    def tag(self, numbers: list[int], tag: str, on: bool) -> None:
        records, selection = self.some(numbers)
        self.session.editor.tag(selection, tag, "tag", on=on)
        tags = self.state.tags
        for record in records:
            held = tags.get(record, frozenset())
            tags = self.labelled(tags, record, held | {tag} if on else held - {tag})
        self.did(replace(self.state, tags=tags))

    @precondition(lambda self: self.state.seen)
    @rule(number=NUMBERS, message=st.integers(0, 2), tag=TAGS, on=st.booleans())
    def tag_message(self, number: int, message: int, tag: str, on: bool) -> None:
        record = self.pick(number)
        self.session.editor.tag_message(record, message, tag, "tag message", on=on)
        known = self.state.message_tags.get(record.place.id, {})
        held = known.get(message, frozenset())
        after = self.labelled(known, message, held | {tag} if on else held - {tag})
        all_tags = self.labelled(self.state.message_tags, record.place.id, after)
        self.did(replace(self.state, message_tags=all_tags))

    @precondition(lambda self: self.state.seen)
    @rule(numbers=st.lists(NUMBERS, min_size=1, max_size=4), verdict=st.one_of(st.none(), st.sampled_from(Verdict)))
    def review(self, numbers: list[int], verdict: Verdict | None) -> None:
        records, selection = self.some(numbers)
        self.session.editor.review(selection, verdict, "review")
        verdicts = self.state.verdicts
        for record in records:
            verdicts = self.labelled(verdicts, record, verdict)
        self.did(replace(self.state, verdicts=verdicts))

    @precondition(lambda self: self.state.seen)
    @rule(number=NUMBERS, note=st.sampled_from(["", "one", "two\nlines"]))
    def note(self, number: int, note: str) -> None:
        (record,), selection = self.some([number])
        self.session.editor.note(selection, note, "note")
        self.did(replace(self.state, notes=self.labelled(self.state.notes, record, note)))

    # Undo and redo

    @rule(times=st.integers(1, 3))
    def undo(self, times: int) -> None:
        for _ in range(times):
            assert (self.session.editor.undo() is not None) == (self.at > 0)
            self.at = max(0, self.at - 1)

    @rule(times=st.integers(1, 3))
    def redo(self, times: int) -> None:
        for _ in range(times):
            assert (self.session.editor.redo() is not None) == (self.at < len(self.states) - 1)
            self.at = min(len(self.states) - 1, self.at + 1)

    @precondition(lambda self: self.journal_begun)
    @rule(number=NUMBERS)
    def go_to(self, number: int) -> None:
        to = number % len(self.states)
        assert self.source.edited.journal
        floor = self.source.edited.journal.floor
        assert self.session.editor.go_to(self.source, floor + to) == abs(to - self.at)
        self.at = to

    # Saving

    def saved_bytes(self) -> bytes:
        """What a save has to write."""
        mark = self.path.read_bytes().startswith(MARK)
        lines = [self.session.line(position) for position in range(len(self.session))]
        return written(lines, mark=mark)

    @rule()
    def save(self) -> None:
        expected = self.saved_bytes()
        plan = plan_save(self.source.edited)
        assert not plan.same or expected == self.path.read_bytes()
        assert plan.bytes == len(expected)
        report = save(self.session, self.source, plan)
        self.journal_begun = True
        assert self.path.read_bytes() == expected
        assert report.proof.bytes == len(expected)
        assert plan.changed + plan.added + plan.identical == len(self.state.seen)

    @rule()
    def save_and_cut_undo(self) -> None:
        expected = self.saved_bytes()
        with patch.object(edits_saving, "UNDO_BUDGET", 0):
            plan = plan_save(self.source.edited)
            cut = plan.cuts_undo
            save(self.session, self.source, plan)
        self.journal_begun = True
        assert self.path.read_bytes() == expected
        if cut:
            self.states, self.at = [self.state.renumbered()], 0

    @rule()
    def save_as(self) -> None:
        target = self.root / "copy.jsonl"
        expected, before = self.saved_bytes(), self.path.read_bytes()
        write_copy(self.source.edited, plan_save(self.source.edited), target)
        assert target.read_bytes() == expected
        assert self.path.read_bytes() == before

    @rule(renamed=st.booleans(), cut=st.booleans())
    def be_killed_while_saving(self, renamed: bool, cut: bool) -> None:
        """The program ends right before the rename, or right after it."""
        before, expected = self.path.read_bytes(), self.saved_bytes()
        snapshot = self.next_folder()

        def die(*_: object) -> None:
            shutil.copytree(self.path.parent, snapshot)
            raise KilledError

        where: tuple[type, str] = (Journal, "complete_save") if renamed else (Path, "replace")
        with patch.object(edits_saving, "UNDO_BUDGET", 0 if cut else 1 << 20):
            plan = plan_save(self.source.edited)
            with patch.object(*where, die), pytest.raises(KilledError):
                save(self.session, self.source, plan)
            cut = plan.cuts_undo
        self.go_on_in(snapshot)
        assert self.path.read_bytes() == (expected if renamed else before)
        if cut and (renamed or before == expected):
            self.states, self.at = [self.state.renumbered()], 0

    # Opening

    def next_folder(self) -> Path:
        self.copies += 1
        return self.root / str(self.copies)

    def go_on_in(self, folder: Path) -> None:
        """Leave everything as it is and go on with a copy of the files."""
        self.session.close()
        shutil.rmtree(self.path.parent)
        self.path = folder / self.path.name
        self.journal_begun = (folder / "a.jsonl.curator").exists()
        self.open(Opened.READY if self.journal_begun else Opened.NONE)

    @rule()
    def reopen(self) -> None:
        self.session.close()
        self.open(Opened.READY if self.journal_begun else Opened.NONE)

    @rule()
    def be_killed(self) -> None:
        folder = self.next_folder()
        shutil.copytree(self.path.parent, folder)
        self.go_on_in(folder)

    @rule(line=LINES, end=st.booleans(), while_open=st.booleans())
    def grow(self, line: bytes, end: bool, while_open: bool) -> None:
        """A generator appends a line, which has no line end yet perhaps."""
        if not while_open:
            self.session.close()
        content = self.path.read_bytes()
        gap = b"\n" if physical_lines(content) and not content.endswith(b"\n") else b""
        more = line + (b"\n" if end or not line else b"")
        with self.path.open("ab") as file:
            file.write(gap + more)
        if while_open:
            assert self.source.grow(self.session.limit)
            self.source.opened.index.finish()
            wait_for_no_growth(self.source)
        else:
            self.open(Opened.READY if self.journal_begun else Opened.NONE)
        new = self.source.edited.known_lines - 1
        self.states = [
            one.with_line(new, more).placed([new], one.order[-1] if one.order else None) for one in self.states
        ]

    # What must hold

    @invariant()
    def all_is_as_in_the_model(self) -> None:
        if self.states:
            for with_dropped in (True, False):
                self.session.listing.with_dropped = with_dropped
                self.compare(self.state.order if with_dropped else self.state.seen)
            assert self.source.edited.undoable is None if not self.at else self.source.edited.undoable is not None

    def compare(self, records: Iterable[int]) -> None:
        session, state = self.session, self.state
        assert [session.listing.locate(position)[1] for position in range(len(session))] == list(records)
        in_file = physical_lines(self.path.read_bytes())
        for position, record in enumerate(records):
            found = session.record(position)
            line, known = found.line, state.lines[record]
            assert line == known or (line == known + b"\n" and not known.endswith(b"\n"))
            assert session.line_length(position) == len(line)
            assert session.listing.position_of(self.source, record) == position
            assert (found.line_number is None) == (self.source.edited.content.saved.lines.place_of(record) is None)
            if found.line_number is not None and self.source.edited.content.line_number(record) is not None:
                assert in_file[found.line_number - 1] == line
            standing = session.standing(position)
            assert standing.dropped == (record in state.dropped)
            assert standing.tags == tuple(sorted(state.tags.get(record, ())))
            assert standing.verdict == state.verdicts.get(record)
            assert standing.note == state.notes.get(record, "")
            assert standing.message_tags == state.message_tags.get(record, {})


TestEditing = Editing.TestCase
TestEditing.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
