"""Rules on what is said, in any dialect."""

from __future__ import annotations

from collections.abc import Iterator

from curator.analysis.lint.view import Complaint, RecordView


def no_assistant_message(view: RecordView) -> Iterator[Complaint]:
    """Nothing in the record is said by the assistant."""
    if "assistant" not in view.roles:
        yield Complaint("", "there is no assistant message to learn from")
