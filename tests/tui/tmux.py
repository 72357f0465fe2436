"""A terminal by tmux, and the processes that run in it."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

PATIENCE = 20.0
PROJECT = Path(__file__).resolve().parents[2]
MARKER = "CURATOR_TEST_RUN"


def until(holds: Callable[[], object], what: str | Callable[[], str]) -> None:
    """Wait for something, with patience and not blindly."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"waited in vain for {what() if callable(what) else what}"
        time.sleep(0.02)


def processes(marker: str) -> list[int]:
    """Processes with a marker in their environment, wherever they hang in the tree."""
    wanted = f"={marker}".encode()
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            with suppress(OSError):
                if wanted in (folder / "environ").read_bytes():
                    found.append(int(folder.name))
    return found


def programs(marker: str) -> list[int]:
    """The program and its workers: the Python processes among them."""
    return [pid for pid in processes(marker) if b"python" in command_of(pid)]


def command_of(pid: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


class Tmux:
    """A tmux server of its own with one window that runs a shell."""

    def __init__(self, folder: Path, columns: int, rows: int) -> None:
        self.marker = uuid.uuid4().hex
        self._socket = f"curator-{self.marker}"
        self._sockets = tempfile.TemporaryDirectory()
        variables = {
            MARKER: self.marker,
            "PYTHONPATH": PROJECT,
            "XDG_CACHE_HOME": Path(self._sockets.name) / "cache",
            "PS1": "$ ",
        }
        shell = shlex.join(["env", *(f"{name}={value}" for name, value in variables.items()), "sh"])
        self._call("-f", os.devnull, "new-session", "-d", "-x", str(columns), "-y", str(rows), "-c", str(folder), shell)

    def _call(self, *arguments: str) -> str:
        command = ["tmux", "-L", self._socket, *arguments]
        environment = {**os.environ, "TMUX_TMPDIR": self._sockets.name}
        return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout

    def keys(self, *keys: str) -> None:
        """Press keys, by tmux's names."""
        self._call("send-keys", *keys)

    def type(self, text: str) -> None:
        """Type a text, all of it at once."""
        self._call("send-keys", "-l", text)

    def run(self, *arguments: str) -> None:
        """Start the program in the shell; its exit code is shown when it has ended."""
        command = shlex.join([sys.executable, "-m", "curator", *arguments])
        self._call("send-keys", "-l", f"echo before; {command}; echo ended with $?")
        self.keys("Enter")

    @property
    def screen(self) -> str:
        """What stands on the screen."""
        return self._call("capture-pane", "-p")

    def wait_without(self, text: str) -> None:
        """Wait until a text does not stand on the screen."""
        until(lambda: text not in self.screen, lambda: f"the end of {text!r} on\n{self.screen}")

    def wait_for(self, text: str) -> None:
        """Wait until a text stands on the screen."""
        until(lambda: text in self.screen, lambda: f"{text!r} on\n{self.screen}")

    @property
    def program(self) -> int:
        """The program's own process."""
        return min(pid for pid in programs(self.marker) if b"curator\0" in command_of(pid))

    def wait_for_end(self, code: int) -> None:
        """Wait until the shell has its screen back and the program's exit code, and no process is left."""
        self.wait_for(f"ended with {code}")
        assert "before" in self.screen
        assert self._call("display-message", "-p", "#{alternate_on} #{cursor_flag}").split() == ["0", "1"]
        until(lambda: not programs(self.marker), lambda: f"the end of {[*map(command_of, programs(self.marker))]}")
        self._call("send-keys", "-l", "stty -a | tr ';' '\\n' | grep -c -e ' icanon' -e ' echo '")
        self.keys("Enter")
        self.wait_for("\n1")

    def close(self) -> None:
        """End the server and whatever is left of what it ran."""
        with suppress(subprocess.CalledProcessError):
            self._call("kill-server")
        for pid in processes(self.marker):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._sockets.cleanup()


@contextmanager
def terminal_of(folder: Path, columns: int, rows: int) -> Iterator[Tmux]:
    """A terminal of a size, with a shell in a folder."""
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    terminal = Tmux(folder, columns, rows)
    try:
        terminal.wait_for("$")
        yield terminal
    finally:
        terminal.close()
