"""The one boundary between text from files and the terminal: nothing passes it that could steer a terminal."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

from rich.cells import cell_len, get_character_cell_size

from curator.tui.wrapping import ELLIPSIS, ONE_CELL_RANGES, clip

TAB_STOP = 4
LINE_END = "⏎"
PLACEHOLDER = "□"

_SELECTORS = (0xFE00, 0xFE0F)

_SHOWN_RANGES = (
    (0x0000, 0x0008),  # C0 controls but tab and newline
    (0x000B, 0x001F),
    (0x007F, 0x009F),  # delete and C1 controls
    (0x00AD, 0x00AD),  # soft hyphen
    (0x034F, 0x034F),  # grapheme joiner
    (0x061C, 0x061C),  # Arabic letter mark
    (0x115F, 0x1160),  # Hangul fillers
    (0x17B4, 0x17B5),  # Khmer inherent vowels
    (0x180B, 0x180F),  # Mongolian selectors
    (0x200B, 0x200F),  # zero width space, joiners, direction marks
    (0x2028, 0x202E),  # separators, embeddings and overrides of direction
    (0x2060, 0x206F),  # word joiner, invisible operators, isolates
    (0x3164, 0x3164),  # Hangul filler
    (0xD800, 0xDFFF),  # lone surrogates
    (0xFDD0, 0xFDEF),  # code points that are not characters
    _SELECTORS,
    (0xFEFF, 0xFEFF),  # byte order mark
    (0xFFA0, 0xFFA0),  # Hangul filler
    (0xFFF0, 0xFFFB),  # interlinear annotation
    (0xFFFE, 0xFFFF),
    (0x10EEEE, 0x10EEEE),  # placeholder some terminals replace by an image
    (0x13430, 0x1343F),  # hieroglyph joiners
    (0x1BCA0, 0x1BCA3),  # shorthand controls
    (0x1D173, 0x1D17A),  # musical controls
    (0x1F3FB, 0x1F3FF),  # skin tones, on whose width terminals disagree
    (0xE0000, 0xE0FFF),  # tags and further selectors
)

_STEADY_WIDE_RANGES = (
    (0x3001, 0x3029),  # CJK punctuation
    (0x3041, 0x3096),  # Hiragana
    (0x309B, 0x30FF),  # Katakana
    (0x3400, 0x4DBF),  # CJK ideographs
    (0x4E00, 0x9FFF),
    (0xAC00, 0xD7A3),  # Hangul syllables
    (0xFF01, 0xFF5E),  # full-width forms
)

_CHARACTERS_READ_A_CELL = 8
_CHARACTERS_SHOWN_A_CELL = 3
_OLDEST_UNICODE = "13.0.0"
_VIRAMA = 9


def _character_class(ranges: Iterable[tuple[int, int]]) -> str:
    return "".join(f"{re.escape(chr(first))}-{re.escape(chr(last))}" for first, last in ranges)


def _ranges_between(ranges: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the ranges of code points that the given ones leave out."""
    first_left = 0
    for first, last in sorted(ranges):
        if first_left < first:
            yield first_left, first - 1
        first_left = last + 1
    yield first_left, 0x10FFFF


_ONE_CELL_TEXT = re.compile(f"[{_character_class(ONE_CELL_RANGES)}]*")

_ASCII_CONTROLS = bytes([*range(0x09), *range(0x0B, 0x20), 0x7F])
_ASCII_OTHERS = bytes(code for code in range(0x80) if code not in _ASCII_CONTROLS)


@cache
def to_show() -> re.Pattern[str]:
    """What finds each character that no terminal may be given; tab and newline are left to whoever draws them.

    It takes milliseconds to compile, so that is done for the first text that is not ASCII.
    """
    # The class of harmless characters, negated, is searched twice as fast as the class of harmful ones.
    return re.compile(f"[^{_character_class(_ranges_between(_SHOWN_RANGES))}]")


@cache
def _to_consider() -> re.Pattern[str]:
    """What finds the characters that may need a sign in their place in a list; compiled as `to_show` is."""
    return re.compile(f"[^{_character_class(ONE_CELL_RANGES)}{_character_class(_STEADY_WIDE_RANGES)}]+")


