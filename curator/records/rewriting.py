"""A line with a changed value, in which only the bytes of what changed are others."""

from __future__ import annotations

from typing import Any

from curator.records.alignment import Alignment, align, plainly_same
from curator.records.codec import BYTE_ORDER_MARK, Malformed, decode_exactly, encode
from curator.records.json_spans import Entry, Place, Spans
from curator.records.json_strings import string_change
from curator.records.json_style import Style, style_of, style_within, write_value
from curator.records.json_tokens import on_one_line
from curator.records.sameness import Sameness


def rewrite(body: bytes, old: Any, new: Any) -> bytes:
    """The body with the value `new` in place of `old`, which `decode_exactly(body)` gave.

    `body` has neither line end nor byte order mark. What is the same in both keeps its bytes; keys that are kept keep
    their place too, whatever their order in `new`. The answer is read back: should it not mean `new`, the whole is
    encoded anew.
    """
    if old is new:
        return body
    sameness = Sameness()
    rewritten = _Rewriting(body, sameness).between(old, new)
    back = decode_exactly(rewritten)
    return rewritten if not isinstance(back, Malformed) and sameness.same(back, new) else encode(new)


def one_line(text: str, body: bytes) -> bytes | Malformed:
    """The record that was edited as `text`, laid out over lines, as a body; or why it is not JSON, and where in `text`.

    Every token stays as it is spelled in `text`. Of `body`, which the text was made from, the blanks between tokens are
    kept up to the first change and from the last one on; in between they follow its style. A text without changes gives
    `body`. Of a body that is no JSON only the style is kept.
    """
    text = text.removeprefix(BYTE_ORDER_MARK.decode("utf-8")).encode("utf-8", "backslashreplace").decode("utf-8")
    value = decode_exactly(text.encode("utf-8"))
    if isinstance(value, Malformed):
        return _by_line(value, text)
    before = "" if isinstance(decode_exactly(body), Malformed) else body.decode("utf-8")
    return on_one_line(text, before, style_of(body)).encode("utf-8")


def _by_line(malformed: Malformed, text: str) -> Malformed:
    """The same with its place as a line and a column of the text."""
    position = malformed.column - 1
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    place = f"line {line:,} column {column}"
    reason = malformed.reason.replace(f"at column {malformed.column}", f"at {place}", 1)
    reason = reason.replace("the line ends too early", f"the text ends too early at {place}", 1)
    return Malformed(malformed.code, reason, column)


