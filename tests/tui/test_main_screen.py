"""The main screen under its keys: what state they lead to, and what it says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from piloting import NARROW, WIDE, HeldWork, chat, running, write
from rich.cells import cell_len
from textual.binding import Binding
from textual.command import CommandPalette
from textual.containers import VerticalScroll
from textual.widgets import Input, Label, OptionList, Static

from curator.engine.executors import InlineExecutor
from curator.session import Session
from curator.settings import Settings
from curator.tui.desk.desk import Desk
from curator.tui.screens.choose_dialect import ChooseDialect
from curator.tui.screens.choose_model import ChooseModel
from curator.tui.screens.go_to import GoTo
from curator.tui.screens.help import Help
from curator.tui.screens.main import MainScreen
from curator.tui.widgets import conversation_view
from curator.tui.widgets.conversation_view import ConversationView
from curator.tui.widgets.key_bar import KeyBar
from curator.tui.widgets.record_list import RecordList

PARTS = [one for one in MainScreen.__mro__ if issubclass(one, Desk) and "BINDINGS" in vars(one)]
"""What the main screen is built of, where it has keys."""

CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@pytest.fixture
def hundred(tmp_path: Path) -> Path:
    """A file of a hundred sound records."""
    return write(tmp_path / "hundred.jsonl", (chat(f"question {n}", f"answer {n}") for n in range(1, 101)))


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    """Fifty records, of which the 20th and the 40th are no JSON."""
    records = [chat(f"question {n}", f"answer {n}") for n in range(1, 51)]
    return write(tmp_path / "faulty.jsonl", ["{" if n in (20, 40) else one for n, one in enumerate(records, 1)])


# Moving in the list


@pytest.mark.parametrize(
    ("keys", "record"),
    [
        ("j j", 3),
        ("down down up", 2),
        ("k", 1),
        ("G", 100),
        ("G g", 1),
        ("end home", 1),
        ("5 j", 6),
        ("1 2 G", 12),
        ("1 0 j", 11),
        ("9 9 9 9 G", 100),
        ("5 0 G 5 k", 45),
        ("0 j", 2),
        ("5 escape j", 2),
        ("5 V j", 2),
        ("G j", 100),
        ("ctrl+d ctrl+u", 1),
        ("pagedown pageup", 1),
        ("5 0 G pagedown pageup", 50),
        ("greater_than_sign greater_than_sign less_than_sign", 2),
        ("tab greater_than_sign greater_than_sign", 3),
    ],
)
async def test_keys_move_the_cursor(hundred: Path, keys: str, record: int) -> None:
    async with running(hundred, size=WIDE if "page" in keys else NARROW) as run:
        await run.press(*keys.split())
        await run.until(lambda: run.records.view.cursor == record - 1)
        assert run.records.cursor == record - 1


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_pages_are_those_of_the_list_on_screen(hundred: Path, size: tuple[int, int]) -> None:
    async with running(hundred, size=size) as run:
        height = run.records.size.height
        await run.press("pagedown")
        assert run.records.cursor == height - 1
        await run.press("ctrl+d")
        assert run.records.cursor == height - 1 + (height - 1) // 2
        await run.press("2", "pageup")
        assert run.records.cursor == 0


async def test_a_count_is_forgotten_by_what_takes_none(hundred: Path) -> None:
    async with running(hundred) as run:
        await run.press("5", "question_mark", "escape", "j")
        assert run.records.cursor == 1
        await run.press("5", "enter", "escape", "j")
        assert run.records.cursor == 2


async def test_the_reader_follows_the_cursor(hundred: Path) -> None:
    async with running(hundred) as run:
        await run.press("j", "j")
        await run.follows()
        assert "question 3" in run.text_of(run.reader)


async def test_the_reader_follows_when_news_of_the_audit_come_between(hundred: Path) -> None:
    async with running(hundred) as run:
        await run.audited()
        run.app.pacer.request(lambda: None)
        run.app.pacer.request = lambda _: None  # type: ignore[method-assign] - the terminal is not ready yet
        run.records.go_to(41)
        run.main.on_data_grew()
        await run.follows()
        assert "question 42" in run.text_of(run.reader)


async def test_figures_that_come_late_do_not_keep_the_reader_from_following(hundred: Path) -> None:
    async with running(hundred) as run:
        await run.audited()
        for _ in range(10):
            await run.press("j")
            run.main.read(run.records.cursor - 1)
        await run.follows()
        assert "question 11" in run.text_of(run.reader)


async def test_a_cursor_sent_to_the_end_stays_there_while_the_index_grows(tmp_path: Path) -> None:
    path = write(tmp_path / "many.jsonl", (chat("x" * 1000, f"answer {n}") for n in range(2000)))
    async with running(path) as run:
        await run.press("G")
        await run.resize(100, 30)
        await run.audited()
        await run.until(lambda: run.records.view.cursor == 1999)


async def test_only_the_marker_is_drawn_anew_when_the_list_is_short(project: Path) -> None:
    async with running(project / "samples" / "trl.jsonl", size=WIDE) as run:
        await run.audited()
        drawn: list[object] = []
        refresh = run.records.refresh
        run.records.refresh = lambda *regions, **keys: (drawn.append(regions), refresh(*regions, **keys))[1]  # type: ignore[method-assign]
        await run.press("j")
        assert [region.size for regions in drawn for region in regions] == [(1, 1), (1, 1)]  # type: ignore[attr-defined]


# Panes


async def test_enter_gives_the_reader_a_narrow_screen_and_escape_takes_it_back(hundred: Path) -> None:
    async with running(hundred, size=NARROW) as run:
        before = run.reader.size.height
        await run.press("j", "enter")
        assert run.reader.has_focus
        assert not run.records.display
        assert run.reader.size.height > before
        assert "question 2" in run.text_of(run.reader)
        await run.press("tab")
        assert run.reader.has_focus
        await run.press("escape")
        assert run.records.has_focus
        assert run.records.display
        assert run.reader.size.height == before


async def test_enter_on_a_wide_screen_only_moves_the_focus(hundred: Path) -> None:
    async with running(hundred, size=WIDE) as run:
        await run.press("enter")
        assert run.reader.has_focus
        assert run.records.display
        await run.press("escape")
        assert run.records.has_focus


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_tab_changes_the_pane(hundred: Path, size: tuple[int, int]) -> None:
    async with running(hundred, size=size) as run:
        assert run.records.has_focus
        await run.press("tab")
        assert run.reader.has_focus
        await run.press("shift+tab")
        assert run.records.has_focus


async def test_records_can_be_changed_while_the_reader_has_the_screen(hundred: Path) -> None:
    async with running(hundred, size=NARROW) as run:
        await run.press("enter", "greater_than_sign", "greater_than_sign")
        await run.follows()
        assert "question 3" in run.text_of(run.reader)
        await run.press("escape")
        assert "▌  3 " in run.text_of(run.records)


async def test_a_resize_while_reading_keeps_both_panes_in_order(project: Path) -> None:
    async with running(project / "samples" / "examiner.jsonl", size=NARROW) as run:
        await run.press("j", "enter", "pagedown")
        top = run.reader.top
        assert top > 0
        await run.resize(*WIDE)
        assert run.records.display
        assert run.reader.has_focus
        await run.press("tab")
        assert run.records.has_focus
        await run.press("tab")
        await run.resize(*NARROW)
        assert not run.records.display
        assert {strip.cell_length for strip in run.strips(run.reader)} == {80}
        await run.resize(20, 8)
        await run.resize(*NARROW)
        await run.press("escape")
        assert run.records.cursor == 1
        assert "▌ 2 " in run.text_of(run.records)


# The reader


async def test_the_reader_scrolls_by_lines_pages_and_to_both_ends(project: Path) -> None:
    async with running(project / "samples" / "examiner.jsonl") as run:
        await run.press("tab")
        await run.until(lambda: run.reader.complete)
        height, lines = run.reader.size.height, len(run.reader._lines)
        landings = []
        for key in ("j", "down", "k", "ctrl+d", "ctrl+u", "pagedown", "pageup", "G", "j", "g", "up"):
            await run.press(key)
            landings.append(run.reader.top)
        half, page, end = (height - 1) // 2, height - 1, lines - height
        assert landings == [1, 2, 1, 1 + half, 1, 1 + page, 1, end, end, 0, 0]
        assert run.records.cursor == 0


async def test_raw_json_keeps_every_token_and_folding_keeps_first_lines(project: Path) -> None:
    async with running(project / "samples" / "examiner.jsonl", size=WIDE) as run:
        await run.press("tab", "z")
        assert "z unfolds" in run.text_of(run.reader)
        await run.press("z", "v")
        assert '"messages": [' in run.text_of(run.reader)
        assert not run.reader.top
        await run.press("v")
        assert '"messages"' not in run.text_of(run.reader)


async def test_a_record_of_many_messages_is_begun_at_once_and_its_end_is_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "long.jsonl", [chat(*(f"message {n}" for n in range(1, 5001)))])
    monkeypatch.setattr(conversation_view, "SLICE_SECONDS", 0)
    async with running(path) as run:
        assert "message 1" in run.text_of(run.reader)
        assert not run.reader.complete
        assert len(run.reader._lines) < 500
        monkeypatch.undo()
        await run.press("tab", "G")
        await run.until(lambda: "message 5000" in run.text_of(run.reader))
        assert run.reader.complete
        assert len(run.reader._lines) == 3 * 5000


async def test_a_message_of_megabytes_is_begun_at_once_and_its_end_is_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, work: HeldWork
) -> None:
    work.hold()
    path = write(tmp_path / "large.jsonl", [chat("hi", "begin " + "word " * 1_000_000 + "end")])
    monkeypatch.setattr(conversation_view, "SLICE_SECONDS", 0)
    async with running(path) as run:
        await run.until(lambda: "begin word" in run.text_of(run.reader))
        assert not run.reader.complete
        assert len(run.reader._lines) < 500
        monkeypatch.undo()
        await run.press("tab", "G")
        await run.until(lambda: "word end" in run.text_of(run.reader))
        assert run.reader.complete


async def test_a_wish_for_the_end_outlasts_the_arrival_of_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "long.jsonl", [chat(*(f"message {n}" for n in range(1, 3001)))])
    monkeypatch.setattr(conversation_view, "SLICE_SECONDS", 0)
    async with running(path) as run:
        await run.follows()
        await run.press("tab", "G")
        assert not run.reader.complete
        run.reader.show(run.main.record, None)
        monkeypatch.undo()
        await run.until(lambda: "message 3000" in run.text_of(run.reader))


# Problems


async def test_problems_are_gone_to_forwards_and_backwards(faulty: Path) -> None:
    async with running(faulty) as run:
        await run.audited()
        landings = []
        for key in ("right_square_bracket", "right_square_bracket", "left_square_bracket"):
            await run.press(key)
            landings.append(run.records.cursor + 1)
        assert landings == [20, 40, 20]


@pytest.mark.parametrize(("key", "words"), [("right_square_bracket", "after"), ("left_square_bracket", "before")])
async def test_no_further_problem_is_said(hundred: Path, key: str, words: str) -> None:
    async with running(hundred) as run:
        await run.audited()
        await run.press(key)
        assert run.notices == [f"No problem {words} this line."]
        assert run.records.cursor == 0


async def test_a_problem_that_the_audit_has_not_reached_is_waited_for(faulty: Path, work: HeldWork) -> None:
    work.hold()
    async with running(faulty) as run:
        await run.press("right_square_bracket")
        assert run.records.cursor == 0
        assert any("Waiting; Esc stops." in one for one in run.notices)
        work.go_on()
        await run.until(lambda: run.records.cursor == 19)
        await run.audited()
        assert run.records.cursor == 19


async def test_going_back_waits_until_the_audit_is_past_the_cursor(faulty: Path, work: HeldWork) -> None:
    work.hold()
    async with running(faulty) as run:
        await run.press("G", "left_square_bracket")
        assert run.records.cursor == 49
        assert any("Waiting; Esc stops." in one for one in run.notices)
        work.go_on()
        await run.until(lambda: run.records.cursor < 49)
        assert run.main.session.next_problem(49, -1) == run.records.cursor


async def test_escape_stops_the_wait_for_a_problem(faulty: Path, work: HeldWork) -> None:
    work.hold()
    async with running(faulty) as run:
        await run.press("right_square_bracket", "escape")
        work.go_on()
        await run.audited()
        assert run.records.cursor == 0


async def test_figures_are_absent_until_the_audit_is_there(faulty: Path, work: HeldWork) -> None:
    work.hold()
    async with running(faulty) as run:
        assert "·" in run.texts(run.records)[0]
        assert "audit" in run.text_of(run.main.title_bar)
        assert "complete" not in run.text_of(run.main.title_bar)
        assert "so far" in run.text_of(run.main.totals_bar)
        work.go_on()
        await run.audited()
        assert "·" not in run.texts(run.records)[0]
        assert "50 rec" in run.text_of(run.main.totals_bar)
        assert "2 broken" in run.text_of(run.main.totals_bar)


async def test_news_draw_only_rows_whose_figures_have_come(tmp_path: Path, work: HeldWork) -> None:
    path = write(tmp_path / "hundred.jsonl", [chat(f"question {n}", f"answer {n}") for n in range(100)])
    async with running(path) as run:
        await run.audited()
        await run.press("x")
        await run.until(lambda: run.app.session.sources[0].figures.settled)
        await run.follows()
        drawn: list[object] = []
        refresh = run.records.refresh
        run.records.refresh = lambda *regions, **keys: (drawn.append(regions), refresh(*regions, **keys))[1]  # type: ignore[method-assign]
        for _ in range(10):
            run.main.on_data_grew()
        assert drawn == []
        work.hold()
        with path.open("a") as file:
            file.write(json.dumps(chat("late question", "late answer")))
        await run.press("G")
        await run.until(lambda: "late question" in run.texts(run.records)[-1])
        assert "·" in run.texts(run.records)[-1]
        await run.pilot.pause(0.1)
        drawn.clear()
        for _ in range(10):
            run.main.on_data_grew()
        assert drawn == []
        work.go_on()
        await run.until(lambda: "·" not in run.texts(run.records)[-1])
        assert [region.size.height for regions in drawn for region in regions] == [1]  # type: ignore[attr-defined]


async def test_a_last_line_that_goes_on_is_drawn_anew(tmp_path: Path) -> None:
    path = tmp_path / "growing.jsonl"
    line = json.dumps(chat("a question with an end", "answer"))
    path.write_text(f"{json.dumps(chat('first', 'x'))}\n{line[:50]}")
    async with running(path) as run:
        await run.audited()
        assert "✗" in run.texts(run.records)[1]
        with path.open("a") as file:
            file.write(line[50:] + "\n")
        await run.until(lambda: "with an end" in run.texts(run.records)[1] and "✗" not in run.texts(run.records)[1])


async def test_rows_that_were_gone_are_not_drawn_as_they_were(tmp_path: Path) -> None:
    path = write(tmp_path / "three.jsonl", [chat(f"question {n}", "x") for n in range(3)])
    async with running(path) as run:
        await run.audited()
        assert "question 2" in run.texts(run.records)[2]
        await run.press("x")
        with path.open("a") as file:
            file.write(json.dumps(chat("late question", "late answer")) + "\n")
        await run.until(lambda: len(run.app.session) == 3)
        await run.until(lambda: "late question" in run.texts(run.records)[2])


# Going to a record


@pytest.mark.parametrize(
    ("typed", "record"),
    [("42", 42), ("1_0", 10), ("5000", 100), ("0", 1), ("9" * 20, 100), ("", 7), ("a8b", 8), ("j k", 7)],
)
async def test_a_number_leads_to_its_record(hundred: Path, typed: str, record: int) -> None:
    async with running(hundred) as run:
        await run.press("7", "G", "ctrl+g" if record == 42 else "colon")
        dialog = run.app.screen
        assert isinstance(dialog, GoTo)
        assert "(1 to 100)" in str(dialog.query_one(Label).content)
        await run.press(*("space" if one == " " else "underscore" if one == "_" else one for one in typed))
        assert re.fullmatch("[0-9_ ]*", dialog.query_one(Input).value)
        await run.press("enter")
        assert run.app.screen is run.main
        assert run.records.cursor == record - 1


async def test_escape_leaves_the_cursor_where_it_was(hundred: Path) -> None:
    async with running(hundred) as run:
        await run.press("colon", "4", "escape")
        assert run.app.screen is run.main
        assert run.records.cursor == 0


# Models and dialects


async def choose(run: object, words: str) -> None:
    """Choose the first answer of the open dialog that holds some words."""
    options = run.app.screen.query_one(OptionList)  # type: ignore[attr-defined]
    options.highlighted = next(n for n, one in enumerate(options.options) if words in str(one.prompt))
    await run.press("enter")  # type: ignore[attr-defined]


async def test_another_model_changes_limit_flags_totals_and_cost_at_once(project: Path) -> None:
    async with running(project / "samples" / "over_long.jsonl", size=WIDE) as run:
        await run.audited()
        before = run.text_of(run.main.totals_bar)
        assert "1 over" in before
        assert "✗" not in run.texts(run.records)[2]
        await run.press("L")
        assert isinstance(run.app.screen, ChooseModel)
        await choose(run, "gpt-3.5-turbo-0125")
        await run.until(lambda: "3 over" in run.text_of(run.main.totals_bar))
        await run.audited()
        after = run.text_of(run.main.totals_bar)
        assert "gpt-3.5-turbo-0125" in after
        assert before.split()[-1] != after.split()[-1]
        await run.until(lambda: "18,592" in run.texts(run.records)[2])
        assert "✗" in run.texts(run.records)[2]
        assert "▲" in run.texts(run.records)[2]
        expected = Session([project / "samples" / "over_long.jsonl"], Settings(model="gpt-3.5-turbo-0125"))
        assert run.main.session.model == expected.model


async def test_a_model_that_counts_alike_needs_no_new_audit(project: Path, work: HeldWork) -> None:
    async with running(project / "samples" / "over_long.jsonl", size=WIDE) as run:
        await run.audited()
        work.hold()
        await run.press("L")
        await choose(run, "gpt-4o-2024-08-06")
        await run.until(lambda: "gpt-4o-2024-08-06" in run.text_of(run.main.totals_bar))
        await run.audited()
        assert "12 records" in run.text_of(run.main.totals_bar)


async def test_figures_of_the_old_model_do_not_stay_in_the_list(project: Path, work: HeldWork) -> None:
    async with running(project / "samples" / "contrary.jsonl") as run:
        await run.audited()
        old = run.texts(run.records)
        work.hold()
        await run.press("L")
        await choose(run, "gpt-3.5-turbo-0125")
        await run.until(lambda: "gpt-3.5-turbo-0125" in run.main.session.model.id)
        await run.pilot.pause(0.3)
        work.go_on()
        await run.audited()
        await run.pilot.pause(0.3)
        new = run.texts(run.records)
        shown = [int(line.split()[2 if "▌" not in line else 3].replace(",", "")) for line in new]
        assert shown == [run.main.session.row(n).tokens for n in range(len(new))]  # type: ignore[union-attr]
        assert new != old


async def test_an_audit_that_was_begun_and_ended_unseen_is_drawn(project: Path) -> None:
    async with running(project / "samples" / "contrary.jsonl") as run:
        await run.audited()
        old = run.texts(run.records)
        session = run.main.session
        session.choose_model("gpt-3.5-turbo-0125")
        for _ in session.audit(InlineExecutor(), 1):
            pass
        run.main.on_data_grew()
        assert run.texts(run.records) != old


async def test_leaving_the_choice_of_a_model_changes_nothing(hundred: Path) -> None:
    async with running(hundred) as run:
        await run.audited()
        model = run.main.session.model
        await run.press("L", "j", "j", "escape")
        assert run.main.session.model == model
        assert run.app.screen is run.main


async def test_a_dialect_is_forced_on_all_records_and_given_up_again(project: Path) -> None:
    async with running(project / "samples" / "alpaca.jsonl", size=WIDE) as run:
        await run.audited()
        assert "alpaca" in run.text_of(run.main.header)
        await run.press("A")
        assert isinstance(run.app.screen, ChooseDialect)
        await choose(run, "sharegpt")
        await run.until(lambda: "20 invalid" in run.text_of(run.main.totals_bar))
        assert "alpaca" not in run.text_of(run.main.header)
        await run.press("A")
        await choose(run, "detect")
        await run.until(lambda: "0 invalid" in run.text_of(run.main.totals_bar))
        await run.follows()
        assert "alpaca" in run.text_of(run.main.header)


# Help and palette


async def test_the_help_lists_every_binding(hundred: Path) -> None:
    async with running(hundred) as run:
        await run.press("question_mark")
        screen = run.app.screen
        assert isinstance(screen, Help)
        shown = str(screen.query_one(Static).content)
        for widget in (RecordList, ConversationView, *PARTS):
            for binding in widget.BINDINGS:
                assert isinstance(binding, Binding)
                assert binding.description in shown
                assert (binding.key_display or binding.key).split()[0] in shown
        scrolling = screen.query_one(VerticalScroll)
        assert max(map(cell_len, shown.splitlines())) <= scrolling.scrollable_content_region.width
        await run.press("j", "down", "k")
        assert scrolling.scroll_y == 1
        await run.burst("j" * 20, "k")
        assert scrolling.scroll_y == 20
        await run.press("G", "pageup", "g")
        assert scrolling.scroll_y == 0
        await run.press("escape")
        assert run.app.screen is run.main


async def test_no_two_bindings_of_a_place_share_a_key() -> None:
    for pane in (RecordList, ConversationView):
        bindings = [one for widget in (pane, *PARTS) for one in widget.BINDINGS if isinstance(one, Binding)]
        keys = [key for one in bindings for key in one.key.split(",")]
        assert len(keys) == len(set(keys))


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_the_key_bar_shows_what_matters_where_the_keys_go(hundred: Path, size: tuple[int, int]) -> None:
    async with running(hundred, size=size) as run:
        await run.follows()
        bar = run.main.query_one(KeyBar)
        for keys, words in (
            ("", "j move   Enter read   e edit   t tag   a accept   r reject   x drop"),
            ("enter", "j move   e edit   i insert   d delete   R role   W trained"),
            ("e", "Esc take the text   ctrl+q quit"),
        ):
            await run.press(*keys.split())
            text = run.text_of(bar)
            assert text.startswith(f" {words}")
            assert text.endswith("   ? help ") == (keys != "e")
            assert "…" not in text


@pytest.mark.parametrize(
    ("typed", "record"), [("last record", 100), ("next problem", 1), ("a page down", None), ("next unreviewed", 2)]
)
async def test_the_palette_runs_an_action(hundred: Path, typed: str, record: int | None) -> None:
    async with running(hundred) as run:
        await run.audited()
        await run.press("ctrl+p")
        palette = run.app.screen
        assert isinstance(palette, CommandPalette)
        await run.press(*("space" if one == " " else one for one in typed))
        await run.until(lambda: palette.query_one(OptionList).option_count)
        await run.pilot.pause(0.3)
        await run.press("enter")
        await run.until(lambda: run.app.screen is run.main)
        expected = run.records.size.height if record is None else record
        await run.until(lambda: run.records.cursor == expected - 1)
        if typed == "next problem":
            await run.until(lambda: run.notices)


async def test_q_leaves_with_success_at_once(hundred: Path, work: HeldWork) -> None:
    work.hold()
    async with running(hundred) as run:
        await run.press("q")
        assert run.app.return_code == 0


# What files may hold


async def test_an_empty_file_is_said_to_be_empty(tmp_path: Path) -> None:
    async with running(write(tmp_path / "empty.jsonl", [])) as run:
        await run.press("j", "G", "pagedown", "enter", "escape", "right_square_bracket", "colon", "5", "enter", "k")
        assert "no records" in run.text_of(run.main.title_bar)
        assert "no records in this file" in run.text_of(run.main.header)
        assert run.records.cursor == 0


async def test_blank_lines_are_shown_as_such(tmp_path: Path) -> None:
    async with running(write(tmp_path / "blank.jsonl", ["", "  ", "\r", ""])) as run:
        await run.audited()
        assert all("blank line" in line for line in run.texts(run.records)[:4])
        assert "0 rec" in run.text_of(run.main.totals_bar)
        await run.press("j", "enter")
        await run.until(lambda: run.text_of(run.main.header).split()[0] == "#2")


async def test_every_line_of_a_broken_file_can_be_read(project: Path) -> None:
    async with running(project / "samples" / "broken.jsonl", size=WIDE) as run:
        await run.audited()
        for position in range(run.records.view.rows):
            run.main.read(position)
            run.main.draw_record(None)
            for raw in (False, True):
                run.reader.raw = raw
                run.reader._lay_out()
                assert {cell_len(text) for text in run.texts(run.reader)} == {run.reader.size.width}
        assert {cell_len(text) for text in run.texts(run.records)} == {run.records.size.width}


async def test_a_line_that_is_no_json_is_shown_with_its_fault(faulty: Path) -> None:
    async with running(faulty) as run:
        await run.audited()
        await run.press("right_square_bracket")
        await run.until(lambda: "CUR033" in run.text_of(run.reader))
        assert run.texts(run.reader)[0].startswith(" ✗ not JSON")
        assert "not a conversation" in run.text_of(run.main.header)


async def test_several_files_are_one_data_set(project: Path) -> None:
    names = ("contrary.jsonl", "sharegpt.jsonl", "alpaca.jsonl")
    async with running(*(project / "samples" / name for name in names), size=WIDE) as run:
        await run.audited()
        assert "contrary.jsonl and 2 more" in run.text_of(run.main.title_bar)
        assert "67" in run.text_of(run.main.title_bar)
        await run.press("3", "3", "G")
        await run.until(lambda: "sharegpt.jsonl:1 " in run.text_of(run.main.header))
        await run.press("G")
        await run.until(lambda: "alpaca.jsonl:20 " in run.text_of(run.main.header))
        assert "67 records" in run.text_of(run.main.totals_bar)


async def test_a_file_that_is_shortened_while_open_is_told_and_survived(tmp_path: Path, work: HeldWork) -> None:
    work.hold()
    path = write(tmp_path / "cut.jsonl", (chat("x" * 2000, f"answer {n}") for n in range(2000)))
    async with running(path) as run:
        path.write_bytes(b"")
        work.go_on()
        await run.press("1", "0", "0", "G", "j", "pagedown")
        await run.until(lambda: any("became shorter while it was open" in one for one in run.notices))
        assert "cannot be read any more" in run.text_of(run.records)
        await run.press("enter", "escape", "g", "right_square_bracket", "L", "escape")
        assert run.app.screen is run.main


async def test_hostile_text_reaches_no_strip_and_every_strip_has_its_width(project: Path) -> None:
    async with running(project / "samples" / "terminal_attack.jsonl", size=NARROW) as run:
        await run.audited()
        for width in range(80, 121):
            await run.resize(width, 40)
            for position in range(run.records.view.rows):
                run.main.read(position)
                run.main.draw_record(None)
                for raw in (False, True):
                    run.reader.raw = raw
                    run.reader._lay_out()
                    for text in run.texts(run.reader):
                        assert not CONTROLS.search(text)
                        assert cell_len(text) == run.reader.size.width
            for widget in (run.records, run.main.title_bar, run.main.totals_bar, run.main.header):
                for text in run.texts(widget):
                    assert not CONTROLS.search(text)
                    assert cell_len(text) == widget.size.width


@pytest.mark.parametrize(
    "name",
    [
        "[/nope].jsonl",
        "[bold]x[/red].jsonl",
        "[@click=app.bell]x.jsonl",
        "a\x1b]52;c;aGk=\x07b\n\x9bc.jsonl",
        "\u202eevil.jsonl",
    ],
)
async def test_file_names_are_only_text(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / f"2{name}").parent.mkdir(exist_ok=True)
    path = write(tmp_path / name, [{"odd": 1}])
    other = write(tmp_path / f"2{name}", [chat("hi", "hello")])
    async with running(path, other, size=WIDE) as run:
        await run.audited()
        await run.press("A", "escape", "L", "escape", "ctrl+p", "escape", "right_square_bracket", "G")
        await run.until(lambda: run.text_of(run.main.header).strip())
        for text in run.texts(run.main):
            assert not CONTROLS.search(text)
            assert "\u202e" not in text
        if name.startswith("["):
            assert path.name in run.text_of(run.main.title_bar)
        assert not any(CONTROLS.search(one) for one in run.notices)


async def test_without_colour_all_is_drawn(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with running(project / "samples" / "broken.jsonl", size=WIDE) as run:
        await run.audited()
        assert run.app.no_color
        for key in ("j", "right_square_bracket", "enter", "v", "z", "question_mark", "escape", "L", "escape"):
            await run.press(key)
        assert "▌" in run.text_of(run.records)


async def test_an_unknown_theme_is_no_reason_to_fail(hundred: Path) -> None:
    async with running(hundred, theme="no such theme") as run:
        await run.press("j")
        assert run.records.cursor == 1
