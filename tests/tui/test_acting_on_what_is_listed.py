"""What can be done to a record can be done to all that is listed: asked for in numbers, and undone in one step."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from piloting import WIDE, HeldWork, chat, running, write
from pyroaring import BitMap64
from test_filtering_keys import filter_by, numbers, title

from curator.edits.labels import Verdict
from curator.records.dialects import DIALECTS
from curator.tui.screens.ask import Ask

SIZE = (120, 30)


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings and state of a user of the test's own."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """Ten records: with blanks behind the even ones, which come in pairs that say the same, half of them of a model."""
    return write(
        tmp_path / "mixed.jsonl",
        (
            chat(f"question {n // 4}", f"answer {n // 4}" + " word" * 9 + " " * (n % 2 == 0), model=f"m{n % 2}")
            for n in range(1, 11)
        ),
    )


async def test_a_verdict_is_given_to_all_that_the_filter_lists(mixed: Path) -> None:
    async with running(mixed, size=SIZE, workers=-1) as run:
        await run.audited()
        await filter_by(run, "model:m0")
        await run.press("r")
        await run.said("The comma gives a verdict to all 5 records of the filter.")
        await run.press("comma")
        await run.asked("the 5 records of the filter")
        await run.press("f")
        await run.asked("1 of 5 have a verdict, which this replaces.")
        await run.press("a")
        assert len(run.app.session.sources[0].edited.overlay.labels.verdicts[Verdict.ACCEPTED]) == 5
        assert run.titles[-1] == "accepted 5 records where model:m0"
        await run.press("comma", "f", "n")
        assert not run.app.session.sources[0].edited.overlay.labels.reviewed
        await run.press("u", "u")
        assert len(run.app.session.sources[0].edited.overlay.labels.verdicts[Verdict.REJECTED]) == 1


async def test_a_note_is_put_on_one_record_or_on_all_that_is_meant(mixed: Path) -> None:
    async with running(mixed, size=SIZE, workers=-1) as run:
        await run.audited()
        await run.press("N")
        await run.asked("Note on #1")
        await run.type("first\n")
        notes = run.app.session.sources[0].edited.overlay.labels.notes
        assert notes == {0: "first"}
        await filter_by(run, "model:m1")
        await run.press("N", "f")
        await run.asked("Note on 5 records where model:m1 (several have one, which this replaces)")
        await run.type("same\n")
        notes = run.app.session.sources[0].edited.overlay.labels.notes
        assert notes == dict.fromkeys((0, 2, 4, 6, 8), "same")
        await run.press("u")
        assert run.app.session.sources[0].edited.overlay.labels.notes == {0: "first"}


async def test_an_export_in_another_format_takes_the_records_of_the_filter(mixed: Path, tmp_path: Path) -> None:
    async with running(mixed, size=SIZE, workers=-1) as run:
        await run.audited()
        await filter_by(run, "model:m1")
        await run.press("X")
        await run.asked("in another format")
        await run.press("G", "k", "enter")
        await run.asked("Export, from")
        own = run.app.session.file_dialect(run.app.session.data.sources[0])
        place = [dialect.name for dialect in DIALECTS if dialect is not own].index("alpaca")
        await run.press(*["j"] * place, "enter")
        await run.asked("those of the filter")
        await run.press("G", "enter")
        await run.asked("5 records: 5 without loss")
        await run.press("w")
        await run.until(lambda: isinstance(run.app.screen, Ask))
        await run.press("enter")
        await run.said("5 records written")
    answers = [json.loads(line)["instruction"] for line in (tmp_path / "mixed.alpaca.jsonl").read_bytes().splitlines()]
    assert answers == ["question 0", "question 0", "question 1", "question 1", "question 2"]


async def test_what_the_filter_lists_is_divided_alone(mixed: Path, tmp_path: Path) -> None:
    async with running(mixed, size=SIZE, workers=1) as run:
        await run.audited()
        await filter_by(run, "model:m1")
        await run.press("ctrl+x")
        await run.asked("the 5 records of the filter")
        await run.press("enter")
        await run.asked("Divide the 5 records of the filter")
        await run.press("ctrl+u")
        await run.type("50:50\n")
        await run.asked("train.jsonl")
        await run.press("y")
        await run.said("read back and proved")
    folder = tmp_path / "mixed.divided"
    lines = [line for one in folder.iterdir() for line in one.read_bytes().splitlines()]
    assert len(lines) == 5
    assert {json.loads(line)["model"] for line in lines} == {"m1"}


@pytest.mark.parametrize("size", [(80, 24), WIDE])
async def test_duplicates_are_those_of_what_is_listed_and_are_listed_as_groups(
    mixed: Path, size: tuple[int, int]
) -> None:
    async with running(mixed, size=size, workers=1) as run:
        await run.audited()
        await filter_by(run, "model:m1")
        await run.press("D")
        await run.asked("2 groups of 4 records")
        assert "5 of the filter" in run.dialog or "the 5 records of the filter" in run.dialog
        await run.press("w")
        await run.asked("groups of 10 records")
        assert "all 10 records" in run.dialog
        await run.press("n")
        await run.until(lambda: "Looking" not in run.dialog and "near" not in run.dialog.split("\n")[0])
        await run.press("V")
        await run.until(lambda: "alike" in title(run), "for the groups")
        assert run.app.screen is run.main
        listed = numbers(run)
        texts = [json.loads(line)["messages"][1]["content"] for line in run.lines]
        assert sorted(listed) != listed
        assert [texts.count(one) for one in texts] == sorted([texts.count(one) for one in texts], reverse=True)
        assert all(one == texts[texts.index(one) + place - texts.index(one)] for place, one in enumerate(texts))
        number = len(listed)
        await run.press("x")
        await run.asked(f"the {number} records of the filter")
        await run.press("f")
        assert run.titles == [f"drop {number} records where alike"]
        await run.press("u", "escape")
        assert "model:m1"[:7] in title(run)
        await filter_by(run, "alike and model:m0")
        assert numbers(run) == [one for one in sorted(listed) if one % 2 == 0]


async def test_one_group_is_listed_and_filtered_anew(mixed: Path) -> None:
    async with running(mixed, size=SIZE, workers=1) as run:
        await run.audited()
        await run.press("D")
        await run.asked("groups of")
        await run.press("v")
        await run.until(lambda: "alike" in title(run), "for the group")
        before = numbers(run)
        assert 2 <= len(before) < 10
        await run.press("x", "t")
        await run.press("ctrl+l")
        await run.until(lambda: numbers(run) == [one - 1 for one in before[1:]], "for the view")
        await run.press("O")
        assert len(numbers(run)) == 9


async def test_problems_are_those_of_what_is_listed_until_all_are_asked_for(mixed: Path) -> None:
    async with running(mixed, size=SIZE, workers=-1) as run:
        await run.audited()
        await filter_by(run, ".model = m0 and messages = 2")
        await run.press("p")
        await run.asked("CUR024")
        assert "of the 5 records of the filter" in run.dialog
        await run.press("escape")
        await filter_by(run, ".model = m1")
        await run.press("p")
        await run.asked("CUR022")
        assert "CUR024" not in run.dialog
        await run.press("w")
        await run.asked("CUR024")
        assert "of all 10 records" in run.dialog
        await run.press("w")
        await run.until(lambda: "CUR024" not in run.dialog)
        await run.press("f")
        await run.until(lambda: run.app.screen is run.main)
        assert ".model = m1 and code:CUR0" in title(run)
        listed = numbers(run)
        assert listed and all(one % 2 for one in listed)
        await run.press("ctrl+l")
        await run.until(lambda: run.app.screen is run.main)
        assert numbers(run) == listed


async def test_a_filter_by_texts_and_figures_is_taken_anew_at_the_end_of_the_audit(mixed: Path, work: HeldWork) -> None:
    work.hold()
    async with running(mixed, size=(160, 30)) as run:
        session = run.app.session
        work.go_on()
        await run.audited()
        await filter_by(run, "user ~ question and code:CUR024")
        listed = numbers(run)
        assert listed == [2, 4, 6, 8, 10]
        await run.press("j", "j")
        assert run.records.cursor == 2
        session.turn_rule(24, on=False)
        run.app.background.audit_anew()
        await run.until(lambda: not numbers(run), "for the view without the rule")
        session.turn_rule(24, on=True)
        run.app.background.audit_anew()
        await run.until(lambda: numbers(run) == listed, "for the view with it")
        assert run.records.cursor == 2
        assert run.app.screen is run.main


async def test_a_view_that_was_taken_before_the_audit_ended_follows_it_whenever_it_comes(mixed: Path) -> None:
    async with running(mixed, size=(160, 30), workers=-1) as run:
        await run.audited()
        await run.until(lambda: run.app.session.file_findings.known)
        await filter_by(run, "user ~ question and code:CUR024")
        half = run.app.session.audits, False, 0.0
        none = replace(run.app.session.listing.view, outside={0: BitMap64(range(10))})
        run.main.step_to(none, half)
        assert not numbers(run)
        await run.until(lambda: numbers(run) == [2, 4, 6, 8, 10], "for the whole view")
        await filter_by(run, "messages = 2")
        assert len(numbers(run)) == 10
        run.main._steps_back = ((none, half),)
        await run.press("escape")
        await run.until(lambda: numbers(run) == [2, 4, 6, 8, 10], "for the whole view")
