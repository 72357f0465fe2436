"""Filter and order under their keys: what is listed, what the title says, and the way back."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from piloting import Driven, HeldWork, chat, running, write

from curator.session.listing import ALL
from curator.tui.widgets.key_bar import KeyBar


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings and state of a user of the test's own."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def twenty(tmp_path: Path) -> Path:
    """Records whose answers get longer, and whose scores fall."""
    return write(
        tmp_path / "twenty.jsonl",
        (chat(f"question {n}", "word " * n, score=100 - n) for n in range(1, 21)),
    )


def numbers(run: Driven) -> list[int]:
    """The numbers of the listed records."""
    listing = run.app.session.listing
    return [listing.number_of(*listing.locate(position)) for position in range(len(listing))]


def title(run: Driven) -> str:
    return run.text_of(run.main.title_bar)


async def filter_by(run: Driven, text: str) -> None:
    """Type a filter in place of the one in force, and apply it."""
    await run.press("f")
    run.main.filter_bar.editor.set_text("")
    await run.type(text + "\n")
    await run.until(lambda: not run.main.filter_bar.display, "for the filter")
    await run.until(lambda: run.app.screen is run.main)


@pytest.mark.parametrize("text", ["tokens > 24", 'assistant ~ "word word word word word word word word word"'])
async def test_a_filter_lists_what_it_finds_and_escape_leaves_it(twenty: Path, text: str) -> None:
    async with running(twenty, size=(120, 30), workers=-1) as run:
        await run.audited()
        await run.go_to(18)
        await filter_by(run, text)
        found = numbers(run)
        assert 2 <= len(found) < 20
        assert found == list(range(found[0], 21))
        assert f"{len(found)} of 20" in title(run)
        assert text[:11] in title(run)
        assert run.records.cursor == found.index(18)
        assert run.texts(run.records)[0].split()[0] == str(found[0])
        await run.press("escape")
        assert run.app.session.listing.view is ALL
        assert run.records.cursor == 17
        assert "where" not in title(run)


async def test_what_is_wrong_stands_under_its_place_and_what_is_found_is_told_while_one_types(twenty: Path) -> None:
    async with running(twenty, size=(120, 30), workers=-1) as run:
        await run.audited()
        below = run.main.filter_bar._below
        await run.press("f")
        await run.type("messages = 2 and tokns")
        text = str(below.content)
        assert "did you mean `tokens`?" in text
        assert text.index("^") == len(" filter: messages = 2 and ")
        await run.press("tab")
        assert run.main.filter_bar.text == "messages = 2 and tokns"
        await run.press(*["backspace"] * 2)
        await run.press("tab")
        await run.type(" > 0")
        assert run.main.filter_bar.text == "messages = 2 and tokens > 0"
        await run.until(lambda: "20 records match, of 20." in str(below.content), "for the count")
        await run.press("escape")
        assert run.app.session.listing.view is ALL
        assert run.records.has_focus


async def test_a_record_that_no_longer_matches_stays_dimmed_until_the_filter_is_run_again(twenty: Path) -> None:
    async with running(twenty, size=(120, 30), workers=-1) as run:
        await run.audited()
        await filter_by(run, "not reviewed and tokens > 24")
        before = numbers(run)
        await run.press("a")
        assert numbers(run) == before
        assert run.main._entry(0).faded
        assert not run.main._entry(1).faded
        await run.press("ctrl+l")
        await run.until(lambda: numbers(run) == before[1:], "for the view")


async def test_filters_are_left_step_by_step_and_an_empty_one_lists_all(twenty: Path) -> None:
    async with running(twenty, size=(120, 30), workers=-1) as run:
        await run.audited()
        await filter_by(run, "tokens > 24")
        first = numbers(run)
        await filter_by(run, "tokens > 26")
        assert numbers(run) == first[2:]
        await run.press("escape")
        assert numbers(run) == first
        await filter_by(run, "")
        assert len(numbers(run)) == 20
        await filter_by(run, "tokens > 26 and tokens < 3")
        assert not numbers(run)
        assert "no record matches the filter" in run.text_of(run.main.header)
        await run.press("escape")
        assert len(numbers(run)) == 20


async def test_earlier_filters_come_back_also_after_a_restart(twenty: Path) -> None:
    async with running(twenty, workers=-1) as run:
        await run.audited()
        await filter_by(run, "tokens > 24")
        await filter_by(run, "tokens > 26")
    async with running(twenty, workers=-1) as run:
        await run.press("f", "up", "up")
        assert run.main.filter_bar.text == "tokens > 24"
        await run.press("down")
        assert run.main.filter_bar.text == "tokens > 26"
        await run.press("down")
        assert not run.main.filter_bar.text


async def test_a_filter_is_saved_under_a_name_that_stands_for_it(twenty: Path, tmp_path: Path) -> None:
    config = tmp_path / "config" / "curator" / "curator.toml"
    config.parent.mkdir(parents=True)
    config.write_text("# mine\nepochs = 3\n")
    async with running(twenty, workers=-1) as run:
        await run.audited()
        await run.press("f")
        await run.type("tokens > 24")
        await run.press("ctrl+s")
        await run.asked("Save the filter")
        await run.type("long\n")
        await run.until(lambda: "tokens" in config.read_text(), "for the settings")
        await run.press("escape")
        await filter_by(run, "@long and tokens > 26")
        assert numbers(run)
    assert config.read_text().startswith("# mine\nepochs = 3\n")
    assert tomllib.loads(config.read_text())["filters"] == {"long": "tokens > 24"}


async def test_records_are_sorted_by_columns_and_keys_and_keep_ones_place(twenty: Path) -> None:
    async with running(twenty, size=(120, 30), workers=-1) as run:
        await run.audited()
        await run.go_to(18)
        await run.press("o", "1", "enter")
        await run.until(lambda: numbers(run) == [*range(20, 0, -1)], "for the order")
        assert "sorted by -tokens" in title(run)
        assert run.records.cursor == 2
        await run.press("o", "1", "1", "k")
        await run.type("score\n")
        await run.asked("rising")
        await run.press("enter")
        await run.until(lambda: "by .score" in title(run), "for the order")
        assert numbers(run) == [*range(20, 0, -1)]
        await filter_by(run, "tokens < 20")
        assert numbers(run) == sorted(numbers(run), reverse=True)
        await run.press("O")
        assert run.app.session.listing.view is ALL


async def test_what_is_done_applies_to_the_filter(twenty: Path) -> None:
    async with running(twenty, size=(120, 30), workers=-1) as run:
        await run.audited()
        await filter_by(run, "tokens > 24")
        number = len(numbers(run))
        await run.press("x")
        await run.asked(f"the {number} records of the filter")
        await run.press("f")
        assert not numbers(run)
        assert run.titles == [f"drop {number} records where tokens > 24"]
        await run.press("O", "g")
        assert len(numbers(run)) == 20 - number
        await run.press("u")
        assert len(numbers(run)) == 20
        lines = [json.loads(line) for line in run.lines]
        assert len(lines) == 20


async def test_numbers_are_gone_to_where_they_are_listed(twenty: Path) -> None:
    async with running(twenty, size=(120, 30), workers=-1) as run:
        await run.audited()
        await filter_by(run, "tokens > 24")
        first, second, *_ = numbers(run)
        await run.press(*str(second), "G")
        assert run.records.cursor == 1
        await run.press("1", "G")
        await run.said("#1 is not in this filter")
        assert run.records.cursor == 1
        assert first


async def test_facets_are_counted_and_what_is_chosen_goes_into_the_filter(twenty: Path) -> None:
    async with running(twenty, size=(120, 30), workers=-1) as run:
        await run.audited()
        await run.press("F")
        await run.asked("openai-chat")
        await run.press("right")
        await run.asked("user assistant")
        await run.press("left", "left", "left")
        await run.asked("0 to 127")
        await run.press("period")
        await run.asked("Count by the key")
        await run.type("score\n")
        await run.asked("99")
        await run.press("o", "enter")
        await run.until(lambda: len(numbers(run)) == 1, "for the filter")
        assert ".score = 99" in title(run)
        await run.press("escape", "F", "exclamation_mark")
        await run.until(lambda: len(numbers(run)) == 19, "for the filter")


async def test_the_sums_of_the_filter_stand_in_the_totals_bar(twenty: Path) -> None:
    async with running(twenty, size=(160, 30), workers=-1) as run:
        await run.audited()
        await filter_by(run, "tokens > 24")
        number = len(numbers(run))
        await run.until(lambda: f"{number} in this filter: " in run.text_of(run.main.totals_bar), "for the sums")
        await run.press("space")
        await run.until(lambda: "1 marked: " in run.text_of(run.main.totals_bar), "for the sums")


async def test_undo_says_where_the_record_is_that_is_not_listed(twenty: Path) -> None:
    async with running(twenty, size=(120, 30), workers=-1) as run:
        await run.audited()
        await run.press("x")
        await filter_by(run, "tokens > 24")
        await run.press("u")
        await run.said("#1 is not in this filter.")


async def test_a_sorted_list_is_walked_and_marked_in_its_order(twenty: Path) -> None:
    async with running(twenty, size=(120, 30), workers=-1) as run:
        await run.audited()
        await run.press("o", "1", "enter")
        await run.until(lambda: numbers(run)[0] == 20, "for the order")
        await run.press("g", "V", "j", "j", "V")
        assert sorted(one + 1 for one in run.app.session.sources[0].marked) == [18, 19, 20]
        await run.press("g", "right_square_bracket")
        assert run.records.cursor == 1
        await run.press("a", "right_curly_bracket")
        await run.asked("Accepted")
        await run.press("t")
        assert run.app.session.sources[0].edited.overlay.labels.reviewed


async def test_a_filter_by_figures_follows_the_audit(twenty: Path, work: HeldWork) -> None:
    work.hold()
    async with running(twenty, size=(160, 30)) as run:
        await filter_by(run, "tokens > 24")
        assert not numbers(run)
        assert "0 of 20 so far" in title(run)
        work.go_on()
        await run.audited()
        await run.until(lambda: numbers(run) == [*range(10, 21)], "for the view")
        assert "11 of 20 where tokens" in title(run)


async def test_the_title_tells_the_filter_rather_than_all_of_a_long_name(twenty: Path, tmp_path: Path) -> None:
    long = write(tmp_path / "support_dialogues_of_march.jsonl", [chat("hello", "word " * 30)])
    async with running(long, twenty, workers=-1) as run:
        await run.audited()
        assert "support_dialogues_of_march.jsonl and 1 more" in title(run)
        await filter_by(run, "tokens > 24")
        count = f"{len(numbers(run))} of 21: tokens > 24"
        assert count in title(run)
        assert "support_dialogu… +1" in title(run)


async def test_the_line_says_whole_sentences_from_its_first_key_on_and_names_keys_as_all_lines_do(twenty: Path) -> None:
    async with running(twenty, workers=-1) as run:
        await run.audited()
        await run.press("f")
        assert "Enter lists all 20 records." in str(run.main.filter_bar._below.content)
        assert run.text_of(run.main.query_one(KeyBar)).startswith(" Enter filter   Tab complete")
