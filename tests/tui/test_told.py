"""What was done, as command lines in the terminal's clipboard and as a recipe."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from piloting import NARROW, chat, running, write
from pyroaring import BitMap64

from curator.records.find_replace import Replacement, Search
from curator.session.as_steps import steps_of


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


async def test_what_was_done_to_a_filter_has_a_command_in_the_history_and_is_written_as_a_recipe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.jsonl", [chat(f"cat {one}", "dog", "cat", "dog") for one in range(6)])
    async with running(path, size=NARROW) as run:
        await run.audited()
        sent: list[str] = []
        monkeypatch.setattr(run.main, "_copy", lambda _, text: sent.append(text))
        await run.press("f")
        await run.burst("user ~ /[1-3]/", "enter")
        await run.until(lambda: len(run.app.session) == 3)
        await run.press("x", "f")
        await run.until(lambda: not len(run.app.session))
        await run.press("O", "x", "h")
        await run.asked("History: 2 in force.")
        assert "No command does this" in run.dialog
        await run.press("y")
        assert sent == []
        await run.press("j")
        assert "drop 3 records where user ~ /[1-3]/" in run.dialog
        line = f"curator filter --invert 'user ~ /[1-3]/' {path} -o OUT"
        assert "curator filter --invert 'user ~ /[1-3]/'" in run.dialog
        await run.press("j")
        assert "Enter takes all steps back" in run.dialog
        await run.press("k", "y", "w")
        assert sent == [line]
        await run.asked("The steps in force as a recipe, to:")
        await run.press("enter")
        recipe = tmp_path / "a.recipe.toml"
        await run.until(recipe.exists)
        await run.said("1 of 2 steps written to")
        told = tomllib.loads(recipe.read_text())
        assert told == {"step": [{"do": "drop", "where": "user ~ /[1-3]/"}]}
        assert "(1 record): is no rule." in recipe.read_text()
        await run.press("w")
        await run.asked("The steps in force as a recipe, to:")
        await run.press("enter")
        await run.asked("is there already.")


async def test_duplicates_that_are_dropped_in_one_step_are_told_as_dedupe(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", [chat("cat", "dog"), chat("cat", "dog"), chat("cow", "pig"), chat("cow", "pig")])
    async with running(path, size=NARROW) as run:
        await run.audited()
        await run.press("D")
        await run.asked("groups of")
        await run.press("n")
        await run.asked("2 too many.")
        await run.press("L", "y", "escape")
        await run.until(lambda: len(run.app.session) == 2)
        (batch,) = run.app.session.sources[0].edited.batches
        assert steps_of(batch) == [{"do": "dedupe", "by": "record", "keep": "longest"}]


async def test_where_no_record_is_left_the_history_is_that_of_the_file_that_was_changed(tmp_path: Path) -> None:
    paths = [write(tmp_path / f"{name}.jsonl", [chat(name, "yes")]) for name in ("a", "b")]
    async with running(*paths) as run:
        await run.audited()
        await run.press("f")
        await run.type("user ~ b")
        await run.press("enter")
        await run.until(lambda: len(run.app.session) == 1)
        await run.press("x")
        await run.until(lambda: len(run.app.session) == 0)
        await run.press("h")
        await run.asked("drop #2")
