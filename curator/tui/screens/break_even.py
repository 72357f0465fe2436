"""Whether a shorter prompt pays for the fine-tuning, from how many calls on, and on what that depends."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Label

from curator.analysis.break_even import BreakEven, break_even
from curator.analysis.model_choice import notes_on
from curator.analysis.model_costs import MonthlyUse
from curator.analysis.prices import ModelPrice
from curator.analysis.prompts_seen import SystemPrompt
from curator.errors import CuratorError
from curator.session import Session, dollars
from curator.session.calls import is_outside, prompt_in_data, prompt_outside, without_line_end
from curator.session.costing import models_of
from curator.tui.background import Background
from curator.tui.break_even_counting import BreakEvenCounting
from curator.tui.break_even_lines import Case, cost_lines, figure_lines, prompt_line, variation_lines, variations
from curator.tui.figures import meter
from curator.tui.money_fields import (
    decimal,
    short_fields,
    short_of,
    terms_fields,
    text_of,
    whole,
    wrong_short,
    wrong_whole,
)
from curator.tui.screens.ask import Answers, Ask, AskSeveral
from curator.tui.screens.choose import Choose
from curator.tui.screens.help import Help
from curator.tui.status import cost_segments, totals_segments
from curator.tui.visible import one_line, visible
from curator.tui.widgets.bars import Bar, Segment
from curator.tui.widgets.plot import Plot
from curator.tui.widgets.screen_keys import ScreenKeys

Shorten = Callable[[SystemPrompt, str], object]
"""Puts a text in place of a system prompt; an empty one is asked for."""

SHORTER = 10
"""Into how many parts a prompt is cut at first: a tenth of it stays, as the promise of 90 % has it."""
METER_CELLS = 20
MOST_PROMPTS = 20
PROMPT_CELLS = 48


class BreakEvenScreen(Screen[None]):
    """The figures of one base model, one tuned model, and one system prompt that is cut short."""

    AUTO_FOCUS = "VerticalScroll"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,b", "dismiss(None)", "back", key_display="Esc"),
        Binding("m", "model('base')", "base model", tooltip="the model that is called now"),
        Binding("t", "model('tuned')", "tuned", tooltip="the model to be tuned"),
        Binding("p", "prompt", "prompt", tooltip="the prompt that gets shorter: of the data, typed or a file"),
        Binding("s", "short", "short one", tooltip="the short prompt: a number of tokens, a text, or a file"),
        Binding("S", "shorten", "shorten", tooltip="put the short prompt in place of the long one, in all records"),
        Binding("e", "epochs", "epochs", tooltip="how many epochs are reckoned with"),
        Binding("n", "terms", "calls", tooltip="calls a day, share of the cache, batches, hours"),
        Binding("j", "scroll(1)", "down", show=False),
        Binding("k", "scroll(-1)", "up", show=False),
        Binding("question_mark", "help", "help", key_display="?"),
    ]

    def __init__(self, session: Session, background: Background, shorten: Shorten | None = None) -> None:
        super().__init__()
        self.session = session
        self._then = shorten
        names = [one.name for one in session.book.editions]
        self._edition = session.model.edition if session.model.edition in names else names[-1]
        can = self._tunable()
        rows = models_of(session, self._edition)
        self._base = next((one for one in rows if one.id == session.model.id), rows[0])
        self._tuned = self._base if self._base in can else can[0]
        self._counting = BreakEvenCounting(session, background, self._heard)
        self._prompt: SystemPrompt | None = None
        self._short: str | int = 0
        self._epochs = session.settings.epochs
        self._hours: Decimal | None = None
        self._use = MonthlyUse(0)
        self._a_day: Decimal | None = None
        self._title = Bar(id="title")
        self._condition = Label(id="condition", markup=False)
        self._figures = Label(id="figures", markup=False)
        self._plot = Plot()
        self._tables = Label(id="tables", markup=False)
        self._notes = Label(id="notes", markup=False)
        self._totals = Bar(id="totals")

    def compose(self) -> ComposeResult:
        """Title, the answer, figures, both cost lines, how it changes, warnings, totals, keys."""
        yield self._title
        with VerticalScroll():
            yield self._condition
            yield self._figures
            yield self._notes
            yield self._plot
            yield self._tables
        yield self._totals
        yield ScreenKeys()

    def on_mount(self) -> None:
        """Begin with what the data say."""
        self._look()

    def on_unmount(self) -> None:
        """What is counted for this screen is of no use any more."""
        self._counting.stop()

    def on_resize(self) -> None:
        """Tables stand beside each other where there is room."""
        self._draw()

    # Counting

    def _tunable(self) -> list[ModelPrice]:
        return [one for one in models_of(self.session, self._edition) if self.session.book.tuned(one) is not None]

    @property
    def _tuned_row(self) -> ModelPrice:
        return self.session.book.tuned(self._tuned) or self._tuned

    def _look(self) -> None:
        self._counting.look(self._base)
        self._draw()

    def _shorten(self) -> None:
        limit = self.session.settings.context_length or self._tuned_row.limit or 0
        self._counting.shorten(self._base, self._tuned_row, limit, self._prompt, self._short)
        self._draw()

    def _heard(self) -> None:
        """More is known. When the prompts are found, the costliest one is cut to a tenth, unless one was chosen."""
        before = self._counting.before
        if before is None or self._counting.after is not None or self._counting.running or self._counting.failed:
            self._draw()
            return
        if self._prompt is not None and is_outside(self._prompt):
            self._count_outside(self._prompt.text)
            return
        ranked = before.prompts.ranked(1)
        kept = before.prompts.find(self._prompt.key) if self._prompt is not None else None
        if kept is None and ranked:
            kept, self._short = ranked[0], max(1, ranked[0].tokens // SHORTER)
        self._prompt = kept
        self._shorten()

    # What stands on the screen

    def _case(self) -> Case | None:
        return self._counting.case(self._base, self._tuned_row, self._epochs, self._hours, self._use, self._a_day)

    def _draw(self) -> None:
        self._title.left = (
            Segment("break-even", "break-even", "strong"),
            Segment(self._base.id, self._base.id),
            Segment(f"→ {self._tuned_row.id}", f"→ {self._tuned_row.id}"),
        )
        self._title.right = (Segment(f"prices of edition {self._edition}", self._edition, "quiet"),)
        self._totals.left = totals_segments(self.session)
        self._totals.right = cost_segments(self.session)
        case = self._case()
        answer = None
        if case is not None:
            try:
                answer = break_even(case.base, case.tuned, case.usage, case.training)
            except CuratorError as error:
                self._say_instead(str(error))
                return
        if case is None or answer is None:
            self._say_instead(self._why_not())
        else:
            self._draw_answer(case, answer)

    def _why_not(self) -> str:
        before = self._counting.before
        if before is not None and not before.calls:
            return "No record has a trained answer, so the data tell nothing of how a model is called."
        if self._counting.failed:
            return "This could not be counted; go back, and come here again to have it tried anew."
        what = "Looking for system prompts and calls" if before is None else "Counting with the short prompt in place"
        return f"{what}   {meter(self._counting.share, METER_CELLS)} {self._counting.share:.0%}"

    def _say_instead(self, sentence: str) -> None:
        self._condition.update(Content(visible(sentence)))
        for one in (self._figures, self._notes, self._plot, self._tables):
            one.display = False

    def _draw_answer(self, case: Case, answer: BreakEven) -> None:
        for one in (self._figures, self._notes, self._plot, self._tables):
            one.display = True
        self._condition.update(Content(visible(answer.condition)))
        calls = case.usage.call.count
        prompt = prompt_line(self._prompt, self._short, max(PROMPT_CELLS, self.size.width - 18))
        self._figures.update(Content("\n".join([prompt, *figure_lines(case, answer, calls)])))
        notes = [*notes_on(case.base), *notes_on(case.tuned), *self._counting.warnings(case.training.epochs)]
        self._notes.display = bool(notes)
        self._notes.update(Content("\n".join(dict.fromkeys(map(visible, notes)))))
        self._plot.draw(lambda width, height: cost_lines(answer, self._a_day, width, height))
        room = max(20, self.size.width - 6)
        self._tables.update(Content("\n".join(variation_lines(variations(case), room))))

    # Keys

    def action_help(self) -> None:
        """Show the keys."""
        self.app.push_screen(Help((("break-even", (BreakEvenScreen,)), ("everywhere", ())), ()))

    def action_scroll(self, step: int) -> None:
        """Scroll by a line."""
        self.query_one(VerticalScroll).scroll_relative(y=step, animate=False, immediate=True)

    def action_model(self, which: str) -> None:
        """Choose the model that is called now (`base`), or the one to be tuned (`tuned`)."""
        models = models_of(self.session, self._edition) if which == "base" else self._tunable()
        now = self._base if which == "base" else self._tuned
        shown = [f"{one.id:<26}{price(one.input):>12}{price(one.output):>12}" for one in models]

        def chosen(model: ModelPrice | None) -> None:
            if model is None:
                return
            if which == "base":
                self._base = model
                self._look()
            else:
                self._tuned = model
                self._shorten()

        what = "The model called now" if which == "base" else "The model to be tuned"
        title = f"{what:<26}{'$/M in':>12}{'$/M out':>12}"
        place = models.index(now) if now in models else 0
        self.app.push_screen(Choose(title, shown, models, place), chosen)

    def action_prompt(self) -> None:
        """Choose the system prompt that gets shorter: one of the data's costliest, one typed, or one from a file."""
        before = self._counting.before
        if before is None:
            self.notify("The system prompts of the data are still being looked for.", markup=False)
            return
        ranked = before.prompts.ranked(MOST_PROMPTS)
        shown = [
            f"{one.tokens:>7,} tokens x {one.records:>9,} records   {one_line(one.text, PROMPT_CELLS)}"
            for one in ranked
        ]
        answers: list[SystemPrompt | str] = [*ranked, "type", "file"]

        def chosen(answer: SystemPrompt | str | None) -> None:
            if isinstance(answer, SystemPrompt):
                self._take_prompt(answer)
            elif answer is not None:
                self._ask_prompt(answer)

        offered = [*shown, "another one, typed …", "another one, from a file …"]
        self.app.push_screen(Choose("The system prompt that gets shorter", offered, answers), chosen)

    def _take_prompt(self, prompt: SystemPrompt) -> None:
        self._prompt = prompt
        if isinstance(self._short, int):
            self._short = max(1, prompt.tokens // SHORTER)
        self._shorten()

    def _ask_prompt(self, kind: str) -> None:
        """One that stands in no record is reckoned with all the same: as if it stood before every call."""

        def text_in(text: str) -> str:
            return text if kind == "type" else text_of(text)

        def check(text: str) -> str:
            try:
                return "" if without_line_end(text_in(text)) else "It takes the text of a system prompt."
            except (OSError, UnicodeDecodeError):
                return "There is no such file of text."

        def answered(text: str | None) -> None:
            before = self._counting.before
            if text is None or before is None:
                return
            said = text_in(text)
            found = prompt_in_data(before.prompts, said)
            if found is not None:
                self._take_prompt(found)
            else:
                self._count_outside(said)

        title = "The whole system prompt" if kind == "type" else "The file that holds the system prompt"
        self.app.push_screen(Ask(title, check=check), answered)

    def _count_outside(self, text: str) -> None:
        """Go on with a prompt that no record begins with, once its tokens are counted."""

        def known(tokens: int) -> None:
            if self.is_mounted:
                self._take_prompt(prompt_outside(text, tokens))

        self._counting.count(without_line_end(text), self._base, known)

    def action_short(self) -> None:
        """Ask for the short prompt: its length, its text, or a file with it."""

        def answered(answers: Answers | None) -> None:
            if answers is not None:
                self._short = short_of(answers)
                self._shorten()

        self.app.push_screen(AskSeveral("The short system prompt", short_fields(self._short), wrong_short), answered)

    def action_shorten(self) -> None:
        """Go on to put the short prompt in place of the long one, in all records."""
        if self._prompt is not None and self._then is not None:
            self._then(self._prompt, "" if isinstance(self._short, int) else self._short)

    def action_epochs(self) -> None:
        """Ask how many epochs are reckoned with."""

        def answered(text: str | None) -> None:
            if text is not None:
                self._epochs = whole(text) or 0
                self._draw()

        now = f"{self._epochs:,}" if self._epochs else ""
        self.app.push_screen(Ask("Epochs (empty: the service's default rule)", now, check=wrong_whole), answered)

    def action_terms(self) -> None:
        """Ask how many calls are made a day, and at what terms."""

        def answered(answers: Answers | None) -> None:
            if answers is not None:
                a_day, cached, discount, hours = (decimal(one or "0") or Decimal(0) for one in answers.texts)
                self._a_day, self._hours = a_day or None, hours or None
                self._use = MonthlyUse(0, cached, discount)
                self._draw()

        fields = terms_fields(self._a_day, self._use, self._hours)
        self.app.push_screen(AskSeveral("How it is called, and trained", fields), answered)


def price(amount: Decimal | None) -> str:
    """A price of a million tokens."""
    return "-" if amount is None else dollars(amount)
