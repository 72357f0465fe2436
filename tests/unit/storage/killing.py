"""Programs that are killed in the middle of their work on a journal."""

from __future__ import annotations

import signal
import subprocess
import sys

APPENDING = """
import sys
from pathlib import Path
from curator.storage.journal import Journal, StoredOperation
journal = Journal.open(Path(sys.argv[1]), read_only=False)
while True:
    first = journal.reserve_texts(3)
    batch = journal.append(
        f"texts from {first}",
        [StoredOperation("replace", 1, str(first).encode(), None)],
        [(number, str(number).encode() * 2000) for number in range(first, first + 3)],
        originals=[(first, 0, 1, b"hash")],
    )
    print(batch.number, flush=True)
"""
"""Appends batches to the journal it is given, and says the number of each when it is on the disk."""


def killed(script: str, *arguments: object, lines: int = 0) -> list[str]:
    """Run a script in a program of its own, kill it after so many lines of output, and return all it said."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout
        said = [program.stdout.readline() for _ in range(lines)]
        if lines:
            program.send_signal(signal.SIGKILL)
        said += program.stdout.readlines()
        assert program.wait() == -signal.SIGKILL
    return [line.strip() for line in said if line.endswith("\n")]
