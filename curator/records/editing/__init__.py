"""What can be done to a conversation by hand, as pure functions; `write_edited` makes a record of the outcome.

Each function answers with the conversation after and with where each of its messages stood before, and raises
UsageError or DoesNotFitError, with a sentence for the user, where it cannot be done.
"""

from curator.records.editing.consequences import consequences
from curator.records.editing.edited import Edited
from curator.records.editing.fields import (
    Field,
    FieldKind,
    editable,
    field_text,
    set_arguments,
    set_call_name,
    set_field,
    set_name,
    set_text,
)
from curator.records.editing.keys import remove_other_key, set_other_key
from curator.records.editing.messages import (
    delete_message,
    insert_message,
    move_message,
    set_role,
    toggle_trained,
)
from curator.records.editing.writing import write_edited

__all__ = [
    "Edited",
    "Field",
    "FieldKind",
    "consequences",
    "delete_message",
    "editable",
    "field_text",
    "insert_message",
    "move_message",
    "remove_other_key",
    "set_arguments",
    "set_call_name",
    "set_field",
    "set_name",
    "set_other_key",
    "set_role",
    "set_text",
    "toggle_trained",
    "write_edited",
]
