"""A journal keeps what it acknowledged, in order, whatever becomes of the program."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from killing import APPENDING, killed

from curator.errors import UnreadableError, UsageError
from curator.storage.journal import (
    FIRST_DERIVED_ID,
    NOWHERE,
    Journal,
    JournalError,
    Saved,
    StoredOperation,
    Unapplied,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data.jsonl.curator"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    journal = Journal.create(path, b'{"size":1}')
    yield journal
    journal.close()


@pytest.fixture(params=["log", "rollback"])
def of_either_kind(request: pytest.FixtureRequest, path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Journal]:
    """A journal as on a local file system, and one as on a network file system."""
    monkeypatch.setattr("curator.storage.journal_file.is_local", lambda _path: request.param == "log")
    with closing(Journal.create(path, b"{}")) as journal:
        yield journal


def operation(name: str = "x", ids: bytes | None = None) -> StoredOperation:
    return StoredOperation("replace", 1, name.encode(), ids)


def titles(journal: Journal) -> list[str]:
    return [batch.title for batch in journal.batches()]


# Batches, the cursor, texts.


def test_what_was_appended_is_read_back(journal: Journal, path: Path) -> None:
    steps = [operation("a", b"\x00ids"), StoredOperation("tag", 2, b"{}", None)]
    batch = journal.append("Tag 2 records", steps, group="g1")
    assert (batch.number, batch.title, batch.group, batch.operations) == (1, "Tag 2 records", "g1", tuple(steps))
    second = journal.append("Nothing", [])
    assert list(journal.batches()) == [batch, second]
    assert journal.cursor == 2
    journal.close()
    for read_only in (True, False):
        with closing(Journal.open(path, read_only)) as again:
            assert list(again.batches()) == [batch, second]
            assert again.cursor == 2


def test_lone_surrogates_in_words_for_the_user_are_spelled_out(journal: Journal) -> None:
    batch = journal.append("Replace \ud83d", [])
    journal.remember("filter", "\ud83d")
    journal.put_unapplied([Unapplied(1, 0.0, "\ud83d", "\ud83d", b"")])
    assert titles(journal) == [batch.title] == ["Replace \\ud83d"]
    assert journal.remembered("filter") == "\\ud83d"
    assert journal.unapplied() == [Unapplied(1, 0.0, "\\ud83d", "\\ud83d", b"")]


def test_undone_batches_stay_until_something_new_is_done(journal: Journal) -> None:
    first = journal.reserve_texts(3)
    for number in range(3):
        journal.append(f"{number}", [operation(str(number))], [(first + number, b"text")])
    journal.move_cursor(1)
    assert titles(journal) == ["0", "1", "2"]
    journal.move_cursor(3)
    journal.move_cursor(1)
    new = journal.reserve_texts(1)
    assert journal.append("new", [operation("new")], [(new, b"new")]).number == 2
    assert titles(journal) == ["0", "new"]
    assert [batch.operations for batch in journal.batches()] == [(operation("0"),), (operation("new"),)]
    assert journal.texts([first, new]) == {first: b"text", new: b"new"}
    for gone in (first + 1, first + 2):
        with pytest.raises(UnreadableError, match=rf"text {gone} is missing"):
            journal.text(gone)


def test_a_batch_may_take_the_place_of_the_last_ones(journal: Journal) -> None:
    for title in "abc":
        journal.append(title, [])
    assert journal.append("d", [], keep_to=1).number == 2
    assert titles(journal) == ["a", "d"]


@pytest.mark.parametrize("cursor", [-1, 2, 10**6])
def test_there_is_nothing_outside_the_history(journal: Journal, cursor: int) -> None:
    journal.append("one", [])
    with pytest.raises(UsageError, match=r"there is no state .*; the states are 0 to 1\."):
        journal.move_cursor(cursor)
    with pytest.raises(UsageError, match="there is no state"):
        journal.append("two", [], keep_to=cursor)
    assert (journal.cursor, titles(journal)) == (1, ["one"])


def test_numbers_in_use_are_never_handed_out_again(journal: Journal, path: Path) -> None:
    assert journal.reserve_ids(2) == FIRST_DERIVED_ID
    assert journal.reserve_ids(1) == FIRST_DERIVED_ID + 2
    assert (journal.reserve_texts(5), journal.reserve_texts(1)) == (1, 6)
    journal.append("one", [], [(6, b"six")])
    journal.move_cursor(0)
    journal.append("two", [])
    journal.close()
    with closing(Journal.open(path, read_only=False)) as again:
        assert again.reserve_ids(1) == FIRST_DERIVED_ID + 3
        assert again.reserve_texts(1) == 7


def test_a_number_used_twice_is_refused_and_changes_nothing(journal: Journal) -> None:
    number = journal.reserve_texts(1)
    journal.append("one", [], [(number, b"one")])
    journal.append("two", [])
    journal.move_cursor(1)
    with pytest.raises(JournalError, match="the change was not made, and nothing is lost"):
        journal.append("three", [operation()], [(number, b"other")])
    assert (titles(journal), journal.cursor, journal.text(number)) == (["one", "two"], 1, b"one")


def test_an_error_in_what_is_appended_changes_nothing(journal: Journal) -> None:
    def broken() -> Iterator[tuple[int, bytes]]:
        yield journal.reserve_texts(1), b"one"
        raise UnreadableError("data.jsonl: became shorter while it was open; open it again.")

    with pytest.raises(UnreadableError, match="became shorter"):
        journal.append("one", [], broken())
    assert (titles(journal), journal.cursor) == ([], 0)
    assert journal.append("two", []).number == 1


def test_the_first_original_of_a_line_is_kept(journal: Journal) -> None:
    journal.append("one", [], originals=[(7, 70, 10, b"first"), (3, 30, 10, b"three")])
    journal.append("two", [], originals=[(7, 0, 0, b"second")])
    assert list(journal.originals()) == [(3, 30, 10, b"three"), (7, 70, 10, b"first")]


def test_many_originals_come_page_by_page(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("curator.storage.journal.PAGE_ROWS", 4)
    for count in (0, 4, 5, 8):
        rows = [(number, number, 1, b"h") for number in range(count)]
        journal.append("more", [], originals=rows)
        assert list(journal.originals()) == rows


def test_threads_may_share_it(journal: Journal) -> None:
    def work(name: int) -> None:
        for _ in range(5):
            number = journal.reserve_texts(1)
            journal.append(str(name), [operation()], [(number, str(name).encode())])
            assert journal.text(number) == str(name).encode()
            assert len(list(journal.batches())) <= 20

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert [batch.number for batch in journal.batches()] == list(range(1, 21))
    assert sorted(titles(journal)) == sorted("0123" * 5)


def test_what_was_acknowledged_survives_a_kill(of_either_kind: Journal) -> None:
    path = of_either_kind.path
    of_either_kind.close()
    acknowledged = [int(line) for line in killed(APPENDING, path, lines=30)]
    assert acknowledged == list(range(1, len(acknowledged) + 1))
    with closing(Journal.open(path, read_only=False)) as journal:
        batches = list(journal.batches())
        assert journal.cursor == len(batches)
        assert len(acknowledged) <= len(batches) <= len(acknowledged) + 1
        for batch in batches:
            first = int(batch.operations[0].payload)
            numbers = range(first, first + 3)
            assert journal.texts(numbers) == {number: str(number).encode() * 2000 for number in numbers}
        assert len(list(journal.originals())) == len(batches)
        assert journal.reserve_texts(1) == len(batches) * 3 + 1
        assert journal.append("on we go", []).number == len(batches) + 1


# What undo does not touch.


def test_drafts_are_kept_replaced_and_dropped(journal: Journal, path: Path) -> None:
    journal.put_draft("3/0", b"Hello")
    journal.put_draft("4/0", b"There")
    journal.put_draft("3/0", b"Hello again")
    with closing(Journal.open(path, read_only=True)) as reader:
        kept = reader.drafts()
    assert [(key, payload) for key, _at, payload in kept] == [("4/0", b"There"), ("3/0", b"Hello again")]
    assert kept[0][1] <= kept[1][1]
    journal.drop_draft("4/0")
    journal.drop_draft("none")
    assert [key for key, *_ in journal.drafts()] == ["3/0"]


def test_small_things_are_remembered(journal: Journal) -> None:
    assert journal.remembered("position") is None
    journal.remember("position", "12")
    journal.remember("position", "13")
    assert journal.remembered("position") == "13"
    with journal.file.writing() as connection:
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_edits_without_a_place_are_kept_for_the_user(journal: Journal) -> None:
    rows = [Unapplied(5, 1.5, "Edit record 3", "line 3 is another now", b"{}"), Unapplied(2, 1.0, "Tag", "gone", b"[]")]
    journal.put_unapplied(rows)
    assert journal.unapplied() == rows
    journal.drop_unapplied()
    assert journal.unapplied() == []


def test_the_state_of_a_save_above_the_cursor_is_nowhere_after_its_batches_are_discarded(journal: Journal) -> None:
    journal.append("one", [])
    journal.append("two", [])
    journal.replace_saved(Saved(2, b"runs", b"{}"))
    journal.move_cursor(1)
    assert journal.saved.cursor == 2
    journal.append("other two", [])
    assert journal.saved == Saved(NOWHERE, b"runs", b"{}")
