"""JSON laid out anew on one line, with the tokens that stand in a line already spaced as they are there."""

from __future__ import annotations

import re

from curator.records.json_style import Style, respaced

_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{},:]|[^ \t\r\n\[\]{},:"]++', re.DOTALL)
_BEFORE_A_GAP = frozenset(",:[{")


def on_one_line(json_text: str, line: str, style: Style) -> str:
    """The tokens of `json_text` as they are spelled: those that `line` starts and ends with too keep its blanks.

    What lies between them gets the style's blanks. Both have to be JSON.
    """
    tokens, there = list(_TOKEN.finditer(json_text)), list(_TOKEN.finditer(line))
    spelled, spelled_there = [one[0] for one in tokens], [one[0] for one in there]
    if spelled == spelled_there:
        return line
    head = _common(spelled, spelled_there, 0)
    tail = _common(spelled[::-1], spelled_there[::-1], head)
    return (
        _start(line, there, head)
        + _middle(json_text, tokens[head : len(tokens) - tail], style)
        + _end(line, there, tail, spelled[len(tokens) - tail - 1])
    )


def _common(one: list[str], other: list[str], taken: int) -> int:
    """How many first tokens are the same, of those that are not taken from the other end."""
    most = min(len(one), len(other)) - taken
    return next((place for place in range(most) if one[place] != other[place]), most)


def _start(line: str, there: list[re.Match[str]], head: int) -> str:
    if not head:
        return ""
    last = there[head - 1]
    return line[: there[head].start() if last[0] in _BEFORE_A_GAP else last.end()]


def _middle(json_text: str, tokens: list[re.Match[str]], style: Style) -> str:
    return respaced(json_text[tokens[0].start() : tokens[-1].end()], style) if tokens else ""


def _end(line: str, there: list[re.Match[str]], tail: int, before: str) -> str:
    if not tail:
        return ""
    first = len(there) - tail
    return line[there[first].start() if before in _BEFORE_A_GAP or not first else there[first - 1].end() :]
