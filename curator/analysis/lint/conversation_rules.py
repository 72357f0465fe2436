"""Rules on what is said, in any dialect."""

from __future__ import annotations

from collections.abc import Iterable

from curator.analysis.lint.view import Complaint, RecordView


def no_assistant_message(view: RecordView) -> Iterable[Complaint]:
    """Nothing in the record is said by the assistant. Silent where another rule says that there are no messages."""
    if "assistant" in view.roles or not isinstance(view.value, dict) or (view.is_chat and not view.messages):
        return ()
    return (Complaint("", "there is no assistant message to learn from"),)
