"""Shortening the system prompt: which one, by what, a preview in figures, and then all records at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pyroaring import BitMap64
from textual.binding import Binding, BindingType

from curator.errors import CuratorError
from curator.session import Record
from curator.session.editor import Selection
from curator.tui.desk.desk import Desk
from curator.tui.desk.long_search import LongSearch
from curator.tui.screens.ask import Answers, AskSeveral, Field
from curator.tui.screens.choose import Choose
from curator.tui.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from curator.analysis.prompts_alike import Alike
    from curator.analysis.prompts_seen import PromptsSeen, SystemPrompt
    from curator.records.short_prompt import ShortPrompt
    from curator.session.shortening import Preview, Sample
    from curator.tui.difference_layout import Difference

MOST_PROMPTS = 20
PROMPT_CELLS = 44
SAMPLE_START, SAMPLE_END = 200, 70
"""Characters that are shown of a prompt in a sample, from its start and from its end."""


class Shortening(Desk):
    """`S`: put a short system prompt in place of a long one, in a record, the marked records, or all."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("S", "shorten", "shorten the system prompt")]

    last_short = ""

    def action_shorten(self) -> None:
        """Ask where."""
        self.follow()
        if reason := self.source.edited.read_only:
            self.say(reason, severity="warning")
            return
        record = self.record
        scopes: list[tuple[str, Callable[[], object]]] = []
        if self.number_marked:
            marked = {source: source.marked.copy() for source in self.session.sources if source.marked}
            scopes.append((f"the {self.number_marked:,} marked records", lambda: _Steps(self, marked).look()))
        if self.number_filtered:
            filtered = {source: records.copy() for source, records in self.filtered.items()}
            those = f"the {self.number_filtered:,} records of the filter"
            scopes.append((those, lambda: _Steps(self, filtered).look()))
        everything = sum(len(source.edited) for source in self.session.sources)
        scopes.append((f"all {everything:,} records", lambda: _Steps(self, None).look()))
        if record is not None:
            scopes.append((f"this record, #{record.number:,}", lambda: self._shorten_here(record)))

        def chosen(number: int | None) -> None:
            if number is not None:
                scopes[number][1]()

        words = [words for words, _ in scopes]
        self.app.push_screen(Choose("Shorten the system prompt in", words, range(len(scopes))), chosen)

    def shorten_prompt(self, prompt: SystemPrompt, short: str) -> None:
        """Ask for the short text in place of a prompt that was chosen elsewhere; for all records."""
        if reason := self.source.edited.read_only:
            self.say(reason, severity="warning")
            return
        self.last_short = short or self.last_short
        _Steps(self, None).find_text(prompt)

    def _shorten_here(self, record: Record) -> None:
        from curator.records.short_prompt import system_prompt_of

        text = system_prompt_of(record.conversation)
        if not text:
            self.say(f"#{record.number:,} begins with no system prompt of text.")
            return
        source = self.session.sources[record.place.source]
        _Steps(self, {source: BitMap64([record.place.id])}).ask(text, begins=False)