class _Rewriting:
    """Collects the replacements that lead from one value to another, each a span of the body and its new bytes."""

    def __init__(self, body: bytes, sameness: Sameness) -> None:
        self._body = body
        self._spans = Spans(body)
        self._sameness = sameness
        self._style = style_of(body)
        self._replacements: list[tuple[int, int, bytes]] = []
        self._waiting: list[tuple[Place, Any, Any]] = []

    def between(self, old: Any, new: Any) -> bytes:
        """The body with all replacements made; values are compared first, places looked for where they differ."""
        self._waiting.append((self._spans.root(), old, new))
        while self._waiting:
            place, was, wanted = self._waiting.pop()
            if plainly_same(was, wanted):
                continue
            if isinstance(was, dict) and isinstance(wanted, dict):
                self._change_object(place, was, wanted)
            elif isinstance(was, list) and isinstance(wanted, list):
                self._change_array(place, was, wanted)
            elif isinstance(was, str) and isinstance(wanted, str):
                self._change_string(place, was, wanted)
            else:
                self._replace(place.start(), place.end(), write_value(wanted, self._style).encode())
        return self._made()

    def _made(self) -> bytes:
        pieces: list[bytes] = []
        position = 0
        for start, end, replacement in sorted(self._replacements):
            pieces += self._body[position:start], replacement
            position = end
        return b"".join([*pieces, self._body[position:]])

    def _replace(self, start: int, end: int, replacement: bytes) -> None:
        self._replacements.append((start, end, replacement))

    def _change_string(self, place: Place, was: str, wanted: str) -> None:
        start = place.start()
        change = string_change(self._body[start : place.end()], was, wanted)
        text = write_value(change.text, self._style)[1:-1].encode()
        self._replace(start + change.start, start + change.end, text)

    def _change_object(self, place: Place, was: dict[str, Any], wanted: dict[str, Any]) -> None:
        for key, value in was.items():
            if key in wanted and wanted[key] is not value:
                self._waiting.append((place.inside(key), value, wanted[key]))
        if was.keys() == wanted.keys():
            return
        entries = place.entries()
        style = self._level_style(entries)
        plan: list[int | bytes] = []
        for one in _members_in_order(entries, was, wanted):
            plan.append(one if isinstance(one, int) else self._member(one, wanted[one], style))
        self._lay_out(place, plan, style)

    def _member(self, key: str, value: Any, style: Style) -> bytes:
        return (write_value(key, style) + style.colon + write_value(value, self._style)).encode()

    def _change_array(self, place: Place, was: list[Any], wanted: list[Any]) -> None:
        alignment = align(was, wanted, self._sameness)
        for number, stay in enumerate(alignment.stays):
            if stay >= 0 and was[stay] is not wanted[number]:
                self._waiting.append((place.inside(stay), was[stay], wanted[number]))
        if alignment.stays != list(range(len(was))):
            entries = place.entries()
            self._lay_out(place, self._items(entries, alignment, wanted), self._level_style(entries))

    def _items(self, entries: list[Entry], alignment: Alignment, wanted: list[Any]) -> list[int | bytes]:
        body, style = self._body, self._style
        if entries:
            style = style_within(body, entries[0].value, entries[0].end, style)
        plan: list[int | bytes] = []
        for item, stay, copy in zip(wanted, alignment.stays, alignment.copies, strict=True):
            if stay >= 0:
                plan.append(stay)
            elif copy >= 0:
                plan.append(body[entries[copy].value : entries[copy].end])
            else:
                plan.append(write_value(item, style).encode())
        return plan

    def _level_style(self, entries: list[Entry]) -> Style:
        """The style with the first comma and colon between these entries, where there are any."""
        body, style = self._body, self._style
        comma = body[entries[0].end : entries[1].start].decode("ascii") if len(entries) > 1 else style.comma
        colon = body[entries[0].colon : entries[0].value].decode("ascii") if entries else ""
        return Style(comma, colon or style.colon, style.ascii_only)

    def _lay_out(self, place: Place, plan: list[int | bytes], style: Style) -> None:
        """Replace what stands between the entries that stay, which the plan names by rising numbers."""
        entries, comma = place.entries(), style.comma.encode()
        following, new = 0, list[bytes]()
        for one in plan:
            if isinstance(one, bytes):
                new.append(one)
                continue
            if one > following or new:
                self._replace(entries[following].start, entries[one].start, b"".join([text + comma for text in new]))
            following, new = one + 1, []
        if following and (new or following < len(entries)):
            self._replace(entries[following - 1].end, entries[-1].end, b"".join([comma + text for text in new]))
        elif not following and new and entries:
            self._replace(entries[0].start, entries[-1].end, comma.join(new))
        elif not following:
            self._replace(place.start() + 1, place.end() - 1, comma.join(new))


def _members_in_order(entries: list[Entry], was: dict[str, Any], wanted: dict[str, Any]) -> list[int | str]:
    """The numbers of the members that stay, with new keys behind the key they follow; the last ones at the end."""
    behind: dict[str, list[str]] = {}
    first: list[str] = []
    kept, run = "", first
    for key in wanted:
        if key in was:
            kept, run = key, behind.setdefault(key, [])
        else:
            run.append(key)
    last = behind.pop(kept, [])
    ordered: list[int | str] = [*first]
    for number, entry in enumerate(entries):
        if entry.key in wanted:
            ordered.append(number)
            ordered += behind.pop(entry.key, [])
    return ordered + last
