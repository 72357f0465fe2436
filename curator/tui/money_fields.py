"""The figures that money depends on as they are typed: what is wrong with a text, and what it stands for."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path

from curator.analysis.model_costs import MonthlyUse
from curator.session.calls import without_line_end
from curator.session.costing import Terms
from curator.tui.screens.ask import Answers, Field

MOST_CALLS = 10**12
LARGEST = Decimal(10**9)
LONGEST_FILE = 1 << 20
"""Bytes that are read of a file with a prompt."""


def whole(text: str) -> int | None:
    """A whole number as typed, with or without separators; None where it is none."""
    digits = text.replace(",", "").replace("_", "").replace(" ", "")
    return int(digits) if digits.isascii() and digits.isdigit() and int(digits) <= MOST_CALLS else None


def decimal(text: str) -> Decimal | None:
    """A number as typed: `0.5`, `50 %` or `1,000`; None where it is none, or below 0."""
    bare = text.strip().replace(",", "").replace("_", "").replace(" ", "")
    try:
        number = Decimal(bare.removesuffix("%")) / (100 if bare.endswith("%") else 1)
    except InvalidOperation:
        return None
    return number if number.is_finite() and 0 <= number <= LARGEST else None


def wrong_whole(text: str) -> str:
    """What is wrong with a whole number that may be left out."""
    wrong = bool(text.strip()) and not whole(text)
    return "It takes a whole number from 1 on, or nothing." if wrong else ""


def wrong_share(text: str) -> str:
    """What is wrong with a share from 0 to 1."""
    share = decimal(text or "0")
    return "" if share is not None and share <= 1 else "It takes a share from 0 to 1, such as 0.5 or 50 %."


def wrong_discount(text: str) -> str:
    """What is wrong with a discount, which is less than the whole."""
    share = decimal(text or "0")
    return "" if share is not None and share < 1 else "It takes a share from 0 to less than 1, such as 0.5 or 50 %."


def wrong_amount(text: str) -> str:
    """What is wrong with a number above 0 that may be left out."""
    wrong = bool(text.strip()) and not decimal(text)
    return "It takes a number above 0, or nothing." if wrong else ""


def usage_fields(terms: Terms) -> list[Field]:
    """What is asked for of a month's calls, and of training by the hour."""
    use = terms.use
    return [
        Field("Calls a month (empty: none):", f"{use.calls:,}" if use else "", check=wrong_whole),
        Field("Share of the prompt from the cache:", str(use.cached_share) if use else "0", check=wrong_share),
        Field("Discount for batches:", str(use.batch_discount) if use else "0", check=wrong_discount),
        Field("Hours of training, where paid so:", str(terms.hours or ""), check=wrong_amount),
    ]


def usage_of(texts: Sequence[str]) -> tuple[MonthlyUse | None, Decimal | None]:
    """What `usage_fields` were answered with: a month of calls, and hours of training."""
    calls, cached, discount, hours = texts
    number = whole(calls)
    use = MonthlyUse(number or 0, decimal(cached or "0") or Decimal(0), decimal(discount or "0") or Decimal(0))
    return (use if number else None), (decimal(hours) or None)


def terms_fields(a_day: Decimal | None, use: MonthlyUse, hours: Decimal | None) -> list[Field]:
    """What is asked for of the calls of a break-even: how many a day, and at what terms."""
    return [
        Field("Calls a day (empty: not known):", str(a_day or ""), check=wrong_amount),
        Field("Share of the prompt from the cache:", str(use.cached_share), check=wrong_share),
        Field("Discount for batches:", str(use.batch_discount), check=wrong_discount),
        Field("Hours of training, where paid so:", str(hours or ""), check=wrong_amount),
    ]


def short_fields(now: str | int) -> list[Field]:
    """What is asked for of a short prompt: its length, its text, or a file with it."""
    return [
        Field("Tokens:", f"{now:,}" if isinstance(now, int) else ""),
        Field("or its text:", "" if isinstance(now, int) else now),
        Field("or a file with it:"),
    ]


def wrong_short(answers: Answers) -> str:
    """What is wrong with the answers to `short_fields`."""
    tokens, text, file = (one.strip() for one in answers.texts)
    if sum(map(bool, (tokens, text, file))) != 1:
        return "Give one of the three: a number of tokens, a text, or a file."
    if tokens and whole(tokens) is None:
        return "It takes a whole number of tokens."
    try:
        text_of(file) if file else ""
    except (OSError, UnicodeDecodeError):
        return f"{file}: there is no such file of text."
    return ""


def short_of(answers: Answers) -> str | int:
    """What `short_fields` were answered with, once nothing is wrong: the text, or a number of tokens."""
    tokens, text, file = (one.strip() for one in answers.texts)
    return (whole(tokens) or 0) if tokens else text or without_line_end(text_of(file))


def text_of(name: str) -> str:
    """The text of a file. Raises OSError, or UnicodeDecodeError where it is none in UTF-8."""
    try:
        path = Path(name.strip()).expanduser()
    except RuntimeError as error:
        raise FileNotFoundError(f"{name}: there is no such user") from error
    with path.open("rb") as file:
        return file.read(LONGEST_FILE).decode("utf-8")
