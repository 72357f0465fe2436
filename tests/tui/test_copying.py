"""What is copied goes to the terminal in the form that it, or what is around it, takes."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from pathlib import Path

import pytest
from piloting import Driven, chat, running, write

from curator.tui.clipboard import LONGEST, copying


def text_in(sequence: str) -> bytes:
    match = re.fullmatch("\x1b]52;c;([A-Za-z0-9+/=]*)\x07", sequence)
    assert match
    return b64decode(match[1])


def test_a_plain_terminal_gets_the_bare_sequence() -> None:
    assert text_in(copying("é".encode(), {"TERM": "xterm-256color"})) == "é".encode()


def test_tmux_gets_it_bare_and_wrapped() -> None:
    written = copying(b"lamp", {"TERM": "screen-256color", "TMUX": "/tmp/tmux,1,0"})
    bare, wrapped = written.split("\x1bPtmux;")
    assert text_in(bare) == b"lamp"
    assert text_in(wrapped.removesuffix("\x1b\\").replace("\x1b\x1b", "\x1b")) == b"lamp"


def test_screen_gets_it_in_pieces() -> None:
    written = copying(b"lamp" * 1000, {"TERM": "screen"})
    pieces = [one.removesuffix("\x1b\\") for one in written.split("\x1bP")[1:]]
    assert max(map(len, pieces)) <= 768
    assert text_in("".join(pieces)) == b"lamp" * 1000


@pytest.fixture
def data(tmp_path: Path) -> Path:
    long = chat("short", "x" * (LONGEST + 1))
    return write(tmp_path / "two.jsonl", [chat("hello", "world", other={"a": 1}), long])


def written(run: Driven, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is written to the terminal from now on that is for its clipboard."""
    sent: list[str] = []
    driver = run.app._driver
    assert driver is not None
    monkeypatch.setattr(driver, "write", lambda text: sent.append(text) if "]52;" in text else None)
    monkeypatch.delenv("TMUX", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    return sent


async def test_a_message_a_key_or_the_record(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(data) as run:
        sent = written(run, monkeypatch)
        await run.go_to(1)
        await run.press("enter", "j", "y")
        await run.said("Message 2 was sent to the terminal's clipboard: 5 characters.")
        await run.press("j", "y")
        await run.said("The key other was sent")
        await run.press("Y")
        await run.said("The JSON of #1 was sent")
        assert [text_in(one) for one in sent[:2]] == [b"world", b'{"a":1}']
        assert json.loads(text_in(sent[2])) == chat("hello", "world", other={"a": 1})


async def test_what_terminals_drop_is_refused(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(data) as run:
        sent = written(run, monkeypatch)
        await run.go_to(2)
        await run.press("Y")
        await run.said("was not copied: terminals drop more than 74,994")
        await run.press("y")
        await run.said("Message 1 was sent")
        assert [text_in(one) for one in sent] == [b"short"]
