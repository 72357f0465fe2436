"""Rules on what should be nobody's business: keys that open something, and data on persons.

What is found is never shown, just its kind, its length and where it stands. The shapes are those that its makers
publish; text that merely looks random is left alone, for in conversations most of it is no secret.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from typing import NamedTuple

from curator.analysis.findings import Severity
from curator.analysis.lint.rule import Rule
from curator.analysis.lint.signs import BLANKS, EDGE, Sign
from curator.analysis.lint.view import Call, Complaint, RecordView


class Shape(NamedTuple):
    """What a kind of secret looks like."""

    kind: str
    mark: str
    """What stands in each, at its start mostly: looked for first."""
    sign: str
    """Its pattern, or what of it can be a sign; it starts as nothing else does, so that it is found fast."""
    after: str = ""
    """What follows, and"""
    before: str = ""
    """what precedes, for Python's regular expressions alone."""


SHAPES = (
    Shape("an AWS access key", "AKIA", r"AKIA[A-Z2-7]{16}", r"\b"),
    Shape("a temporary AWS access key", "ASIA", r"ASIA[A-Z2-7]{16}", r"\b"),
    Shape("a GitHub token", "gh", r"gh[pousr]_[A-Za-z0-9]{36}", r"[A-Za-z0-9]{,215}\b"),
    Shape("a GitHub token", "github_pat_", r"github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}", r"\b"),
    Shape("a GitLab token", "glpat-", r"glpat-[A-Za-z0-9_-]{20,}"),
    Shape("an Anthropic key", "sk-ant-", r"sk-ant-(?:api0[1-3]|admin01)-[A-Za-z0-9_-]{80,}"),
    Shape("an OpenAI key", "sk-", r"sk-(?:proj|svcacct|admin)-[A-Za-z0-9_-]{40,}"),
    Shape("an OpenAI key", "sk-", r"sk-[A-Za-z0-9]{48}", r"\b"),
    Shape("a Hugging Face token", "hf_", r"hf_[A-Za-z]{34}", r"\b"),
    Shape("a Slack token", "xox", r"xox[abeoprs]-[A-Za-z0-9-]{10,}"),
    Shape("a Slack address for messages", "hooks.slack.com/", r"hooks\.slack\.com/services/T", r"\w+/B\w+/\w{20,}"),
    Shape("a Google key", "AIza", r"AIza[A-Za-z0-9_-]{35}", r"(?![A-Za-z0-9_-])"),
    Shape("a Stripe key", "_live_", r"_live_[A-Za-z0-9]{20,}"),
    Shape("a SendGrid key", "SG.", r"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}", r"\b"),
    Shape("an npm token", "npm_", r"npm_[A-Za-z0-9]{36}", r"\b"),
    Shape("a PyPI token", "pypi-", r"pypi-AgEIcHlwaS[A-Za-z0-9_-]{50,}"),
    Shape("a private key", "PRIVATE KEY", r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----"),
    Shape("a JSON Web Token", "eyJ", r"eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"),
    Shape(
        "a password in an address",
        "://",
        rf"://[^{BLANKS}{EDGE}/:@\"']{{1,60}}:[^{BLANKS}{EDGE}/:@\"']{{6,60}}@",
        r"[\w.-]+",
        r"[a-z][a-z0-9+]{2,20}",
    ),
)
SECRET_SIGN = Sign("|".join(shape.sign for shape in SHAPES))
EXAMPLES = ("EXAMPLE", "XXXX", "xxxx", "0000000", "1234567", "abcdefg", "ABCDEFG", "...", "password", "<", "your")
"""What shows that somebody made the secret up."""

NAME_CHARACTERS = string.ascii_letters + string.digits + "._%+-"
LONGEST_NAME, LONGEST_DOMAIN = 64, 256
DOMAIN = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\.)+[A-Za-z]{2,24}(?![\w@])"
RESERVED = ("example", "test", "invalid", "localhost")
NOBODY = ("user", "username", "example", "test", "name", "noreply", "no-reply", "git", "email")
NUMBER = (
    r"(?<![\w.,/=#$€£-])(?:[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?!\w)"
    r"|\+[0-9]{1,3}[ .-]?(?:\([0-9]{1,4}\)[ .-]?)?[0-9](?:[ .-]?[0-9]){6,12}(?![\w.,-]?[0-9])"
    r"|(?:\([0-9]{3}\) ?|[0-9]{3}[ .-])[0-9]{3}[ .-][0-9]{4}(?![\w-])"
    r"|[2-6][0-9]{3}(?:[ -]?[0-9]{4}){3}(?![\w-])|3[0-9]{3}[ -]?[0-9]{6}[ -]?[0-9]{4,5}(?![\w-]))"
)
"""What may be an IBAN, an international or a North American phone number, or a card's number."""
NUMBER_SIGN = Sign(
    r"\+[0-9]{1,3}[ .-]?(?:\([0-9]{1,4}\)[ .-]?)?[0-9](?:[ .-]?[0-9]){6}",
    r"[0-9]{2}[ .)-]{0,2}[A-Z0-9]{3}[ .-]?[A-Z0-9][ .-]?[A-Z0-9]{3}",
)
"""The second pattern fits in any of the others: spelt out one by one they would be looked for ten times as long."""
MAIL_SIGN = r"[A-Za-z0-9._%+-]@[A-Za-z0-9][A-Za-z0-9-]{0,62}\."
CARD = (
    r"(?:4\d{3}|5[1-5]\d\d|2[2-7]\d\d|6011|65\d\d|64[4-9]\d|35[2-8]\d)([ -]?)\d{4}\1\d{4}\1\d{4}"
    r"|3[47]\d\d([ -]?)\d{6}\2\d{5}|3[068]\d\d([ -]?)\d{6}\3\d{4}"
)
"""The numbers that Visa, Mastercard, Discover, JCB, American Express and Diners Club give out, evenly spaced."""
TEST_CARDS = frozenset(("4242424242424242", "4111111111111111", "5555555555554444", "378282246310005"))
"""Numbers that the card companies publish for tests."""


