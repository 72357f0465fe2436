"""Records as wholes: drop, duplicate, new, move; split and join, with a preview."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from curator.analysis.totals import Totals
from curator.records.codec import encode
from curator.session import Record, Session, dollars
from curator.session.editor import Selection
from curator.tui.desk.desk import Desk
from curator.tui.screens.ask import Answers, AskSeveral, Field
from curator.tui.screens.choose import Choose
from curator.tui.screens.confirm import Choice, Confirm

if TYPE_CHECKING:
    from curator.edits.asked import Asked
    from curator.records.transforms import Way
    from curator.session.reshaping import Request, Reshaped

MOST_AT_ONCE = 5_000
"""Records that are split together; for more there is the headless command."""

HERE, BY_TURN, TO_FIT = 0, 2, 6
"""Where these ways to split stand in the list of them."""

AT = (
    "The conversation ends before this message, and a second one begins with it. The second knows nothing of the first."
)
BARE = "The same, but only the first keeps the system prompt."
SIDE_BY_SIDE = "Records, tokens, what is trained, what is over context, and the training cost that each way leaves."

SHOWN_PIECES = 20
SHOWN_NOTES = 8


class Reshaping(Desk):
    """The keys that change which records there are."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "drop", "drop, or restore"),
        Binding("H", "show_dropped", "show dropped records, or hide them"),
        Binding("equals_sign", "duplicate", "duplicate", key_display="="),
        Binding("plus", "new", "new record", key_display="+"),
        Binding("ctrl+up", "move_record(-1)", "move the record up", key_display="ctrl+↑"),
        Binding("ctrl+down", "move_record(1)", "move the record down", key_display="ctrl+↓"),
        Binding("s", "split", "split: here, by turn, pair, window, to fit"),
        Binding("M", "join", "join with the next, or the marked ones"),
    ]

    compare_ways: Callable[[Selection, str], object] | None = None
    """Puts the ways to split side by side, for some records and what they are called."""

    def action_drop(self) -> None:
        """Drop records, or take dropped ones back in."""

        def drop(selection: Selection, name: str) -> None:
            from curator.session.asking import asked_for

            gone = all(records <= source.edited.overlay.dropped for source, records in selection.items())
            title = f"{'restore' if gone else 'drop'} {name}"
            self.changed(self.session.editor.drop(selection, title, asked_for(self.session, selection), on=not gone))

        self.on_selection("Drop", drop)

    def action_show_dropped(self) -> None:
        """Show dropped records among the others, or hide them."""
        self.follow()
        listing = self.session.listing
        listing.with_dropped = not listing.with_dropped
        at = self.record.place if self.record else None
        self.changed(None)
        if at is not None:
            position = listing.position_of(self.session.sources[at.source], at.id)
            if position is not None:
                self.records.go_to(position)
        self.say("Dropped records are shown." if listing.with_dropped else "Dropped records are hidden.")

    def action_duplicate(self) -> None:
        """Put a copy of the record behind it."""
        self.follow()
        record = self.record
        if record is not None:
            self.attempt(lambda: self.changed(self.session.editor.duplicate(record), follow=True))

    def action_new(self) -> None:
        """Put a new, empty record of the dialect behind the one under the cursor, with its system prompt and tools."""
        self.follow()
        record = self.record
        dialect = record.dialect if record else self.session.file_dialect(self.source.opened)
        like = record.value if record and isinstance(record.value, dict) else None

        def insert() -> None:
            from curator.records.templates import new_record

            body = encode(new_record(dialect, like))
            self.changed(self.session.editor.insert(self.source, body, record), follow=True)

        self.attempt(insert)

    def action_move_record(self, step: int) -> None:
        """Move the record past its neighbour, within its file."""
        self.follow()
        if self.record is not None:
            self.attempt(lambda: self.changed(self.session.editor.move(self.wanted, step), follow=True))

    # Split and join

    def action_split(self) -> None:
        """Choose a way to split."""
        from curator.records.transforms import Way
        from curator.session.reshaping import SplitAt
        from curator.tui.screens.splitting import SENTENCES

        item = self.item_here()
        record = self.record
        if record is None or not record.conversation.messages:
            self.say("This line is not a conversation, so there is nothing to split.")
            return
        message = item.message if item is not None and item.kind == "message" else 0
        limit = self.session.limit
        fit = f"to fit: pieces of at most {limit:,} tokens …" if limit else "to fit a budget of tokens …"
        ways: list[tuple[str, str, Callable[[], object]]] = [
            (f"here: message {message + 1:,} begins a second conversation", AT, lambda: self._split(SplitAt(message))),
            ("here, without the system prompt in the second", BARE, lambda: self._split(SplitAt(message, False))),
            (
                "by turn: an example for each, with its history",
                SENTENCES["turn"],
                lambda: self._split_many(Way("turn")),
            ),
            ("by pair: each question and answer alone", SENTENCES["pair"], lambda: self._split_many(Way("pair"))),
            (
                "by pair, without the system prompt",
                SENTENCES["pair"],
                lambda: self._split_many(Way("pair", with_system=False)),
            ),
            ("by window: each turn with those just before it …", SENTENCES["window"], self._ask_window),
            (fit, SENTENCES["fit"], self._ask_fit),
            ("side by side: compare them before you choose …", SIDE_BY_SIDE, self._compare),
        ]

        def chosen(number: int | None) -> None:
            if number is not None:
                ways[number][2]()

        row = self.session.row(record.position)
        likely = HERE if self.reader.has_focus and message else TO_FIT if row and row.over_context else BY_TURN
        lines, about = [words for words, _, _ in ways], [sentence for _, sentence, _ in ways]
        self.app.push_screen(Choose("Split", lines, range(len(ways)), likely, about), chosen)

    def _compare(self) -> None:
        """Put the ways side by side, for the record under the cursor or the marked ones."""
        if self.compare_ways is not None:
            self.on_selection("Compare", self.compare_ways)

    def _ask_window(self) -> None:
        from curator.records.transforms import Way

        def answered(answers: Answers | None) -> None:
            if answers is not None:
                self._split_many(Way("window", turns=number(answers.texts[0])))

        field = Field("Turns in a piece, the trained one included:", "3", check=whole_number(1))
        self.app.push_screen(AskSeveral("Split by window", [field]), answered)

    def _ask_fit(self) -> None:
        from curator.records.transforms import Way

        def answered(answers: Answers | None) -> None:
            if answers is not None:
                budget, overlap = map(number, answers.texts)
                self._split_many(Way("fit", budget=budget, overlap=overlap))

        fields = [
            Field(
                "Most tokens of a piece:",
                f"{self.session.limit:,}" if self.session.limit else "",
                check=whole_number(1),
            ),
            Field("Turns that each piece repeats:", "0", check=whole_number(0)),
        ]
        self.app.push_screen(AskSeveral("Split to fit", fields), answered)

    def _split(self, request: Request) -> None:
        """Split the record under the cursor."""
        if self.record is not None:
            self._preview([self.record], request, f"split #{self.record.number:,}")

    def _split_many(self, way: Way) -> None:
        """Split the record under the cursor, or the marked ones."""
        self.on_selection("Split", lambda selection, name: self._preview_selection(selection, way, f"split {name}"))

    def action_join(self) -> None:
        """Join the record with the next one, or the marked ones of a file in their order."""
        from curator.session.reshaping import Join

        self.follow()
        record = self.record
        if record is None:
            return
        if self.number_marked > 1:
            self.on_selection(
                "Join",
                lambda selection, name: (
                    self._preview_selection(selection, Join(), f"join {name}")
                    if sum(map(len, selection.values())) > 1
                    else self._join_next(record)
                ),
            )
        else:
            self._join_next(record)

    def _join_next(self, record: Record) -> None:
        from curator.session.reshaping import Join

        source = self.session.sources[record.place.source]
        behind = self.session.listing.behind(source, record.place.id)
        if behind is None:
            self.say("There is no record after this one in its file to join it with.")
            return
        following = self.session.record_of(source, behind)
        self._preview([record, following], Join(), f"join #{record.number:,} and #{following.number:,}")

    def _preview_selection(self, selection: Selection, request: Request, title: str) -> None:
        from curator.session.asking import asked_to_split
        from curator.session.reshaping import Join, SplitAt

        if len(selection) > 1:
            self.say("These records stand in several files; split or join those of one file at a time.")
            return
        ((source, marked),) = selection.items()
        if len(marked) > MOST_AT_ONCE:
            self.say(f"{len(marked):,} records are too many to split at once; `curator split` does whole files.")
            return
        records = self.session.listing.in_file_order(source, marked)
        asked = None if isinstance(request, SplitAt | Join) else asked_to_split(self.session, selection, request)
        self._preview([self.session.record_of(source, one) for one in records], request, title, asked)

    def _preview(self, records: Sequence[Record], request: Request, title: str, asked: Asked | None = None) -> None:
        """Have it done behind the screen, and show what would come of it."""
        if reason := self.source.edited.read_only:
            self.say(reason, severity="warning")
            return
        spec = self.session.spec(self.session.sources[records[0].place.source].opened)
        lines = [record.line for record in records]
        self.background.reshape(
            lines, request, spec, lambda answer: self._offer_pieces(records, request, title, answer, asked)
        )

    def _offer_pieces(
        self,
        records: Sequence[Record],
        request: Request,
        title: str,
        answer: Sequence[Reshaped],
        asked: Asked | None,
    ) -> None:
        from curator.session.reshaping import Join

        groups = [records] if isinstance(request, Join) else [[record] for record in records]
        done = [(group, shaped) for group, shaped in zip(groups, answer, strict=True) if shaped.pieces]
        notes = list(dict.fromkeys(note for shaped in answer for note in shaped.notes))
        if not done:
            self.say(
                " ".join(notes[:3]) or "That leaves everything as it is.",
                severity="warning" if notes else "information",
            )
            return

        def apply(yes: str | None) -> None:
            if yes:
                splits = [(group, shaped.pieces) for group, shaped in done]
                self.attempt(lambda: self.changed(self.session.editor.replace_each(splits, title, asked), follow=True))

        lines = preview_lines(self.session, [shaped for _, shaped in done], len(records), notes)
        self.app.push_screen(Confirm(f"{title.capitalize()}?", lines, [Choice("y", "do it", "yes")]), apply)


