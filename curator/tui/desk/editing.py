"""Editing in place: a message's text, a call's arguments, another key, or the whole record as JSON."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from curator.analysis.report import RecordReport
from curator.errors import CuratorError
from curator.tui.desk.desk import Desk
from curator.tui.figures import ago
from curator.tui.json_layout import pretty
from curator.tui.messages import DraftAnalysed
from curator.tui.screens.choose import Choose
from curator.tui.screens.confirm import Choice, Confirm
from curator.tui.status import editing_segments
from curator.tui.visible import one_line
from curator.tui.widgets.text_editor import TextEditor, too_long_for_place

if TYPE_CHECKING:
    from curator.records.conversation import Conversation
    from curator.records.editing import Edited
    from curator.session.editable import Editable

ROLES = ("user", "assistant", "system", "tool", "developer", "function")


class Editing(Desk):
    """The keys that change what a record says."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "edit", "edit the text, arguments or key; after v the JSON"),
        Binding("E", "edit_outside", "edit in $EDITOR"),
        Binding("i", "insert(1)", "insert a message after this one"),
        Binding("I", "insert(0)", "insert a message before this one"),
        Binding("d", "delete", "delete the message"),
        Binding("J", "move_message(1)", "move the message down"),
        Binding("K", "move_message(-1)", "move the message up"),
        Binding("R", "role", "change the role"),
        Binding("W", "trained", "trained or not"),
    ]

    editing: Editable | None = None
    """What is being edited in place."""
    _question = 0
    _warned = ""

    # Choosing what to edit

    def _message(self) -> int | None:
        """The message under the reader's cursor."""
        item = self.item_here()
        return item.message if self.record is not None and item is not None and item.kind == "message" else None

    def _choose(self, then: Callable[[Editable], object]) -> None:
        """Find out which text is meant, and go on with it."""
        item = self.item_here()
        record = self.record
        if record is None:
            return
        if reason := self.source.edited.read_only:
            self.say(reason, severity="warning")
            return
        from curator.records.editing import FieldKind, editable
        from curator.session.editable import message_field, other_key, whole_record

        if item is None or item.kind == "tools" or not isinstance(record.value, dict):
            self.attempt(lambda: then(whole_record(record, laid_out)))
            return
        if item.kind == "key":
            self.attempt(lambda: then(other_key(record, item.key)))
            return
        fields = editable(record.conversation.messages[item.message])
        if not fields:
            self.say("Nothing of this message is text; v shows its JSON, where e edits it.")
        elif len(fields) == 1:
            self.attempt(lambda: then(message_field(record, item.message, 0)))
        else:

            def chosen(number: int | None) -> None:
                if number is not None:
                    self.attempt(lambda: then(message_field(record, item.message, number)))

            labels = [one_line(field.label, 60) for field in fields]
            names = (FieldKind.NAME, FieldKind.CALL_NAME)
            likely = next((number for number, one in enumerate(fields) if one.kind not in names), 0)
            self.app.push_screen(Choose("Edit", labels, range(len(fields)), likely), chosen)

    # In place

    def action_edit(self) -> None:
        """Edit in place what the cursor is on."""
        self._choose(self.begin_editing)

    def begin_editing(self, what: Editable, text: str | None = None) -> None:
        """Open the editor on a text, or on a draft of it."""
        content = what.text if text is None else text
        if reason := too_long_for_place(content):
            self.say(reason, severity="warning")
            return
        self.editing = what
        self._warned = ""
        self.set_class(self.has_class("-narrow"), "-reading")
        self.editor.edit_text(content)
        self._show_editor(True)
        self._show_editing(None, "")
        self._ask_figures(content)
        losses = self.report.losses if self.report else ()
        if losses:
            self.say(f"{losses[0]}: that stays as it is; only what you edit is written anew.", severity="warning")

    def _show_editor(self, on: bool) -> None:
        """Exchange reader and editor at once: what is typed next is for the one that has the focus then."""
        self.editor.display, self.reader.display = on, not on
        self.set_focus(self.editor if on else self.reader)

    def on_text_editor_edited(self, event: TextEditor.Edited) -> None:
        """Figures follow what is typed."""
        self._ask_figures(event.text)

    def _ask_figures(self, text: str) -> None:
        what = self.editing
        if what is None:
            return
        fault = what.fault(text)
        self._show_editing(None, fault)
        if not fault:
            self._question += 1
            opened = self.session.sources[what.record.place.source].opened
            spec = self.session.spec(opened, explain=True)
            self.attempt(lambda: self.background.analyse_draft(what.line(text)[0], spec, self._question))

    def on_draft_analysed(self, message: DraftAnalysed) -> None:
        """The figures of what is typed."""
        if message.key == self._question and self.editing is not None:
            self._show_editing(message.report, "")

    def _show_editing(self, report: RecordReport | None, fault: str) -> None:
        if self.editing is not None:
            before = self.session.row(self.editing.record.position)
            self.header.left = editing_segments(self.editing, report, before, fault)

    def on_text_editor_typed(self, event: TextEditor.Typed) -> None:
        """Keep a draft."""
        self.keep_draft(event.text)

    def keep_draft(self, text: str) -> bool:
        """Write down what is typed, so that it is there after a crash. Whether it is safe."""
        what = self.editing
        if what is None or text == what.text:
            return True
        return self.attempt(lambda: self.session.editor.keep_draft(what.record.place, what.draft(text)))

    def on_text_editor_committed(self, event: TextEditor.Committed) -> None:
        """Take the text; one that should be JSON and is not is refused once, and left as a draft the second time."""
        what, text = self.editing, event.text
        if what is None:
            return
        if text == what.text:
            self._end_editing(what, None)
            return
        fault = what.fault(text)
        if fault and self._warned != text:
            if self.keep_draft(text):
                self._warned = text
            self.say(f"{fault} Mend it, or leave again: it is then kept as a draft.", severity="warning")
        elif not fault:
            self.attempt(lambda: self._commit(what, text))
        elif self.keep_draft(text):
            self._end_editing(what, None, keep=True)

    def _commit(self, what: Editable, text: str) -> None:
        body, places = what.line(text)
        done = self.session.editor.rewrite(what.record, body, what.title, places, what.draft(""))
        self._close_editor()
        self.changed(done, item=what.message if what.what == "insert" else None)

    def _close_editor(self) -> None:
        self.editing = None
        self._show_editor(False)

    def _end_editing(self, what: Editable, item: int | None, *, keep: bool = False) -> None:
        self._close_editor()
        if not keep:
            self._drop_draft(what)
        if self.record is not None:
            self.read(self.record.position, item)

    def _drop_draft(self, what: Editable) -> None:
        self.attempt(lambda: self.session.editor.drop_draft(what.record.place, what.draft("")))

    def offer_drafts(self) -> None:
        """What was being typed when the program ended before its time can be gone on with."""
        from curator.session.editable import from_draft

        for source, at, draft in self.session.editor.drafts():
            position = self.session.listing.position_of(source, draft.record)
            record = None if position is None else self.session.record(position)
            what = from_draft(record, draft, laid_out) if record is not None else None
            if what is not None and what.text != draft.text:
                self._offer_draft(what, draft.text, at)
                return

    def _offer_draft(self, what: Editable, text: str, at: float) -> None:
        def chosen(answer: str | None) -> None:
            if answer == "go on":
                self.records.go_to(what.record.position)
                self.follow()
                self.begin_editing(what, text)
            elif answer == "drop":
                self._drop_draft(what)

        lines = (f"{what.title}, {ago(time.time() - at)}:", "", one_line(text, 200))
        choices = [Choice("e", "go on editing", "go on"), Choice("d", "drop the draft", "drop")]
        self.app.push_screen(Confirm("An edit was not finished.", lines, choices), chosen)

    # In the user's own editor

    def action_edit_outside(self) -> None:
        """Hand what the cursor is on to $VISUAL or $EDITOR, and take the outcome."""
        self._choose(self._edit_outside)

    def _edit_outside(self, what: Editable) -> None:
        from curator.tui.external_editor import edit_outside

        text = edit_outside(self.app, what.text, ".json" if what.is_json else ".md")
        if text is None:
            return
        if fault := what.fault(text):
            self._go_on_here(what, text, f"{fault} Mend it here.")
            return
        try:
            self._commit(what, text)
        except CuratorError as error:
            self._go_on_here(what, text, str(error))

    def _go_on_here(self, what: Editable, text: str, sentence: str) -> None:
        """Nothing that was written outside and could not be taken is lost: it is edited here, or lies in a file."""
        if too_long_for_place(text):
            from curator.tui.external_editor import kept_aside

            sentence = f"{sentence} It is too long to be edited here; it is in {kept_aside(text)}."
        else:
            self.begin_editing(what, text)
            self.keep_draft(text)
        self.say(sentence, severity="error")

    # Messages

    def _edit_conversation(self, title: str, edit: Callable[[Conversation], Edited], item: int | None = None) -> None:
        record = self.record
        if record is None:
            return
        from curator.session.editable import edited_line

        body, places = edited_line(record, edit)
        name = f"{title} of #{record.number:,}"
        self.changed(self.session.editor.rewrite(record, body, name, places), item=item)

    def action_insert(self, after: int) -> None:
        """Ask for a role, and open the editor on a new message beside the one under the cursor."""
        at = self._message()
        record = self.record
        if record is None or not isinstance(record.value, dict):
            return
        place = len(record.conversation.messages) if at is None else at + after
        before = record.conversation.messages[place - 1].role if place else ""
        likely = "assistant" if before in ("user", "tool") else "user"
        roles = (likely, *(role for role in ROLES if role != likely))

        def chosen(role: str | None) -> None:
            from curator.session.editable import new_message

            if role is not None:
                self.begin_editing(new_message(record, place, role, before=at is not None and not after))

        if reason := self.source.edited.read_only:
            self.say(reason, severity="warning")
        else:
            self.app.push_screen(Choose(f"New message {place + 1:,}, by", roles, roles), chosen)

    def action_delete(self) -> None:
        """Delete the message; what would be left incomplete is told first."""
        from curator.records.editing import consequences, delete_message

        message = self._message()
        if message is None or self.record is None:
            return
        conversation = self.record.conversation
        left = consequences(conversation, delete_message(conversation, message).conversation)

        def delete(answer: str | None = "delete") -> None:
            if answer:
                title = f"delete message {message + 1:,}"
                self.attempt(lambda: self._edit_conversation(title, lambda one: delete_message(one, message)))

        if left:
            sentences = [f"{one[:1].upper()}{one[1:]}." for one in left]
            self.app.push_screen(
                Confirm(f"Delete message {message + 1:,}?", sentences, [Choice("d", "delete it", "delete")]), delete
            )
        else:
            delete()

    def action_move_message(self, step: int) -> None:
        """Move the message past its neighbour."""
        from curator.records.editing import move_message

        message = self._message()
        if message is not None:
            title = f"move message {message + 1:,}"
            self.attempt(
                lambda: self._edit_conversation(title, lambda one: move_message(one, message, step), message + step)
            )

    def action_role(self) -> None:
        """Ask for another role."""
        from curator.records.editing import set_role

        message = self._message()
        if message is None or self.record is None:
            return
        now = self.record.conversation.messages[message].role

        def chosen(role: str | None) -> None:
            if role is not None and role != now:
                title = f"message {message + 1:,} is by {role}"
                self.attempt(lambda: self._edit_conversation(title, lambda one: set_role(one, message, role)))

        at = ROLES.index(now) if now in ROLES else 0
        self.app.push_screen(Choose(f"Message {message + 1:,} is by", ROLES, ROLES, at), chosen)

    def action_trained(self) -> None:
        """Change whether a trainer learns from the message."""
        from curator.records.editing import toggle_trained

        message = self._message()
        if message is not None:
            title = f"trained or not: message {message + 1:,}"
            self.attempt(lambda: self._edit_conversation(title, lambda one: toggle_trained(one, message)))


def laid_out(text: str) -> str:
    """A record's JSON over several lines, its tokens as they are spelled."""
    return "\n".join(pretty(text))
