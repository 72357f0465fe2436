"""A filter expression as typed -> a predicate; faults are told with their place.

either   = all { "or" all }
all      = one { ["and"] one }
one      = "not" one | "(" either ")" | leaf
leaf     = FIGURE comparison NUMBER | STATE | KIND ":" value | "@" NAME
         | ("text" | ROLE) ("~" | "!~") (string | /regular expression/)
         | path comparison (string | NUMBER | true | false | null) | path ("~" | "!~") (string | /regular expression/)
path     = ["."] key { "." key }, where a key with points, blanks or signs in its name stands in quotes: ."two words"
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches

from curator.analysis.lint.rules import BY_CODE
from curator.analysis.predicates.nodes import (
    CODES,
    COMPARISONS,
    FIGURES,
    KINDS,
    STATES,
    And,
    Everything,
    Figure,
    Kind,
    Leaf,
    Not,
    Or,
    Path,
    Predicate,
    State,
    Text,
)
from curator.analysis.predicates.paths import path_keys
from curator.analysis.predicates.traits import NO_LANGUAGES, can_tell_languages
from curator.errors import UsageError
from curator.records.dialects import NAMES
from curator.records.search_line import ANYWHERE, PLACES
from curator.records.searching import Search, compiled

SEVERITIES = ("error", "warning")
CONSTANTS = {"true": True, "false": False, "null": None}
FIND = ("~", "!~")
DEEPEST = 60
"""Brackets and `not` in each other."""
MOST_WITHIN = 5
"""Saved filters in each other."""
NO_PATH = "a path is keys with points between them, such as `.meta.lang`, in quotes where names have points in them."

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<comparison><=|>=|!=|==|!~|<|>|=|~)
      | (?P<bracket>[()])
      | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | (?P<regex>/(?:[^/\\]|\\.)*/)
      | (?P<word>(?:[^\s()<>=!~"'/]|(?<=\.)"(?:[^"\\]|\\.)*")+)
    )""",
    re.VERBOSE,
)
_NUMBER = re.compile(r"-?[0-9][0-9,_]*(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,4})?")
_QUOTED = re.compile(r"\\(.)", re.DOTALL)


