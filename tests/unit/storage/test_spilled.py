"""Columns in files are arrays to whoever uses them, and leave nothing behind."""

from __future__ import annotations

import errno
import gc
import os
import signal
import subprocess
import sys
from array import array
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.storage import spilled
from curator.storage.spilled import SpilledColumn, users_folder

NUMBERS = st.integers(0, 2**64 - 1)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("extend"), st.lists(NUMBERS, max_size=9)),
        st.tuples(st.just("pop"), st.none()),
        st.tuples(st.just("put"), NUMBERS),
    ),
    max_size=20,
)


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(spilled, "SPILLED_FROM", 8)
    return users_folder()


@given(steps=STEPS)
def test_it_is_an_array_to_its_user(steps: list[tuple[str, object]]) -> None:
    column, model = SpilledColumn(), array("Q")
    for step, value in steps:
        if step == "extend":
            column.extend(array("Q", value))  # type: ignore[arg-type]
            model.extend(value)  # type: ignore[arg-type]
        elif model and step == "pop":
            assert column.pop() == model.pop()
        elif model:
            place = value % len(model)  # type: ignore[operator]
            column[place] = model[place] = value  # type: ignore[assignment]
        assert len(column) == len(model)
        assert column[:] == model
        assert column[2:5] == model[2:5]
        assert [column[place] for place in range(len(model))] == model.tolist()


def test_another_process_finds_the_numbers(folder: Path) -> None:
    column = SpilledColumn("I")
    column.extend(array("I", range(4)))
    assert column.place == array("I", range(4)).tobytes()
    column.extend(array("I", range(4, 20)))
    assert isinstance(column.place, Path)
    assert column.place.parent == folder
    assert column.place.read_bytes() == array("I", range(20)).tobytes()


def test_the_file_goes_with_the_column(folder: Path) -> None:
    column = SpilledColumn()
    column.extend(array("Q", range(20)))
    assert len(list(folder.iterdir())) == 1
    assert folder.stat().st_mode & 0o077 == 0
    del column
    gc.collect()
    assert list(folder.iterdir()) == []


HOLDING = """
import sys
from array import array
from curator.storage.spilled import SpilledColumn
column = SpilledColumn()
column.extend(array("Q", range(1 << 15)))
print("there", flush=True)
sys.stdin.read()
"""


def test_only_what_killed_programs_left_is_removed(folder: Path, project: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(project)}
    running, killed = (
        subprocess.Popen([sys.executable, "-c", HOLDING], env=environment, stdin=-1, stdout=-1) for _ in range(2)
    )
    for one in (running, killed):
        assert one.stdout is not None
        assert one.stdout.readline() == b"there\n"
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert len(list(folder.iterdir())) == 2
    for path in folder.iterdir():
        os.utime(path, (1, 1))
    column = SpilledColumn()
    column.extend(array("Q", range(20)))
    own = column.place
    assert isinstance(own, Path)
    assert {int(path.name.split("-")[0]) for path in folder.iterdir()} == {os.getpid(), running.pid}
    running.communicate()
    assert list(folder.iterdir()) == [own]


def test_without_a_folder_the_numbers_stay_in_memory(folder: Path) -> None:
    folder.parent.mkdir()
    folder.write_bytes(b"")
    column = SpilledColumn()
    column.extend(array("Q", range(20)))
    column.extend(array("Q", range(20)))
    assert column[:].tolist() == [*range(20), *range(20)]
    assert isinstance(column.place, bytes)


def test_a_full_disk_brings_the_numbers_back_to_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    column = SpilledColumn()
    column.extend(array("Q", range(20)))

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(os, "pwrite", full)
    column.extend(array("Q", range(5)))
    column[0] = 7
    assert column[:].tolist() == [7, *range(1, 20), *range(5)]
