"""Compressed files and standard input on the screen."""

from __future__ import annotations

import gzip
import shlex
import sys
from pathlib import Path
from threading import Event

import pytest
from piloting import WIDE, Driven, chat, running, write
from tmux import terminal_of

from curator.session import Session
from curator.session.access import first_lines
from curator.settings import Settings
from curator.storage import unpacked
from curator.tui.app import CuratorApp


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    plain = write(tmp_path / "x.jsonl", (chat(f"question {n}", "answer" * 2000) for n in range(300)))
    path = tmp_path / "x.jsonl.gz"
    path.write_bytes(gzip.compress(plain.read_bytes()))
    return path


async def test_it_is_shown_edited_and_saved_like_any_other_file(packed: Path) -> None:
    before = gzip.decompress(packed.read_bytes()).splitlines()
    async with running(packed, size=WIDE) as run:
        await run.audited()
        await run.go_to(2)
        await run.press("x", "ctrl+s")
        await run.asked("Save x.jsonl.gz?")
        await run.press("s")
        await run.said("read back and proved")
        assert gzip.decompress(packed.read_bytes()).splitlines() == before[:1] + before[2:]
        await run.until(lambda: run.app.screen is run.main)
        await run.audited()
        assert len(run.app.session) == 299


async def test_what_is_unpacked_so_far_can_be_read_already(packed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = Event()
    write_all = unpacked._write

    def slowly(descriptor: int, block: bytes) -> None:
        write_all(descriptor, block)
        go_on.wait(20)

    monkeypatch.setattr(unpacked, "_write", slowly)
    monkeypatch.setattr("curator.storage.packing.PLAIN_BLOCK", 1 << 18)
    session = Session([packed], Settings(), first_lines)
    app = CuratorApp(session, session.editor.open_journals())
    try:
        async with app.run_test(size=WIDE, notifications=True) as pilot:
            run = Driven(app, pilot)
            go_on.set()
            await run.until(lambda: session.data.whole)
            await run.audited()
            assert len(session) == 300 and session.totals.records == 300
    finally:
        go_on.set()
        app.background.stop()
        session.close()


async def test_a_damaged_file_is_told_once(packed: Path) -> None:
    packed.write_bytes(packed.read_bytes()[:-8])
    async with running(packed, size=WIDE) as run:
        await run.said("ends in the middle of its gzip data")
        assert len(run.app.session) == 300
        await run.press("x", "ctrl+s")
        await run.asked("It cannot be saved in place.")


def test_records_from_a_pipe_and_keys_from_the_terminal(packed: Path, tmp_path: Path) -> None:
    with terminal_of(tmp_path, 80, 24) as terminal:
        command = shlex.join([sys.executable, "-m", "curator", "-"])
        terminal.type(f"echo before; zcat {shlex.quote(packed.name)} | {command}; echo ended with $?")
        terminal.keys("Enter")
        terminal.wait_for("standard input")
        terminal.wait_for("of 300")
        terminal.type("G")
        terminal.wait_for("line 300 of 300")
        terminal.type("q")
        terminal.wait_for_end(0)


def test_names_that_are_proposed_keep_the_compression() -> None:
    from curator.session.naming import proposed_beside

    assert proposed_beside(Path("a/x.jsonl.gz"), "edited") == Path("a/x.edited.jsonl.gz")
    assert proposed_beside(Path("x.jsonl"), "edited") == Path("x.edited.jsonl")
    assert proposed_beside(Path("-"), "edited") == Path("input.edited.jsonl")
