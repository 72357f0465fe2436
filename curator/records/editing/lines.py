"""A record edited as the line that it stands on: all bytes stay but those of what changes."""

from __future__ import annotations

from collections.abc import Callable

from curator.records.codec import BYTE_ORDER_MARK, decode_exactly, line_body
from curator.records.dialects.base import DoesNotFitError, Record
from curator.records.rewriting import rewrite


def edit_line(line: bytes, edit: Callable[[Record], Record | None]) -> bytes | None:
    """A whole line, line end and byte order mark included, with an edited record; the rest byte for byte as it was.

    None where the line is no record, where `edit` gives None, and where it raises DoesNotFitError.
    """
    body = line_body(line)
    end = line[len(body) :]
    mark = BYTE_ORDER_MARK if body.startswith(BYTE_ORDER_MARK) else b""
    body = body[len(mark) :]
    value = decode_exactly(body)
    if not isinstance(value, dict):
        return None
    try:
        edited = edit(value)
    except DoesNotFitError:
        return None
    return None if edited is None else mark + rewrite(body, value, edited) + end
