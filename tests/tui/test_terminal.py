"""The program on real terminals: what it writes, how it leaves, and what it leaves behind."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from piloting import chat, write
from pty_driver import Terminal
from tmux import MARKER, PROJECT, Tmux, command_of, programs, terminal_of, until

OWN_SEQUENCES = {b"22;default"}
"""What the program sends as operating system commands: the shape of the mouse pointer, and nothing else."""


@pytest.fixture(params=[(80, 24), (200, 50)], ids=["80x24", "200x50"])
def tmux(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Tmux]:
    """A terminal by tmux, in both sizes."""
    with terminal_of(tmp_path, *request.param) as terminal:
        yield terminal


small = pytest.mark.parametrize("tmux", [(80, 24)], ids=["80x24"], indirect=True)


@pytest.fixture
def records(tmp_path: Path) -> Path:
    """Three hundred records, the 250th of them no JSON."""
    sound = (chat(f"question {n}", f"answer {n}") for n in range(1, 301))
    return write(tmp_path / "records.jsonl", ["{" if n == 250 else one for n, one in enumerate(sound, 1)])


def test_a_visit_from_opening_to_leaving(tmux: Tmux, records: Path) -> None:
    tmux.run(records.name)
    tmux.wait_for("question 1")
    tmux.wait_for("audit complete")
    tmux.keys("j")
    tmux.wait_for("#2 ")
    tmux.keys("NPage")
    until(lambda: "▌  2 " not in tmux.screen, "a page")
    tmux.keys("G")
    tmux.wait_for("300 of 300")
    tmux.wait_for("answer 300")
    tmux.keys("g", "]")
    tmux.wait_for("250 of 300")
    tmux.wait_for("CUR033")
    tmux.keys("L")
    tmux.wait_for("edition")
    tmux.keys("j", "Enter")
    until(lambda: "encoding" not in tmux.screen and "audit complete" in tmux.screen, lambda: tmux.screen)
    tmux.keys("q")
    tmux.wait_for_end(0)


@small
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_signals_end_the_program_and_give_the_terminal_back(
    tmux: Tmux, records: Path, number: signal.Signals, code: int
) -> None:
    tmux.run(records.name)
    tmux.wait_for("audit complete")
    os.kill(tmux.program, number)
    tmux.wait_for_end(code)


@small
def test_a_killed_program_leaves_no_worker_behind(tmux: Tmux, records: Path) -> None:
    tmux.run(records.name)
    tmux.wait_for("audit complete")
    assert len(programs(tmux.marker)) > 2
    os.kill(tmux.program, signal.SIGKILL)
    until(lambda: not programs(tmux.marker), lambda: f"the end of {[*map(command_of, programs(tmux.marker))]}")


@small
def test_a_suspended_program_comes_back_with_its_screen(tmux: Tmux, records: Path) -> None:
    tmux.run(records.name)
    tmux.wait_for("audit complete")
    tmux.keys("5", "j")
    tmux.wait_for("6 of 300")
    tmux.keys("C-z")
    tmux.wait_for("before")
    tmux.keys("fg", "Enter")
    tmux.wait_for("6 of 300")
    tmux.wait_for("question 6")
    tmux.keys("j")
    tmux.wait_for("7 of 300")
    tmux.keys("q")
    until(lambda: not programs(tmux.marker), "the end")


@small
def test_a_file_that_is_shortened_while_open_is_told(tmux: Tmux, tmp_path: Path) -> None:
    path = write(tmp_path / "shrinks.jsonl", (chat(f"a question of some length, {n}", "an answer") for n in range(300)))
    tmux.run(path.name)
    tmux.wait_for("audit complete")
    os.truncate(path, 1000)
    tmux.keys("G")
    tmux.wait_for("cannot be read any more")
    until(lambda: "became shorter" in tmux.screen or tmux.keys("k"), lambda: f"the sentence on\n{tmux.screen}")
    tmux.keys("g", "j", "q")
    tmux.wait_for_end(0)


@small
def test_data_on_standard_input_is_refused_in_a_sentence(tmux: Tmux, records: Path) -> None:
    command = shlex.join([sys.executable, "-m", "curator", records.name])
    tmux.keys("-l", f"cat {records.name} | {command}; echo ended with $?")
    tmux.keys("Enter")
    tmux.wait_for("ended with 2")
    assert "there is no terminal to show the screen on" in " ".join(tmux.screen.split())


def test_without_a_terminal_the_program_says_so(records: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "curator", str(records)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=PROJECT,
        check=False,
    )
    assert ended.returncode == 2
    assert not ended.stdout
    assert "there is no terminal to show the screen on" in ended.stderr
    assert "Traceback" not in ended.stderr


# The bytes that reach a terminal


@pytest.fixture
def pty_environment() -> dict[str, str]:
    return {"PYTHONPATH": str(PROJECT), MARKER: uuid.uuid4().hex}


def curator(*paths: Path) -> list[str]:
    return [sys.executable, "-m", "curator", *map(str, paths)]


def test_a_step_within_the_screen_costs_few_bytes_and_the_reader_follows(
    records: Path, pty_environment: dict[str, str]
) -> None:
    with Terminal(curator(records), environment=pty_environment) as terminal:
        terminal.wait_for("audit complete")
        terminal.wait_for("#1 ")
        terminal.wait_for_quiet(0.3)
        for number in range(2, 8):
            pressed = terminal.press("j")
            assert pressed is not None
            assert pressed.bytes < 200
            terminal.wait_for(f"#{number} ")
            terminal.wait_for(f"answer {number}")
            terminal.wait_for_quiet(0.1)
        terminal.send("q")
        assert terminal.wait_for_exit() == 0


def test_hostile_text_sends_nothing_of_its_own_to_the_terminal(project: Path, pty_environment: dict[str, str]) -> None:
    with Terminal(curator(project / "samples" / "terminal_attack.jsonl"), environment=pty_environment) as terminal:
        terminal.wait_for("audit complete")
        for number in range(2, 26):
            terminal.send("j")
            terminal.wait_for(f"#{number} ")
        for keys in ("\tG", "v", "G", "v", "\x1b[Z"):
            terminal.send(keys)
            terminal.wait_for_quiet(0.1)
        terminal.send("?")
        terminal.wait_for("next record")
        terminal.send("q")
        terminal.wait_until(lambda screen: "next record" not in screen)
        terminal.send("q")
        assert terminal.wait_for_exit() == 0
        raw = bytes(terminal.raw)
    text = raw.decode("utf-8")
    assert set(re.findall(rb"\x1b\]([^\x07\x1b]*)", raw)) <= OWN_SEQUENCES
    assert not re.search(r"\x1b[PX^_kc#*+()]", text)
    assert not re.search("[\x00-\x06\x08\x0b-\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
    kinds = {final for _, final in re.findall(r"\x1b\[([0-9;:?<>=$ ]*)([@-~])", text)}
    assert kinds <= set("HmhlnpuqJK"), kinds
    modes = set(re.findall(r"\x1b\[\?([0-9;]+)[hl]", text))
    assert modes <= {"1049", "25", "1004", "2004", "2026", "2048", "7"}, modes


def test_a_frame_waits_for_the_terminal_that_shows_the_one_before(
    tmp_path: Path, pty_environment: dict[str, str]
) -> None:
    path = write(tmp_path / "records.jsonl", (chat(f"question {n}", f"answer {n}") for n in range(300)))
    with Terminal(curator(path), environment=pty_environment, bits_a_second=256_000) as terminal:
        terminal.wait_for("audit complete")
        terminal.wait_for_quiet(0.5)
        held = terminal.hold("j", 60, 60)
        terminal.wait_for("61 of 300")
        assert held.bytes_a_key < 600
