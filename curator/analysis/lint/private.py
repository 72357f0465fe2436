"""Rules on what should be nobody's business: keys that open something, and data on persons.

What is found is never shown, just its kind, its length and where it stands. The shapes are those that its makers
publish; text that merely looks random is left alone, for in conversations most of it is no secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from curator.analysis.findings import Severity
from curator.analysis.lint.rule import Rule
from curator.analysis.lint.tools import calls_of
from curator.analysis.lint.view import Complaint, RecordView


class Shape(NamedTuple):
    """What a kind of secret looks like."""

    kind: str
    sign: str
    """What stands in each: looked for first."""
    pattern: str


SHAPES = (
    Shape("an AWS access key", "AKIA", r"\bAKIA[A-Z2-7]{16}\b"),
    Shape("a temporary AWS access key", "ASIA", r"\bASIA[A-Z2-7]{16}\b"),
    Shape("a GitHub token", "gh", r"\bgh[pousr]_[A-Za-z0-9]{36,251}\b"),
    Shape("a GitHub token", "github_pat_", r"\bgithub_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}\b"),
    Shape("a GitLab token", "glpat-", r"\bglpat-[A-Za-z0-9_-]{20,}"),
    Shape("an Anthropic key", "sk-ant-", r"\bsk-ant-[a-z0-9]+-[A-Za-z0-9_-]{80,}"),
    Shape("an OpenAI key", "sk-", r"\bsk-(?:(?:proj|svcacct|admin)-[A-Za-z0-9_-]{40,}|[A-Za-z0-9]{48}\b)"),
    Shape("a Hugging Face token", "hf_", r"\bhf_[A-Za-z]{34}\b"),
    Shape("a Slack token", "xox", r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}"),
    Shape("a Slack address for messages", "hooks.slack.com/", r"\bhooks\.slack\.com/services/T\w+/B\w+/\w{20,}"),
    Shape("a Google key", "AIza", r"\bAIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])"),
    Shape("a Stripe key", "k_live_", r"\b[rs]k_live_[A-Za-z0-9]{20,}"),
    Shape("a SendGrid key", "SG.", r"\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}\b"),
    Shape("an npm token", "npm_", r"\bnpm_[A-Za-z0-9]{36}\b"),
    Shape("a PyPI token", "pypi-", r"\bpypi-AgEIcHlwaS[A-Za-z0-9_-]{50,}"),
    Shape("a private key", "PRIVATE KEY", r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----"),
    Shape("a JSON Web Token", "eyJ", r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"),
    Shape("a password in an address", "://", r"\b[a-z][a-z0-9+]{2,20}://[^\s/:@\"']{1,60}:[^\s/:@\"']{6,60}@[\w.-]+"),
)
EXAMPLES = ("EXAMPLE", "XXXX", "xxxx", "0000000", "1234567", "abcdefg", "ABCDEFG", "...", "password", "<", "your")
"""What shows that somebody made the secret up."""

MAIL = r"[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\.)+[A-Za-z]{2,24}(?![\w@])"
NUMBER = (
    r"(?<![\w.,/=#$€£-])(?:[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?!\w)"
    r"|\+\d{1,3}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d(?:[ .-]?\d){6,12}(?![\w.,-]?\d)"
    r"|(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}(?![\w-])"
    r"|[2-6]\d{3}(?:[ -]?\d{4}){3}(?![\w-])|3\d{3}[ -]?\d{6}[ -]?\d{4,5}(?![\w-]))"
)
"""What may be an IBAN, an international or a North American phone number, or a card's number."""
CARD = (
    r"(?:4\d{3}|5[1-5]\d\d|2[2-7]\d\d|6011|65\d\d|64[4-9]\d|35[2-8]\d)([ -]?)\d{4}\1\d{4}\1\d{4}"
    r"|3[47]\d\d([ -]?)\d{6}\2\d{5}|3[068]\d\d([ -]?)\d{6}\3\d{4}"
)
"""The numbers that Visa, Mastercard, Discover, JCB, American Express and Diners Club give out, evenly spaced."""
DIGITS = bytes.maketrans(b"123456789", b"000000000")
BETWEEN = b" -.()"
FEWEST_DIGITS = b"0" * 9
"""Of a phone number, a card or an account, when what stands between its digits is left out."""
TEST_CARDS = frozenset(("4242424242424242", "4111111111111111", "5555555555554444", "378282246310005"))
"""Numbers that the card companies publish for tests."""


def secrets(view: RecordView) -> Iterator[Complaint]:
    """Keys and tokens whose makers publish what they look like."""
    heard = view.heard
    shapes = [shape for shape in SHAPES if shape.sign in heard]
    if not shapes:
        return
    for pointer, text in _texts(view):
        for shape in shapes:
            for found in re.finditer(shape.pattern, text):
                if not any(sign in found.group() for sign in EXAMPLES):
                    yield _complaint(pointer, shape.kind, found)


def personal_data(view: RecordView) -> Iterator[Complaint]:
    """Addresses of mail, numbers of phones, cards and accounts."""
    mail = "@" in view.heard
    digits = FEWEST_DIGITS in view.octets.translate(DIGITS, BETWEEN)
    if not (mail or digits):
        return
    for pointer, text in _texts(view):
        for found in re.finditer(MAIL, text) if mail and "@" in text else ():
            if not _reserved(found.group()):
                yield _complaint(pointer, "a mail address", found)
        for found in re.finditer(NUMBER, text) if digits else ():
            kind = _kind_of_number(found.group())
            if kind:
                yield _complaint(pointer, kind, found)


def _complaint(pointer: str, kind: str, found: re.Match[str]) -> Complaint:
    length = found.end() - found.start()
    return Complaint(pointer, f"looks like {kind} ({length:,} characters, from character {found.start() + 1:,} on)")


def _texts(view: RecordView) -> Iterator[tuple[str, str]]:
    """Pointer and text of all that is said, the arguments of calls included."""
    for said in view.sayings:
        yield view.pointer(said.place), said.text
    for call in calls_of(view) if not view.texts else ():
        arguments = call.function.get("arguments")
        if isinstance(arguments, str):
            yield (f"{call.pointer}{call.inside}/arguments" if call.inside else call.pointer), arguments


def _reserved(mail: str) -> bool:
    """Whether a mail address belongs to nobody: domains that are reserved for examples (RFC 2606), or no persons."""
    name, _, domain = mail.lower().partition("@")
    labels = domain.split(".")
    reserved = labels[-1] in ("example", "test", "invalid", "localhost") or labels[-2] in ("example", "test")
    return reserved or name in ("user", "username", "example", "test", "name", "noreply", "no-reply", "git", "email")


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
        bad='{"messages": [{"role": "user", "content": "Write to ann.lee@posteo.de, please."}, '
        '{"role": "assistant", "content": "I did."}]}',
        good='{"messages": [{"role": "user", "content": "Write to ann.lee@example.com, please."}, '
        '{"role": "assistant", "content": "I did."}]}',
    ),
)
