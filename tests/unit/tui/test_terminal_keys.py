"""The Escape key is told from sequences, however what is typed is cut into pieces."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.tui.terminal_keys import EscapeKeys

KEY = None
UP, PASTED = "\x1b[A", "\x1b[200~a\x1bb\x1b\x1b[c\x1b[201~"


def parts(*pieces: str) -> list[str | None]:
    """What comes of pieces that arrive one after another, and of a pause after them; neighbours put together."""
    keys = EscapeKeys()
    found: list[str | None] = []
    for part in [one for piece in pieces for one in keys.parts(piece)] + list(keys.nothing_more()):
        if part and found and found[-1] is not None:
            found[-1] += part
        elif part != "":
            found.append(part)
    return found


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("abc", ["abc"]),
        ("\x1b", [KEY]),
        ("\x1b\x1b", [KEY, KEY]),
        ("x\x1bku", ["x", KEY, "ku"]),
        ("\x1b:12\r", [KEY, ":12\r"]),
        ("\x1b]\x1b=\x1b1", [KEY, "]", KEY, "=", KEY, "1"]),
        (f"\x1b{UP}j", [KEY, f"{UP}j"]),
        (UP * 3, [UP * 3]),
        ("\x1bOA", ["\x1bOA"]),
        ("\x1b\x7f\x1bb", ["\x1b\x7f\x1bb"]),
        ("\x1b[", [KEY, "["]),
        (PASTED, [PASTED]),
        (f"\x1b{PASTED}\x1bk", [KEY, PASTED, KEY, "k"]),
        ("x" * 40 + "\x1b" + "y" * 40, ["x" * 40, KEY, "y" * 40]),
    ],
)
def test_an_escape_is_the_key_unless_a_sequence_begins(typed: str, expected: list[str]) -> None:
    assert parts(typed) == expected
    assert parts(*typed) == expected


@given(st.lists(st.sampled_from(["a", "k", "\r", UP, "\x1b\x7f", PASTED])), st.data())
def test_sequences_come_through_in_whatever_pieces(typed: list[str], data: st.DataObject) -> None:
    text = "".join(typed)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert parts(*pieces) == ([text] if text else [])


def test_a_pause_within_a_paste_is_no_key() -> None:
    keys = EscapeKeys()
    assert "".join(filter(None, keys.parts("\x1b[200~ab\x1b"))) == "\x1b[200~ab"
    assert list(keys.nothing_more()) == []
    assert "".join(filter(None, keys.parts("[201~"))) == "\x1b[201~"
