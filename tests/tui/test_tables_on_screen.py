"""Parquet files on the screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from piloting import WIDE, chat, running

from curator.session.access import access_for
from curator.settings import Settings
from curator.storage.opening_sources import open_source

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "x.parquet"
    pq.write_table(pa.Table.from_pylist([chat(f"question {n}", f"answer {n}") for n in range(300)]), path)
    return path


def lines_in(path: Path) -> list[bytes]:
    source = open_source(path, access_for(Settings(), None))
    try:
        return source.read(0, 1 << 30).splitlines(keepends=True)
    finally:
        source.close()


async def test_it_is_shown_edited_saved_and_undone_like_any_other_file(table: Path) -> None:
    before = lines_in(table)
    async with running(table, size=WIDE) as run:
        await run.audited()
        assert len(run.app.session) == 300
        await run.go_to(2)
        await run.press("x", "ctrl+s")
        await run.asked("Save x.parquet?")
        await run.press("s")
        await run.said("read back and proved")
        assert lines_in(table) == before[:1] + before[2:]
        await run.until(lambda: run.app.screen is run.main)
        await run.audited()
        await run.press("u")
        assert b"".join(run.lines) == b"".join(before)


async def test_a_record_that_does_not_fit_is_named_and_saved_under_another_name(table: Path) -> None:
    before = table.read_bytes()
    async with running(table, size=WIDE) as run:
        await run.audited()
        await run.press("enter", "j", "W", "ctrl+s")
        await run.asked("Save x.parquet?")
        await run.press("s")
        await run.said("Line 1 would not come back as it is: `messages[1].weight` cannot be kept in its column")
        assert table.read_bytes() == before
        await run.until(lambda: run.app.screen is run.main)
        await run.press("ctrl+s")
        await run.asked("Save x.parquet?")
        await run.press("a", "enter")
        await run.said("x.edited.parquet: ")
    assert b'"weight":0' in lines_in(table.with_name("x.edited.parquet"))[0]