class FilterError(UsageError):
    """A filter that is not understood, with the place in it."""

    def __init__(self, reason: str, place: int) -> None:
        super().__init__(f"The filter is not understood at character {place + 1:,}: {reason}")
        self.reason = reason
        self.place = place
        """In characters from the start."""


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the expression."""

    kind: str
    """`comparison`, `bracket`, `string`, `regex`, `word`, or `end`."""
    text: str
    place: int


NO_FILTERS: Mapping[str, str] = {}


def parse(text: str, saved: Mapping[str, str] = NO_FILTERS) -> Predicate:
    """The predicate of an expression; an empty one is true of every record.

    `saved` has the expressions that `@name` stands for. Raises FilterError.
    """
    return _parse(text, saved, ())


def spelt_out(text: str, saved: Mapping[str, str] = NO_FILTERS) -> str:
    """An expression that `parse` takes with what its saved filters stand for in their place."""
    parts, end, before = [], 0, ""
    for token in _tokens(text):
        if token.kind == "word" and token.text.startswith("@") and before != "comparison":
            parts += [text[end : token.place], f"({spelt_out(saved[token.text[1:]], saved)})"]
            end = token.place + len(token.text)
        before = token.kind
    return "".join((*parts, text[end:]))


def _parse(text: str, saved: Mapping[str, str], within: tuple[str, ...]) -> Predicate:
    tokens = _tokens(text)
    if tokens[0].kind == "end":
        return Everything()
    parser = _Parser(tokens, saved, within)
    predicate = parser.either()
    rest = parser.here
    if rest.kind != "end":
        raise FilterError(f"{rest.text!r} closes nothing." if rest.text == ")" else "this is too much.", rest.place)
    return predicate


def _tokens(text: str) -> list[Token]:
    found: list[Token] = []
    place = 0
    while text[place:].strip():
        match = _TOKEN.match(text, place)
        if match is None:
            start = len(text) - len(text[place:].lstrip())
            raise FilterError("this never ends." if text[start] in "\"'/" else "this means nothing here.", start)
        kind = match.lastgroup or ""
        found.append(Token(kind, match[kind], match.start(kind)))
        place = match.end()
    return [*found, Token("end", "", len(text))]


class _Parser:
    """Goes through the tokens once."""

    def __init__(self, tokens: list[Token], saved: Mapping[str, str], within: tuple[str, ...]) -> None:
        self._tokens = tokens
        self._saved = saved
        self._within = within
        """The saved filters that this expression is part of."""
        self._at = self._depth = 0

    @property
    def here(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self.here
        self._at += token.kind != "end"
        return token

    def _is(self, *words: str) -> bool:
        return self.here.kind in ("word", "bracket") and self.here.text.lower() in words

    def either(self) -> Predicate:
        parts = [self._all()]
        while self._is("or"):
            self._take()
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _all(self) -> Predicate:
        parts = [self._one()]
        while self.here.kind != "end" and not self._is("or", ")"):
            if self._is("and"):
                self._take()
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _one(self) -> Predicate:
        if not self._is("not", "("):
            return self._leaf()
        opening = self._take()
        self._depth += 1
        if self._depth > DEEPEST:
            raise FilterError(f"this is nested more than {DEEPEST} deep.", opening.place)
        if opening.text != "(":
            found: Predicate = Not(self._one())
        else:
            found = self.either()
            if not self._is(")"):
                raise FilterError("this bracket is never closed.", opening.place)
            self._take()
        self._depth -= 1
        return found

    def _leaf(self) -> Predicate:
        token = self._take()
        if token.kind == "string" and self.here.kind == "comparison":
            raise FilterError(f"a key in quotes begins with a point: `.{token.text}`.", token.place)
        if token.kind != "word" or token.text.lower() in ("and", "or"):
            raise FilterError("a condition is expected, such as `tokens > 4000`.", token.place)
        name = token.text
        if name.endswith(":") and name[:-1] in KINDS and self.here.kind == "string":
            return _kind(name[:-1], _unquoted(self._take()), token)
        kind, colon, value = name.partition(":")
        if colon and kind in KINDS:
            return _kind(kind, value, token)
        if self.here.kind == "comparison":
            comparison = self._take()
            return _compared(token, comparison, self._take())
        if name in STATES:
            return Kind("code", CODES[name]) if name in CODES else State(name)
        if name.startswith("@"):
            return self._named(name[1:], token)
        raise FilterError(_unknown(name), token.place)

    def _named(self, name: str, token: Token) -> Predicate:
        """What a saved filter stands for; a fault in it is told where it is used."""
        if name not in self._saved:
            known = ", ".join(f"@{one}" for one in self._saved)
            raise FilterError(
                f"there is no filter {name!r}; {f'there are {known}.' if known else 'none is saved.'}", token.place
            )
        if name in self._within:
            raise FilterError(f"the filter `@{name}` stands for itself.", token.place)
        if len(self._within) >= MOST_WITHIN:
            raise FilterError(f"saved filters stand in each other more than {MOST_WITHIN} deep.", token.place)
        try:
            return _parse(self._saved[name], self._saved, (*self._within, name))
        except FilterError as error:
            raise FilterError(f"in `@{name}`, at character {error.place + 1:,}: {error.reason}", token.place) from None


def _unknown(name: str) -> str:
    if name in FIGURES:
        return f"compare `{name}` with a number, such as `{name} > 100`."
    if name == ANYWHERE or name in PLACES:
        return f'say what is looked for, such as `{name} ~ "refund"`.'
    known = [*STATES, *FIGURES, ANYWHERE, "text", *(f"{kind}:" for kind in KINDS)]
    near = get_close_matches(name.split(":")[0], [one.rstrip(":") for one in known], 1)
    if near:
        return f"did you mean `{next(one for one in known if one.rstrip(':') == near[0])}`?"
    return f"compare the key `{name}` with a value, or use one of {', '.join(known)}."


def _kind(kind: str, value: str, token: Token) -> Leaf:
    place = token.place + len(kind) + 1
    if not value:
        raise FilterError(f"`{kind}:` takes {KINDS[kind]}.", place)
    if kind == "severity" and value not in SEVERITIES:
        raise FilterError(f"`severity:` takes {' or '.join(SEVERITIES)}.", place)
    if kind == "has" and not path_keys(value):
        raise FilterError(NO_PATH, place)
    if kind == "language" and not can_tell_languages():
        raise FilterError(NO_LANGUAGES, token.place)
    if kind == "code":
        value = value.upper()
        if value not in BY_CODE:
            raise FilterError("`code:` takes a finding's code, such as CUR024.", place)
    if kind == "dialect" and value not in NAMES:
        raise FilterError(f"`dialect:` takes one of {', '.join(NAMES)}.", place)
    return Kind(kind, value)


def _compared(name: Token, comparison: Token, value: Token) -> Predicate:
    sign = "=" if comparison.text == "==" else comparison.text
    if value.kind not in ("word", "string", "regex"):
        raise FilterError(f"a value is expected behind `{comparison.text}`.", value.place)
    if name.text in FIGURES:
        return Figure(name.text, _order(sign, comparison), _whole(name, value))
    if name.text == ANYWHERE or name.text in PLACES:
        return _found(name, comparison, value)
    keys = path_keys(name.text)
    if not keys:
        raise FilterError(NO_PATH, name.place)
    if sign in FIND:
        found = Path(keys, "~", _search(value) if value.kind == "regex" else _text_of(value))
        return Not(found) if sign == "!~" else found
    if value.kind == "regex":
        raise FilterError(f"a regular expression stands behind `~`, not behind `{comparison.text}`.", value.place)
    return Path(keys, sign, _value(value))


def _order(sign: str, comparison: Token) -> str:
    if sign not in COMPARISONS:
        raise FilterError(f"a number is compared by one of {', '.join(COMPARISONS)}.", comparison.place)
    return sign


def _whole(name: Token, value: Token) -> int:
    digits = value.text.replace(",", "").replace("_", "")
    if value.kind != "word" or not (digits.isascii() and digits.isdigit()) or len(digits) > 18:
        raise FilterError(f"`{name.text}` is compared with a whole number.", value.place)
    return int(digits)


def _found(name: Token, comparison: Token, value: Token) -> Predicate:
    if comparison.text not in FIND:
        raise FilterError(f"in texts something is found: write `{name.text} ~ …`.", comparison.place)
    roles = frozenset() if name.text == ANYWHERE else frozenset((name.text,))
    search = _search(value, roles)
    return Not(Text(search)) if comparison.text == "!~" else Text(search)


def _search(value: Token, roles: frozenset[str] = frozenset()) -> Search:
    """What is looked for in texts."""
    is_regex = value.kind == "regex"
    search = Search(value.text[1:-1].replace("\\/", "/") if is_regex else _text_of(value), is_regex, roles=roles)
    try:
        compiled(search)
    except UsageError as error:
        raise FilterError(str(error).split("\n")[0], value.place) from None
    return search


def _text_of(value: Token) -> str:
    return _unquoted(value) if value.kind == "string" else value.text


def _unquoted(token: Token) -> str:
    return _QUOTED.sub(r"\1", token.text[1:-1])


def _value(token: Token) -> str | Decimal | bool | None:
    if token.kind == "string":
        return _unquoted(token)
    if token.text in CONSTANTS:
        return CONSTANTS[token.text]
    if _NUMBER.fullmatch(token.text):
        return Decimal(token.text.replace(",", "").replace("_", ""))
    return token.text