def secrets(view: RecordView) -> Iterator[Complaint]:
    """Keys and tokens whose makers publish what they look like."""
    for shape in SHAPES:
        for where, text in _texts(view, shape.mark) if shape.mark in view.spoken else ():
            for found in re.finditer(shape.before + shape.sign + shape.after, text):
                stands_alone = not (shape.mark[0].isalnum() and text[found.start() - 1 : found.start()].isalnum())
                if stands_alone and not any(sign in found.group() for sign in EXAMPLES):
                    yield _complaint(view, where, shape.kind, *found.span())


def personal_data(view: RecordView) -> Iterator[Complaint]:
    """Addresses of mail, numbers of phones, cards and accounts."""
    for where, text in _texts(view, "@") if "@" in view.spoken else ():
        for start, end in _mails(text):
            yield _complaint(view, where, "a mail address", start, end)
    number = Sign(*view.patterns_of(NUMBER_SIGN))
    for where, text in _texts(view, "") if number.patterns else ():
        if number.stands_in(text):
            for found in re.finditer(NUMBER, text):
                kind = _kind_of_number(found.group())
                if kind:
                    yield _complaint(view, where, kind, *found.span())


def _mails(text: str) -> Iterator[tuple[int, int]]:
    """Where mail addresses start and end that may belong to somebody."""
    at = text.find("@")
    while at >= 0:
        before = text[max(0, at - LONGEST_NAME) : at]
        name = before[len(before.rstrip(NAME_CHARACTERS)) :]
        domain = re.match(DOMAIN, text[at + 1 : at + LONGEST_DOMAIN])
        if name.strip(".") and domain and not _reserved(name, domain.group()):
            yield at - len(name), at + 1 + domain.end()
        at = text.find("@", at + 1)


