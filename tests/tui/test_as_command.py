"""What was done last, as a command line in the terminal's clipboard."""

from __future__ import annotations

from pathlib import Path

import pytest
from piloting import chat, running, write
from pyroaring import BitMap64

from curator.records.find_replace import Replacement, Search


async def test_a_replacement_in_all_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.jsonl", [chat("the lamp", "a lamp"), chat("lamp", "light")])
    async with running(path) as run:
        sent: list[tuple[str, str]] = []
        monkeypatch.setattr(run.app.screen, "_copy", lambda what, text: sent.append((what, text)))
        await run.go_to(1)
        await run.app.run_action("screen.as_command")
        await run.said("Nothing has been done to this file yet.")
        source = run.app.session.sources[0]
        run.app.session.editor.sweep(
            {source: BitMap64([0, 1])}, Replacement(Search("lamp"), "the lantern"), "replace “lamp” in 2 records"
        )
        await run.app.run_action("screen.as_command")
        line = f"curator replace {path} --find lamp --by 'the lantern' -o OUT"
        assert sent == [(f"`{line}`", line)]
        run.app.session.editor.drop({source: BitMap64([0])}, "drop #1")
        await run.app.run_action("screen.as_command")
        await run.said("No command does this: drop #1.")
        assert len(sent) == 1
