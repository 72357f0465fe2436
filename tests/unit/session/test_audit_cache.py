"""A file that was audited is opened again with its figures; any other one is audited anew."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from curator.engine.executors import InlineExecutor
from curator.session import Session, audit_cache
from curator.settings import Settings

SETTINGS = Settings(workers=-1, accelerate=False)
CHAT = b'{"messages": [{"role": "user", "content": "Hello %d"}, {"role": "assistant", "content": "Hi"}]}\n'


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(audit_cache, "SMALLEST_BYTES", 1)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"".join(CHAT % number for number in range(20)) + b"not a record\n")
    return path


def audited(path: Path, settings: Settings = SETTINGS) -> tuple[int, Session]:
    """How many chunks had to be audited, and the session afterwards."""
    session = Session([path], settings)
    session.cache.enabled = True
    chunks = sum(1 for _ in session.audit(InlineExecutor(), 1))
    session.close()
    return chunks, session


def test_the_second_time_nothing_is_audited(path: Path) -> None:
    chunks, first = audited(path)
    assert chunks == 1
    chunks, second = audited(path)
    assert chunks == 0
    assert second.complete
    assert second.totals == first.totals
    assert second.counter == first.counter
    assert list(second.data.sources[0].problems) == list(first.data.sources[0].problems)


def rewritten(path: Path) -> None:
    status = path.stat()
    path.write_bytes(path.read_bytes().replace(b"Hello 7", b"Hello 8"))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1))


def replaced(path: Path) -> None:
    other = path.with_name("b.jsonl")
    other.write_bytes(path.read_bytes())
    status = path.stat()
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    other.replace(path)


def longer(path: Path) -> None:
    with path.open("ab") as file:
        file.write(CHAT % 21)


@pytest.mark.parametrize("change", [rewritten, replaced, longer])
def test_another_file_is_audited_anew(path: Path, change: Callable[[Path], None]) -> None:
    audited(path)
    change(path)
    assert audited(path)[0] == 1


@pytest.mark.parametrize("settings", [replace(SETTINGS, model="gpt-4"), replace(SETTINGS, dialect="sharegpt")])
def test_other_figures_are_worked_out_anew(path: Path, settings: Settings) -> None:
    audited(path)
    assert audited(path, settings)[0] == 1
    assert audited(path)[0] == 0


def test_damaged_figures_are_worked_out_anew(path: Path, tmp_path: Path) -> None:
    _, first = audited(path)
    (kept,) = (tmp_path / "cache").rglob("*.columns")
    content = bytearray(kept.read_bytes())
    content[-3] ^= 1
    kept.write_bytes(content)
    chunks, again = audited(path)
    assert chunks == 1
    assert again.totals == first.totals


def test_headless_commands_keep_nothing(path: Path, tmp_path: Path) -> None:
    session = Session([path], SETTINGS)
    list(session.audit(InlineExecutor(), 1))
    session.close()
    assert not list((tmp_path / "cache").rglob("*.columns"))