def visible(text: str) -> str:
    """Return `text` with nothing in it that a terminal would obey, hide or reorder, and with tabs as blanks.

    Controls become their control pictures, other invisible characters their number as in `⟨U+202E⟩`; newlines stay.
    A variation selector by itself only chooses between two looks of a character, of which terminals disagree on the
    width, so it is left out; a row of them can carry a hidden message, so it is shown.
    """
    shown = _show_ascii_controls(text) if text.isascii() else to_show().sub(_shown_match, text)
    return _expand_tabs(shown) if "\t" in shown else shown


def one_line(text: str, limit: int) -> str:
    """Return the start of `text` as one visible line of at most `limit` cells, for a list.

    Blanks run together, the end of a line is a `⏎`, and `…` ends what was cut. Characters on whose width terminals
    disagree (skin tones, flags, newer emoji, vowel signs that take room) and invisible ones become a `□`, so that what
    stands to the right of the line stays aligned.
    """
    limit = max(limit, 0)
    start = text[: _CHARACTERS_READ_A_CELL * limit]
    words = LINE_END.join(filter(None, (" ".join(part.split()) for part in start.splitlines())))
    line = words[: _CHARACTERS_SHOWN_A_CELL * limit]
    if line.isascii():
        line = _show_ascii_controls(line)
    else:
        line = _to_consider().sub(_steady_match, unicodedata.normalize("NFC", line))
    is_whole = len(start) == len(text) and len(words) <= _CHARACTERS_SHOWN_A_CELL * limit
    return clip(line if is_whole else line + ELLIPSIS, limit)


def _show_ascii_controls(text: str) -> str:
    encoded = text.encode("ascii")
    if len(encoded.translate(None, _ASCII_CONTROLS)) == len(encoded):
        return text
    for code in set(encoded.translate(None, _ASCII_OTHERS)):
        text = text.replace(chr(code), shown_glyph(chr(code)))
    return text


def shown_glyph(character: str) -> str:
    """Return what stands for a character that `to_show` finds: its control picture, or its number."""
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    return f"⟨U+{code:04X}⟩"


def _shown_match(match: re.Match[str]) -> str:
    character = match[0]
    if _is_selector(character):
        before = match.string[match.start() - 1 : match.start()]
        after = match.string[match.end() : match.end() + 1]
        if not _is_selector(before) and not _is_selector(after):
            return ""
    return shown_glyph(character)


def _is_selector(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def _expand_tabs(text: str) -> str:
    if text.isascii():
        return text.expandtabs(TAB_STOP)
    return "\n".join(_expand_tabs_of_line(line) if "\t" in line else line for line in text.split("\n"))


def _expand_tabs_of_line(line: str) -> str:
    if _ONE_CELL_TEXT.fullmatch(line.replace("\t", "")):
        return line.expandtabs(TAB_STOP)
    *cells, last = line.split("\t")
    column = 0
    expanded = []
    for cell in cells:
        column += cell_len(cell)
        blanks = TAB_STOP - column % TAB_STOP
        column += blanks
        expanded.append(cell + " " * blanks)
    return "".join(expanded) + last


def _steady_match(match: re.Match[str]) -> str:
    steady: list[str] = []
    for glyph in map(_steady, match[0]):
        if glyph != PLACEHOLDER or steady[-1:] != [PLACEHOLDER]:
            steady.append(glyph)
    line_start = "".join(steady)
    if match.start() == 0 and line_start and unicodedata.category(line_start[0]) == "Mn":
        return PLACEHOLDER + line_start[1:]
    return line_start


@lru_cache(maxsize=4096)
def _steady(character: str) -> str:
    """Return what stands for `character` where every terminal must agree on the width."""
    if _is_selector(character):
        return ""
    if to_show().match(character):
        shown = shown_glyph(character)
        return shown if len(shown) == 1 else PLACEHOLDER
    return character if _has_steady_width(character) else PLACEHOLDER


def _has_steady_width(character: str) -> bool:
    category = unicodedata.category(character)
    width = get_character_cell_size(character)
    if category in ("Cn", "Cf") or width != get_character_cell_size(character, _OLDEST_UNICODE):
        return False
    if width == 0:
        return category == "Mn" and unicodedata.combining(character) != _VIRAMA
    return not "\U0001f1e6" <= character <= "\U0001f1ff"
