"""Text as it stands in an editor: nothing in it steers a terminal, and every string comes back exactly.

What the reader shows of a character that must not reach a terminal also stands for it in an editor: the picture of a
control (`␛`), or a number (`⟨U+200B⟩`). A text that holds such a sign itself has it spelled by number, so that what
somebody sees, or types, always means one text.
"""

from __future__ import annotations

import re

from curator.tui.visible import shown_glyph, to_show

_PICTURES = "[\u2400-\u241f\u2421]"
_NUMBER = "U\\+([0-9A-F]{4,6})⟩"
_SIGN_IN_TEXT = re.compile(f"⟨(?={_NUMBER})|{_PICTURES}")
_SIGN = re.compile(f"⟨{_NUMBER}|{_PICTURES}")
_OUTSIDE_LINES = str.maketrans({"\n": shown_glyph("\n"), "\t": shown_glyph("\t")})
_LAST_CODE_POINT = 0x10FFFF
_PICTURE_OF_DELETE = "\u2421"


def shown(text: str) -> str:
    """Return `text` for an editor of several lines; newlines and tabs stay, all else that acts on a terminal is a sign.

    No line end but the newline is left, so that an editor's lines are those of `text.split("\\n")`.
    """
    return harmless(_SIGN_IN_TEXT.sub(_spelled, text))


def harmless(typed: str) -> str:
    """Return what was typed or copied in an editor for its content: signs in it mean what they stand for."""
    return to_show().sub(lambda match: shown_glyph(match[0]), typed)


def on_one_line(content: str) -> str:
    """Return an editor's content for a field of one line: newlines and tabs are signs as well."""
    return content.translate(_OUTSIDE_LINES)


def pasted(text: str) -> str:
    """Return what a terminal pasted with newlines for its carriage returns, which stand between the lines it pastes."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def stored(edited: str) -> str:
    """Return the text that an editor's content stands for: `stored(shown(text)) == text` for every string."""
    return _SIGN.sub(_meant, edited)


def _spelled(match: re.Match[str]) -> str:
    return f"⟨U+{ord(match[0]):04X}⟩"


def _meant(match: re.Match[str]) -> str:
    if match[1] is None:
        return "\x7f" if match[0] == _PICTURE_OF_DELETE else chr(ord(match[0]) - 0x2400)
    number = int(match[1], 16)
    return chr(number) if number <= _LAST_CODE_POINT else match[0]