def _complaint(view: RecordView, where: int | Call, kind: str, start: int, end: int) -> Complaint:
    pointer = view.pointer(where) if isinstance(where, int) else where.at("arguments")
    return Complaint(pointer, f"looks like {kind} ({end - start:,} characters, from character {start + 1:,} on)")


def _texts(view: RecordView, sign: str) -> list[tuple[int | Call, str]]:
    """All that is said and holds a sign, the arguments of calls included, with its message or its call."""
    texts: list[tuple[int | Call, str]] = [(place, text) for place, _, text in view.sayings if sign in text]
    for call in view.calls:
        arguments = call.function.get("arguments")
        if isinstance(arguments, str) and sign in arguments:
            texts.append((call, arguments))
    return texts


def _reserved(name: str, domain: str) -> bool:
    """Whether a mail address belongs to nobody: domains that are reserved for examples (RFC 2606), or no person."""
    labels = domain.lower().split(".")
    return labels[-1] in RESERVED or labels[-2] in ("example", "test") or name.lower() in NOBODY


def _kind_of_number(text: str) -> str:
    """What a number is, with its article; empty where it is nothing."""
    digits = re.sub(r"\D", "", text)
    if text[:1].isalpha():
        return "an account number (IBAN)" if _is_iban(text.replace(" ", "")) else ""
    if text.startswith("+"):
        return "a phone number" if 8 <= len(digits) <= 15 and not _fictitious(digits) else ""
    if len(digits) == 10:
        return "a phone number" if digits[0] > "1" and digits[3] > "1" and not _fictitious(digits) else ""
    is_card = re.fullmatch(CARD, text) and digits not in TEST_CARDS and len(set(digits)) > 2 and _luhn(digits)
    return "a card number" if is_card else ""


def _fictitious(digits: str) -> bool:
    """Whether a phone number is one of those kept for fiction (555-0100 to 555-0199), or typed for show."""
    return digits[-7:-2] == "55501" or digits[-7:-4] == "555" or "1234567" in digits or len(set(digits)) < 4


def _luhn(digits: str) -> bool:
    """Whether the check digit of a card's number is right (ISO/IEC 7812-1, annex B)."""
    doubled = (2 * int(digit) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(number - 9 * (number > 9) for number in doubled)) % 10 == 0


def _is_iban(text: str) -> bool:
    """Whether the check digits of an account number are right (ISO 13616: the remainder by 97 is 1)."""
    if not 15 <= len(text) <= 34:
        return False
    return int("".join(str(int(one, 36)) for one in text[4:] + text[:4])) % 97 == 1


RULES = (
    Rule(
        27,
        "secret",
        "A model can recite what it was trained on, keys and passwords too. The finding does not show them.",
        "The makers' own pages on the form of their keys (AWS, GitHub, OpenAI, Slack, Google, ...); RFC 7468; RFC 7519",
        check=secrets,
        sign=SECRET_SIGN,
        bad='{"messages": [{"role": "user", "content": "Use AKIAQ7KD2WN5RTM3PVXJ."}, '
        '{"role": "assistant", "content": "I will."}]}',
        good='{"messages": [{"role": "user", "content": "Use the key in the vault."}, '
        '{"role": "assistant", "content": "I will."}]}',
    ),
    Rule(
        41,
        "personal data",
        "Mail addresses and numbers of phones, cards and accounts may be learnt, and recited to strangers.",
        "RFC 5322; ITU-T E.164; ISO/IEC 7812-1; ISO 13616",
        Severity.WARNING,
        check=personal_data,
        sign=Sign(MAIL_SIGN, *NUMBER_SIGN.patterns),
        bad='{"messages": [{"role": "user", "content": "Write to ann.lee@posteo.de, please."}, '
        '{"role": "assistant", "content": "I did."}]}',
        good='{"messages": [{"role": "user", "content": "Write to ann.lee@example.com, please."}, '
        '{"role": "assistant", "content": "I did."}]}',
    ),
)
