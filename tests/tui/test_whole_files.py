"""What only whole files show is told on the screen, and follows what is edited."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from piloting import NARROW, WIDE, Driven, running


@pytest.fixture
def repeats(project: Path, tmp_path: Path) -> Path:
    """A copy of the sample, whose findings `samples/README.md` lists."""
    return Path(shutil.copy(project / "samples" / "repeats.jsonl", tmp_path))


async def looked_at(run: Driven) -> None:
    """Wait until the files were looked at after the audit."""
    await run.audited()
    await run.until(lambda: run.app.session.sources[0].file_wide.any, "for what was found")


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_findings_stand_in_the_list_the_reader_and_the_totals(repeats: Path, size: tuple[int, int]) -> None:
    async with running(repeats, size=size) as run:
        await looked_at(run)
        await run.press("]")
        await run.until(lambda: "the same prompt has another answer in #18 (CUR022)" in run.text_of(run.reader))
        assert run.records.cursor == 6
        assert "7 !" in run.text_of(run.records)
        await run.press("]")
        await run.until(lambda: "says the same as #1 (CUR021)" in run.text_of(run.reader))
        await run.until(lambda: "3 on" in run.text_of(run.main.totals_bar))


async def test_findings_follow_edits_and_undo(repeats: Path) -> None:
    async with running(repeats, size=WIDE) as run:
        await looked_at(run)
        await run.go_to(16)
        await run.until(lambda: "says the same as #1 (CUR021)" in run.text_of(run.reader))
        await run.go_to(1)
        await run.press("x")
        await run.until(lambda: not run.app.session.sources[0].file_wide.records[21], "for the duplicate to be none")
        await run.go_to(15)
        await run.until(lambda: "CUR021" not in run.text_of(run.reader))
        await run.press("u")
        await run.until(lambda: run.app.session.sources[0].file_wide.records[21], "for the duplicate to be one again")
