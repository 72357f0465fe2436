"""One program at a time changes a journal."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import astuple, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from curator.storage.holder import Holder, holder_of, release, take, this_program
from curator.storage.journal import Journal, JournalError

TAKING = """
import sys
from pathlib import Path
from curator.storage.holder import take
from curator.storage.journal import Journal
assert take(Journal.open(Path(sys.argv[1]), read_only=False)) is None
print("taken", flush=True)
sys.stdin.read()
"""
needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only /proc tells when a program started")


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal.create(tmp_path / "data.jsonl.curator", b"{}")
    yield journal
    journal.close()


@pytest.fixture
def other(journal: Journal) -> Iterator[subprocess.Popen[str]]:
    """A real program that holds the journal."""
    with subprocess.Popen(
        [sys.executable, "-c", TAKING, journal.path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout
        assert program.stdout.readline() == "taken\n"
        yield program
        program.kill()


def put(journal: Journal, holder: Holder) -> None:
    with journal.file.writing() as connection:
        connection.execute("REPLACE INTO holder VALUES (1, ?, ?, ?, ?, ?, ?)", astuple(holder))


def test_a_free_journal_is_taken_and_let_go(journal: Journal) -> None:
    assert holder_of(journal) is None
    assert take(journal) is None
    held = holder_of(journal)
    assert held
    assert held.pid == os.getpid()
    assert held.is_same(this_program())
    release(journal)
    assert holder_of(journal) is None


def test_it_may_be_taken_again_by_the_same_program(journal: Journal) -> None:
    assert take(journal) is None
    assert take(journal) is None
    again = Journal.open(journal.path, read_only=False)
    assert take(again) is None
    again.append("again", [])
    journal.append("both may write", [])
    again.close()


def test_one_program_may_hold_two_journals(journal: Journal, tmp_path: Path) -> None:
    second = Journal.create(tmp_path / "second", b"{}")
    assert take(journal) is None
    assert take(second) is None
    second.close()


def test_a_live_program_is_in_the_way(journal: Journal, other: subprocess.Popen[str]) -> None:
    holder = take(journal)
    assert holder
    assert holder.pid == other.pid
    assert take(journal) == holder


def test_a_live_program_gives_way_to_force_and_can_no_longer_write(journal: Journal) -> None:
    loser = Journal.open(journal.path, read_only=False)
    assert take(loser) is None
    put(journal, replace(this_program(), host="another"))
    with pytest.raises(JournalError, match=r"on another since .* has taken it over; the change was not made"):
        loser.append("too late", [])
    with pytest.raises(JournalError, match="has taken it over"):
        loser.put_draft("0", b"too late")
    assert list(journal.batches()) == []
    release(loser)
    assert holder_of(journal)
    assert take(loser, force=True) is None
    assert loser.append("in time", []).number == 1
    loser.close()


def test_force_takes_it_from_a_live_program(journal: Journal, other: subprocess.Popen[str]) -> None:
    assert take(journal, force=True) is None
    held = holder_of(journal)
    assert held
    assert held.pid != other.pid


@needs_proc
def test_a_killed_program_gives_way(journal: Journal, other: subprocess.Popen[str]) -> None:
    other.kill()
    other.wait()
    assert take(journal) is None


@needs_proc
def test_a_killed_program_that_nobody_waited_for_gives_way(journal: Journal, other: subprocess.Popen[str]) -> None:
    other.kill()
    stat = Path(f"/proc/{other.pid}/stat")
    while b") Z" not in stat.read_bytes():
        time.sleep(0.001)
    assert take(journal) is None


@needs_proc
@pytest.mark.usefixtures("other")
def test_a_number_that_another_program_has_by_now_gives_way(journal: Journal) -> None:
    held = holder_of(journal)
    assert held
    put(journal, replace(held, started=held.started - 1))
    assert take(journal) is None


@pytest.mark.parametrize(
    "elsewhere", [replace(this_program(), host="another"), replace(this_program(), boot="another")]
)
def test_a_program_of_another_machine_or_boot_is_never_taken_for_gone(journal: Journal, elsewhere: Holder) -> None:
    put(journal, replace(elsewhere, pid=2**22 + 1))
    assert take(journal) is not None


def test_where_starts_are_not_told_a_number_in_use_counts_as_running() -> None:
    here = replace(this_program(), boot="", started=0)
    assert not replace(here, pid=os.getppid()).is_gone(here)
    assert replace(here, pid=2**22 + 1).is_gone(here)


def test_somebody_elses_journal_is_not_let_go(journal: Journal) -> None:
    put(journal, replace(this_program(), host="another"))
    release(journal)
    assert holder_of(journal)


def test_a_holder_is_described_by_who_where_and_when() -> None:
    today = datetime.now().replace(hour=14, minute=2)
    holder = Holder("anna", "labbox", "", 4711, 0, today.timestamp())
    assert holder.describe() == "anna on labbox since 14:02 (process 4711)"
    earlier = today - timedelta(days=400)
    assert replace(holder, since=earlier.timestamp()).describe() == (
        f"anna on labbox since {earlier:%Y-%m-%d} 14:02 (process 4711)"
    )


def test_a_user_without_a_name_has_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", {}.__getitem__)
    assert this_program().user == f"user {os.getuid()}"


def test_a_user_with_an_unreadable_name_can_hold_a_journal(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "ren\udce9e")
    assert take(journal) is None
    assert take(journal) is None
    held = holder_of(journal)
    assert held
    assert held.user == "ren\\udce9e"