def preview_lines(session: Session, shaped: Sequence[Reshaped], asked: int, notes: Sequence[str]) -> list[str]:
    """What pieces would come of records, in numbers, before and after."""
    before, after = Totals(), Totals()
    for one in shaped:
        before.add(one.before, session.limit)
        after.add(one.after, session.limit)
    costs = [dollars(session.cost_beside(totals)) for totals in (before, after)]
    rows = [
        ("records", f"{before.records:,}", f"{after.records:,}"),
        ("tokens", f"{before.tokens:,}", f"{after.tokens:,}"),
        ("trained tokens", f"{before.trained_tokens:,}", f"{after.trained_tokens:,}"),
        ("over context", f"{before.over_context:,}", f"{after.over_context:,}"),
        ("training cost", *costs),
    ]
    lines = [f"{'':<16}{'before':>14}{'after':>14}", *(f"{name:<16}{one:>14}{two:>14}" for name, one, two in rows)]
    if asked > before.records:
        lines.append(f"{asked - before.records:,} of {asked:,} records stay as they are.")
    lines += ["", *notes[:SHOWN_NOTES]] if notes else []
    if len(shaped) == 1 and len(shaped[0].pieces) > 1:
        figures = shaped[0].after
        lines.append("")
        for number, (tokens, trained, messages) in enumerate(
            zip(figures.tokens, figures.trained, figures.messages, strict=True), 1
        ):
            if number > SHOWN_PIECES:
                lines.append(f"and {len(figures) - SHOWN_PIECES:,} more pieces")
                break
            lines.append(f"piece {number:<4}{messages:>6,} messages{tokens:>10,} tokens{trained:>10,} trained")
    return lines


def number(text: str) -> int:
    """A whole number as typed, with or without separators."""
    return int(text.replace(",", "").replace("_", "").replace(" ", ""))


def whole_number(least: int) -> Callable[[str], str]:
    """Says what is wrong with a text that should be a whole number."""

    def check(text: str) -> str:
        digits = text.replace(",", "").replace("_", "").replace(" ", "")
        good = digits.isascii() and digits.isdigit() and len(digits) < 12 and int(digits) >= least
        return "" if good else f"It takes a whole number, {least} or more."

    return check
