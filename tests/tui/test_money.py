"""What the records cost, and whether a shorter prompt pays, on the screen."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from piloting import NARROW, WIDE, Driven, HeldWork, running, write

from curator.session import dollars

LONG = "You are a careful examiner of students. " * 60


def record(number: int, system: str = LONG) -> dict[str, Any]:
    said = [("system", system), ("user", f"question {number}"), ("assistant", "yes"), ("user", "why?")]
    messages = [{"role": role, "content": content} for role, content in [*said, ("assistant", f"because {number}")]]
    return {"messages": messages}


@asynccontextmanager
async def opened(folder: Path, size: tuple[int, int] = NARROW, **settings: Any) -> AsyncIterator[Driven]:
    path = write(folder / "a.jsonl", [record(number) for number in range(40)])
    async with running(path, size=size, **settings) as driven:
        await driven.audited()
        yield driven


def row_of(driven: Driven, model: str) -> str:
    return next((line for line in driven.dialog.split("\n") if line[2:].startswith(model)), "")


async def test_all_models_stand_side_by_side(tmp_path: Path) -> None:
    async with opened(tmp_path) as driven:
        await driven.press("c")
        await driven.until(lambda: "$" in row_of(driven, "gpt-3.5-turbo-0125"), "for the other encoding")
        assert "$" in row_of(driven, "gpt-4o-mini-2024-07-18")
        assert f"{driven.app.session.totals.tokens:,}" in row_of(driven, "gpt-4o-mini-2024-07-18")
        assert "3 epochs" in driven.dialog
        assert "40 rec" in driven.dialog
        assert all(len(line) <= 80 for line in driven.dialog.split("\n"))
        await driven.press("escape")
        assert not driven.dialog


async def test_rows_fill_in_while_keys_are_answered(tmp_path: Path, work: HeldWork) -> None:
    async with opened(tmp_path) as driven:
        work.hold()
        await driven.press("c")
        await driven.asked("0%")
        assert "$" not in row_of(driven, "gpt-3.5-turbo-0125")
        await driven.press("j", "E", "E", "escape", "c")
        work.go_on()
        await driven.until(lambda: "$" in row_of(driven, "gpt-3.5-turbo-0125"))


async def test_epochs_calls_and_editions(tmp_path: Path) -> None:
    async with opened(tmp_path, WIDE) as driven:
        await driven.press("c")
        await driven.until(lambda: "$" in row_of(driven, "gpt-3.5-turbo-0125"))
        await driven.press("e", "7", "enter")
        await driven.asked("7 epochs")
        await driven.press("n")
        await driven.type("10000")
        await driven.press("enter")
        await driven.asked("10,000 calls a month")
        await driven.asked("A call is a trained answer")
        assert row_of(driven, "gpt-4o-mini-2024-07-18").count("$") == 4
        await driven.press("E")
        await driven.until(lambda: row_of(driven, "text-davinci-003"))
        await driven.asked("is retired")


async def test_rows_are_sorted_by_a_column(tmp_path: Path) -> None:
    async with opened(tmp_path, WIDE) as driven:
        await driven.press("c")
        await driven.until(lambda: "$" in row_of(driven, "gpt-3.5-turbo-0125"))
        await driven.press("o")
        await driven.asked("training ▼")
        lines = [line.split()[0] for line in driven.dialog.split("\n") if line[2:].startswith("gpt-")]
        assert lines.index("gpt-4.1-nano-2025-04-14") > lines.index("gpt-3.5-turbo-0125")
        await driven.press("o")
        await driven.asked("training ▲")
        await driven.press("left")
        await driven.asked("an epoch ▲")
        await driven.press("right", "right")
        await driven.asked("longest ▲")


async def test_marked_records_alone(tmp_path: Path) -> None:
    async with opened(tmp_path) as driven:
        await driven.press("space", "space", "c")
        await driven.asked("40 records")
        await driven.press("m")
        await driven.asked("2 marked records")
        await driven.until(lambda: "$" in row_of(driven, "gpt-3.5-turbo-0125"))
        await driven.press("m")
        await driven.asked("40 records")


async def test_the_table_is_written(tmp_path: Path) -> None:
    async with opened(tmp_path) as driven:
        await driven.press("c")
        await driven.until(lambda: "$" in row_of(driven, "gpt-3.5-turbo-0125"))
        await driven.press("X")
        await driven.press(*["backspace"] * 3)
        await driven.type("txt")
        await driven.press("enter")
        await driven.asked("End the name in .csv")
        await driven.press(*["backspace"] * 3)
        await driven.type("json")
        await driven.press("enter")
        await driven.said("models written")
        assert {one["records"] for one in json.loads((tmp_path / "a.cost.json").read_text())} == {40}


async def test_a_long_prompt_that_pays(tmp_path: Path) -> None:
    async with opened(tmp_path) as driven:
        await driven.press("b")
        await driven.asked("A prompt of")
        assert "pays only while answers stay under" in driven.dialog.replace("\n", " ").replace("  ", " ")
        await driven.asked("calls on")
        assert "in 40 records" in driven.dialog
        assert all(len(line) <= 80 for line in driven.dialog.split("\n"))
        await driven.resize(*WIDE)
        await driven.asked("it has paid")
        await driven.asked("pays from call")
        await driven.press("n")
        await driven.type("100")
        await driven.press("enter")
        await driven.asked("days")
        await driven.press("e", "9", "enter")
        await driven.asked("x 9 epochs")
        await driven.asked("a model recites it")
        await driven.press("escape")
        assert not driven.dialog


async def test_the_short_prompt_is_typed_or_counted(tmp_path: Path) -> None:
    (tmp_path / "short.txt").write_text("Examine.\n")
    async with opened(tmp_path, WIDE) as driven:
        await driven.press("b")
        await driven.asked("calls on")
        await driven.press("s")
        await driven.asked("The short system prompt")
        await driven.press(*["backspace"] * 6, "enter")
        await driven.asked("Give one of the three")
        await driven.type("400")
        await driven.press("enter")
        await driven.asked("cut to 400 tokens")
        await driven.press("s", *["backspace"] * 6, "tab", "tab")
        await driven.type(str(tmp_path / "short.txt"))
        await driven.press("enter")
        await driven.asked("cut to Examine.")


async def test_the_long_prompt_is_chosen_or_typed(tmp_path: Path) -> None:
    records = [record(number) for number in range(30)] + [record(number, "Be brief.") for number in range(30)]
    async with running(write(tmp_path / "a.jsonl", records), size=WIDE) as driven:
        await driven.audited()
        await driven.press("b")
        await driven.asked("in 30 records")
        await driven.asked("30 of 60 records have another system prompt")
        await driven.press("p")
        await driven.asked("Be brief.")
        await driven.press("j", "enter")
        await driven.asked(": Be brief.")
        await driven.press("p", "j", "j", "enter")
        await driven.asked("The whole system prompt")
        await driven.press("enter")
        await driven.asked("It takes the text of a system prompt.")
        await driven.type("Be brief.")
        await driven.press("enter")
        await driven.asked("30 records cut to")


async def test_a_long_prompt_that_no_record_has(tmp_path: Path) -> None:
    (tmp_path / "long.txt").write_text(LONG * 2 + "\n")
    records = [record(number, "Be brief.") for number in range(30)]
    async with running(write(tmp_path / "a.jsonl", records), size=WIDE) as driven:
        await driven.audited()
        await driven.press("b")
        await driven.asked("in 30 records")
        await driven.press("p", "j", "j", "enter")
        await driven.asked("The file that holds the system prompt")
        await driven.type(str(tmp_path / "long.txt"))
        await driven.press("enter")
        await driven.asked("tokens in no record cut to")
        await driven.asked("it is taken to stand before every call")
        assert "have another system prompt" not in driven.dialog
        for encoding in ("gpt-3.5-turbo-0125", "gpt-4o-mini-2024-07-18"):
            await driven.press("m", *["j"] * (5 if encoding.startswith("gpt-3.5") else 0), "enter")
            await driven.asked("tokens in no record cut to")


async def test_data_without_prompts_or_answers(tmp_path: Path) -> None:
    asked_only = {"messages": [{"role": "user", "content": "hello"}]}
    async with running(write(tmp_path / "a.jsonl", [asked_only])) as driven:
        await driven.press("b")
        await driven.asked("No record has a trained answer")
    answered = {"messages": [*asked_only["messages"], {"role": "assistant", "content": "hi"}]}
    async with running(write(tmp_path / "b.jsonl", [answered]), size=WIDE) as driven:
        await driven.press("b")
        await driven.asked("no record begins with a system prompt")


async def test_models_are_chosen(tmp_path: Path) -> None:
    async with opened(tmp_path, WIDE) as driven:
        await driven.press("b")
        await driven.asked("calls on")
        await driven.press("m")
        await driven.asked("The model called now")
        await driven.press("g", "enter")
        await driven.asked("a call   gpt-4.1-2025-04-14")
        await driven.press("t", "G", "enter")
        await driven.asked("→ ft:")


async def test_plots_follow_the_table(tmp_path: Path) -> None:
    async with opened(tmp_path) as driven:
        await driven.press("c")
        await driven.until(lambda: "$" in row_of(driven, "gpt-3.5-turbo-0125"))
        for title in ("Tokens per record", "assistant, trained", "Training cost of so many", "Turns per record"):
            await driven.press("tab")
            await driven.asked(title)
        await driven.resize(40, 12)
        await driven.resize(*NARROW)
        await driven.press("tab")
        await driven.until(lambda: row_of(driven, "gpt-4o-mini-2024-07-18"))


async def test_whole_or_pieces(tmp_path: Path) -> None:
    async with opened(tmp_path) as driven:
        asked: list[tuple[int, str, str]] = []
        driven.main.apply_split = lambda records, way, title: asked.append(
            (sum(map(len, records.values())), way.by, title)
        )
        await driven.press("c", "s")
        await driven.until(lambda: "$" in row_of(driven, "by pair"))
        assert row_of(driven, "whole").split()[2] == "40"
        assert row_of(driven, "by turn").split()[2] == "80"
        assert "one example, with all that was said before" in driven.dialog
        await driven.press("enter")
        await driven.said("Whole is as the records are")
        await driven.press("j", "j")
        await driven.asked("takes 40 of 40 records apart")
        await driven.press("enter")
        await driven.until(lambda: asked)
        assert asked == [(40, "pair", "split all 40 records by pair")]
        assert not driven.dialog


async def test_pieces_of_the_marked_records(tmp_path: Path) -> None:
    async with opened(tmp_path) as driven:
        await driven.press("space", "c", "m", "s")
        await driven.until(lambda: "$" in row_of(driven, "by turn"))
        assert "1 marked record " in driven.dialog
        assert row_of(driven, "by turn").split()[2] == "2"
        await driven.press("escape", "escape")
        assert not driven.dialog


async def test_screens_and_commands_agree_on_edited_records(tmp_path: Path) -> None:
    def command(*arguments: str) -> Any:
        run = [sys.executable, "-m", "curator", *arguments, str(tmp_path / "a.jsonl"), "--json"]
        return json.loads(subprocess.run(run, capture_output=True, check=True).stdout)

    async with opened(tmp_path, WIDE) as driven:
        await driven.press("x")
        await driven.press("equals_sign", "equals_sign")
        await driven.until(lambda: "41 records" in driven.text_of(driven.main.totals_bar))
        await driven.press("c")
        await driven.until(lambda: "$" in row_of(driven, "gpt-3.5-turbo-0125"))
        for one in await asyncio.to_thread(command, "cost", "--all"):
            row = row_of(driven, one["model"])
            assert f" {one['tokens']:,} " in row
            assert one["training_cost"] is None or f" {dollars(Decimal(one['training_cost']))} " in row
        await driven.press("escape", "b")
        await driven.asked("calls on")
        await driven.press("s", *["backspace"] * 6, "9", "enter")
        await driven.asked("cut to 9 tokens")
        found = await asyncio.to_thread(command, "break-even", "--short-prompt", "9")
        await driven.asked(f"from {found['calls']:,} calls on")
        assert f"{found['training_tokens']:,} tokens x" in driven.dialog
        assert found["condition"].split(";")[0] in driven.words


@pytest.mark.parametrize("size", [NARROW, WIDE])
@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ("c", ("how many epochs are reckoned with", "the next edition of the price book", "the model is retired")),
        ("b", ("the model to be tuned", "calls a day, share of the cache")),
        ("cs", ("split in the way under the cursor", "quit at once")),
    ],
)
async def test_screens_tell_their_keys(tmp_path: Path, size: tuple[int, int], keys: str, told: tuple[str, ...]) -> None:
    async with opened(tmp_path, size) as driven:
        await driven.press(*keys)
        await driven.asked("? help")
        await driven.press("question_mark")
        for words in told:
            await driven.asked(words) if size == WIDE else await driven.asked(told[0])
        await driven.press("escape")
        await driven.asked("? help")
