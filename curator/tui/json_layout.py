"""Lay JSON text out over lines without parsing its values, so that every token stays as it is spelled."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

SHORT_CONTAINER = 60
DEEPEST_INDENTATION = 64

_WHITESPACE = " \t\r\n"
_GAP = r"[ \t\r\n]*+"
_STRING = r'"[^"\\\x00-\x1f]*+(?:\\[^\x00-\x1f][^"\\\x00-\x1f]*+)*+"'
_PLAIN = r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?|true|false|null|NaN|-?Infinity"
_ITEM = f"{_GAP}(?:{_STRING}|{_PLAIN}){_GAP}"
_MEMBER = f"{_GAP}{_STRING}{_GAP}:{_ITEM}"

_AS_STRING, _AS_PLAIN, _AS_OPENING, _AS_ARRAY_END, _AS_OBJECT_END, _AS_COLON, _AS_COMMA = range(1, 8)
_TOKEN = re.compile(rf"{_GAP}(?:({_STRING})|({_PLAIN})|([\[{{])|(\])|(\}})|(:)|(,))")

_CONTAINER_OF_SCALARS = re.compile(rf"\[(?:{_ITEM}(?:,{_ITEM})*+|{_GAP})\]|\{{(?:{_MEMBER}(?:,{_MEMBER})*+|{_GAP})\}}")
# A container of scalars is looked for within this many characters, so that a long one costs no more than a short one.
_LONGEST_SPELLING_OF_SHORT_CONTAINER = 4096

_Expected = frozenset[int]
_VALUE = frozenset({_AS_STRING, _AS_PLAIN, _AS_OPENING})
_KEY = frozenset({_AS_STRING})
_COLON = frozenset({_AS_COLON})


class _Surroundings(NamedTuple):
    """What may come next in a container, or around the whole."""

    first: _Expected
    after_value: _Expected
    after_comma: _Expected


_TOP = _Surroundings(_VALUE, frozenset(), frozenset())
_INSIDE = {
    "[": _Surroundings(_VALUE | {_AS_ARRAY_END}, frozenset({_AS_COMMA, _AS_ARRAY_END}), _VALUE),
    "{": _Surroundings(_KEY | {_AS_OBJECT_END}, frozenset({_AS_COMMA, _AS_OBJECT_END}), _KEY),
}


def pretty(json_text: str, indent: int = 2) -> Iterator[str]:
    """Yield `json_text` in lines, with `indent` blanks for each level of nesting.

    Only whitespace between tokens changes: numbers, escapes and repeated keys stay as they are spelled. A container of
    scalars that takes at most `SHORT_CONTAINER` characters stays on one line. Where the text stops being JSON, the
    layout stops too, and the rest follows as it is.
    """
    position = 0
    line = margin = ""
    around: list[_Surroundings] = []
    inside = _TOP
    expected = _TOP.first
    while True:
        match = _TOKEN.match(json_text, position)
        if match is None or match.lastindex not in expected:
            break
        kind = match.lastindex
        token = match[kind]
        position = match.end()
        if kind == _AS_COMMA:
            yield line + ","
            line = margin
            expected = inside.after_comma
        elif kind == _AS_COLON:
            line += ": "
            expected = _VALUE
        elif kind == _AS_OPENING:
            short, end = _short_container(json_text, position - 1)
            if end:
                position = end
                line += short
                expected = inside.after_value
                continue
            yield line + token
            around.append(inside)
            line = margin = _margin(indent, len(around))
            inside = _INSIDE[token]
            expected = inside.first
        elif kind in (_AS_ARRAY_END, _AS_OBJECT_END):
            if line != margin:
                yield line
            inside = around.pop()
            margin = _margin(indent, len(around))
            line = margin + token
            expected = inside.after_value
        else:
            line += token
            expected = inside.after_value if _AS_PLAIN in expected else _COLON
    yield from _unfinished(line, margin, json_text[position:])


def _short_container(json_text: str, start: int) -> tuple[str, int]:
    """Return the container of scalars at `start` on one line, and its end, or an end of 0 if one line is too short."""
    match = _CONTAINER_OF_SCALARS.match(json_text, start, start + _LONGEST_SPELLING_OF_SHORT_CONTAINER)
    if match is None:
        return "", 0
    tokens = []
    for token in _TOKEN.finditer(json_text, start, match.end()):
        spelled = token[token.lastindex or 0]
        tokens.append(spelled + " " if spelled in (",", ":") else spelled)
    line = "".join(tokens)
    return (line, match.end()) if len(line) <= SHORT_CONTAINER else ("", 0)


def _margin(indent: int, depth: int) -> str:
    return " " * (indent * min(depth, DEEPEST_INDENTATION))


def _unfinished(line: str, margin: str, rest: str) -> Iterator[str]:
    """Yield the line that was begun, and what follows it as it is."""
    if rest.strip(_WHITESPACE):
        yield from (line + (rest.lstrip(_WHITESPACE) if line == margin else rest)).split("\n")
    elif line != margin:
        yield line
