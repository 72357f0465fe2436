"""Copying to the clipboard of the user's terminal."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from curator.records.codec import compact
from curator.tui.desk.desk import Desk

if TYPE_CHECKING:
    from curator.records.conversation import Message


class Copying(Desk):
    """`y` copies what the reader's cursor is on, `Y` the record's JSON."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", "copy the message"),
        Binding("Y", "copy_record", "copy the record's JSON"),
    ]

    def action_copy(self) -> None:
        """Copy the message, the tools or the key under the reader's cursor; of a record without any, its JSON."""
        item, record = self.item_here(), self.record
        if item is None or record is None:
            self.action_copy_record()
        elif item.kind == "message":
            self._copy(f"Message {item.message + 1:,}", _text_of(record.conversation.messages[item.message]))
        elif item.kind == "tools":
            self._copy("The declared tools", compact(list(record.conversation.tools)))
        else:
            self._copy(f"The key {item.key}", compact(dict(record.conversation.other_keys)[item.key]))

    def action_copy_record(self) -> None:
        """Copy the record's JSON, as it stands in the file or will be written."""
        self.follow()
        if self.record is None:
            self.say("There is no record to copy.")
        else:
            body = self.record.body.decode("utf-8", "backslashreplace")
            self._copy(f"The JSON of #{self.record.number:,}", body)

    def _copy(self, what: str, text: str) -> None:
        from curator.tui.clipboard import LONGEST, copying

        encoded = text.encode("utf-8", "backslashreplace")
        if len(encoded) > LONGEST:
            self.say(
                f"{what} has {len(encoded):,} bytes and was not copied: terminals drop more than {LONGEST:,}."
                " X exports records to a file.",
                severity="warning",
            )
            return
        driver = self.app._driver
        if driver is not None:
            driver.write(copying(encoded, os.environ))
        self.say(
            f"{what} was sent to the terminal's clipboard: {len(text):,} character{'' if len(text) == 1 else 's'}."
        )


def _text_of(message: Message) -> str:
    """What a message says: its texts, then its calls, as `name(arguments)`."""
    calls = [f"{call.name}({call.arguments})" for call in message.tool_calls]
    return "\n".join(([message.text] if message.text else []) + calls)