class _Steps:
    """One shortening from the choice of a prompt to its commit, in some records, or None for all."""

    def __init__(self, desk: Shortening, selection: Selection | None) -> None:
        from curator.session.asking import asked_for, asked_of_all

        self._desk = desk
        self._selection = selection
        self._asked = asked_of_all(desk.session) if selection is None else asked_for(desk.session, selection)

    def look(self) -> None:
        """Look for the system prompts behind the screen."""

        def steps() -> Iterator[tuple[float, PromptsSeen]]:
            from curator.session.shortening import prompts_of

            return prompts_of(self._desk.session, *self._desk.background.executor, self._selection)

        LongSearch(self._desk, "Looking for system prompts", steps, self._choose).begin()

    def _choose(self, seen: PromptsSeen) -> None:
        from curator.analysis.prompts_alike import alike
        from curator.analysis.prompts_seen import SystemPrompt

        ranked = seen.ranked()
        if not ranked:
            self._desk.say("No record begins with a system prompt, so there is none to shorten.")
            return
        offered: list[SystemPrompt | Alike] = [*alike(ranked), *ranked[:MOST_PROMPTS]]

        def chosen(answer: SystemPrompt | Alike | None) -> None:
            if isinstance(answer, SystemPrompt):
                self.find_text(answer)
            elif answer is not None:
                self.ask(answer.beginning, begins=True)

        title = "The system prompt that gets shorter: its tokens x its records"
        self._desk.app.push_screen(Choose(title, [_offer(one) for one in offered], offered, 0), chosen)

    def find_text(self, prompt: SystemPrompt) -> None:
        """The whole text, which has to be looked for where it is very long."""

        def find() -> Callable[[], object]:
            from curator.session.shortening import whole_text

            text = whole_text(self._desk.session, prompt, *self._desk.background.executor, self._selection)
            if not text:
                return lambda: self._desk.say("No record has this system prompt any more.")
            return lambda: self.ask(text, begins=False)

        self._desk.background.run(find)

    # By what

    def ask(self, long: str, *, begins: bool) -> None:
        """Ask for the short prompt in place of a long one, or of all that begin so."""
        from curator.records.short_prompt import ShortPrompt, check_short_prompt

        def check(answers: Answers) -> str:
            text, file = answers.texts
            if text and file.strip():
                return "Give its text or a file with it, not both."
            try:
                check_short_prompt(ShortPrompt(long, short_of(answers), begins))
            except CuratorError as error:
                return str(error)
            except (OSError, UnicodeDecodeError):
                return f"{file}: there is no such file of text."
            return ""

        def answered(answers: Answers | None) -> None:
            if answers is not None:
                self._desk.last_short = answers.texts[0]
                self._try(ShortPrompt(long, short_of(answers), begins))

        rest = "; {rest}: what follows in each" if begins else ", or nothing to remove it"
        title = f"The short prompt{rest}; {{id}}: the record's `id`"
        fields = [Field("Its text:", self._desk.last_short), Field("or a file with it:")]
        self._desk.app.push_screen(AskSeveral(title, fields, check), answered)

    def _try(self, prompt: ShortPrompt) -> None:
        """Work out behind the screen what it would do."""

        def steps() -> Iterator[tuple[float, tuple[Preview, list[Sample]]]]:
            from curator.session.shortening import Preview, preview, samples

            session, found = self._desk.session, Preview(prompt)
            for share, found in preview(session, prompt, *self._desk.background.executor, self._selection):
                yield share, (found, [])
            yield 1.0, (found, samples(session, found))

        LongSearch(self._desk, "Counting with the short prompt in place", steps, self._offer).begin()

    # The preview

    def _offer(self, answer: tuple[Preview, list[Sample]]) -> None:
        from curator.session.shortening_figures import figures_of, told_of
        from curator.tui.screens.diff_view import DiffView

        found, shown = answer
        first, *more = told_of(self._desk.session, found, figures_of(self._desk.session, found, self._selection))
        if not found.changed:
            self._desk.say(" ".join((first, *more)))
            return
        lines = [f"{first} Enter does it, u takes it back.", *more]

        def apply(yes: bool | None) -> None:
            if yes:
                self._desk.attempt(lambda: self._commit(found))

        self._desk.app.push_screen(DiffView("\n".join(lines), self._differences(shown)), apply)

    def _commit(self, found: Preview) -> None:
        from curator.session.shortening_figures import title_of

        editor = self._desk.session.editor
        self._desk.changed(editor.sweep(found.records, found.prompt, title_of(found), self._asked))

    def _differences(self, shown: list[Sample]) -> Iterator[Difference]:
        from curator.tui.difference_layout import Difference

        for one in shown:
            number = self._desk.session.listing.number_of(one.source, one.record)
            yield Difference(f"#{number:,}, system prompt", abridged(one.before), abridged(one.after))


def short_of(answers: Answers) -> str:
    """The short prompt that was asked for. Raises OSError or UnicodeDecodeError for a file that has none."""
    text, file = answers.texts
    from curator.tui.money_fields import text_of

    return text_of(file).removesuffix("\n").removesuffix("\r") if file.strip() else text


def abridged(text: str) -> str:
    """A long text as a line from its start and one from its end, with how much is left out between them."""
    left_out = len(text) - SAMPLE_START - SAMPLE_END
    if left_out < SAMPLE_END:
        return text
    start, end = (" ".join(one.split()) for one in (text[:SAMPLE_START], text[-SAMPLE_END:]))
    return f"{start}\n… {left_out:,} characters …\n{end}"


def _offer(one: SystemPrompt | Alike) -> str:
    from curator.analysis.prompts_seen import SystemPrompt

    if isinstance(one, SystemPrompt):
        return f"{one.tokens:>7,} x {one.records:>9,}   {one_line(one.text, PROMPT_CELLS)}"
    return f"{one.prompts:>7,} alike {one.records:>6,}   {one_line(one.beginning, PROMPT_CELLS)}"
