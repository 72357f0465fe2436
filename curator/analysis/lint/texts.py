"""Rules on what is said."""

from __future__ import annotations

import re
from collections.abc import Iterator

from curator.analysis.findings import Severity
from curator.analysis.lint.rule import GOOD, HELLO, Rule, example
from curator.analysis.lint.signs import BLANKS, EDGE, Sign, any_of
from curator.analysis.lint.view import Complaint, RecordView

BEST_PRACTICES = "OpenAI, fine-tuning best practices"

# Capitals or not: `AI` is written in capitals nearly always, and is looked for in them first.
BOILERPLATE = r"\bas an? (?:ai|artificial intelligence|large language|language)(?: language)? (?:model|assistant)\b"
REFUSAL = (
    r"\W*(?:(?:i['\u2019]?m|i am) (?:very |really |so )?sorry|sorry|i apologi[sz]e|unfortunately)\b[^.!?\n]{0,40}"
    r"\bi(?:['\u2019]m| am)? (?:can['\u2019]?t|cannot|can not|won['\u2019]?t|(?:not |un)able to) (?:\w+ )?"
    r"(?:assist|help|fulfil+|comply|engage|generate|create|provide|support|do that|answer|write)\b"
    r"|\W*i (?:can['\u2019]?t|cannot|can not|won['\u2019]?t) (?:assist|help|fulfil+|comply|engage)\b"
)
REFUSING = ("I'm sorry", "I\u2019m", "I am sorry", "Sorry", "I apolog", "Unfortunately", "I can't", "I cannot", "I won")
"""How refusals begin."""
MODEL, LANGUAGE_MODEL = " AI", "language model"
"""What stands in boilerplate."""
MODEL_SIGN = Sign(f"{MODEL}|{LANGUAGE_MODEL}")

SPECIAL = (
    r"<\|[a-zA-Z0-9_]{2,40}\|>|\[/?INST\]|<</?SYS>>|</?(?:start|end)_of_turn>|\[/?(?:TOOL_CALLS|TOOL_RESULTS|"
    r"AVAILABLE_TOOLS)\]|<\uff5c[^\uff5c<>]{2,40}\uff5c>|</s>\s*\Z"
)
FENCE = "```"
MARKS_SIGN = Sign(f"{FENCE}|" + SPECIAL.replace(r"\s*\Z", f"[{BLANKS}{EDGE}]*{EDGE}"))
"""Blocks of code, and special tokens: what is looked for together, since it starts as little else does."""

MOJIBAKE = (
    r"[\u00c2-\u00df][\u0080-\u00bf]"
    r"|[\u00e0-\u00ef][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u2122]{2}"
    r"|\u00f0\u0178[\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u2122]{2}"
)
"""What UTF-8 looks like when it was read as Windows-1252."""
_SECOND = r"[\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u2122]"
# Sets of as few as eight characters are looked for as if they were spelt out, which is many times as fast.
_FIRSTS = [f"[{chr(one)}-{chr(min(one + 7, 0xF0))}]" for one in range(0xC2, 0xF1, 8)]
BROKEN_SIGN = Sign("|".join(("\ufffd", *(first + _SECOND for first in _FIRSTS))), beyond_ascii=True)

PLACEHOLDERS = frozenset(
    (
        *(
            "n/a",
            "na",
            "none",
            "null",
            "nan",
            "undefined",
            "todo",
            "tbd",
            "tba",
            "xxx",
            "...",
            "…",
            "-",
            "--",
            "?",
            ".",
        ),
        *("placeholder", "lorem ipsum", "string", "nooutput", "noinput", "no output", "no input"),
        *("<nooutput>", "<noinput>", "[no output]", "[no input]", "[output]", "[input]", "[response]", "[answer]"),
        *("your answer here", "your response here", "insert text here", "[insert text here]"),
    )
)
SPELT_PLACEHOLDERS = frozenset(
    spelt for one in PLACEHOLDERS for spelt in (one, one.upper(), one.title(), one.capitalize(), f"{one}.")
)
LONGEST_PLACEHOLDER = max(map(len, SPELT_PLACEHOLDERS))
URL_ONLY = r"\s*<?https?://\S+>?\s*"

ENDS = frozenset(".!?…\"'”»)]}>*_`~|:;。」』】♪\u2019\uff01\uff1f\uff09")
UNFINISHED = frozenset(
    (
        *("the", "a", "an", "and", "or", "but", "of", "to", "with", "for", "from", "by", "at", "into", "about", "than"),
        *("is", "are", "was", "were", "be", "been", "that", "which", "who", "whose", "because", "if", "when", "while"),
        *("as", "between", "your", "my", "our", "their", "his", "its", "these"),
    )
)
"""Words that no English sentence ends with."""
TALKING = ("user", "assistant")

START = f"{EDGE}(?:{any_of(REFUSING)}|[{BLANKS}{EDGE}]|(?:{any_of(SPELT_PLACEHOLDERS)}){EDGE}|<?https?://)"
"""How a text starts that refuses, is padded or empty, or says nothing."""
END = f"(?:[{BLANKS},]|[{BLANKS}](?:{any_of(UNFINISHED)})){EDGE}"
"""How a text ends that is padded or cut off."""
SHORTEST_CUT_OFF = 80
"""Characters of an answer of which can be said that it ends in the middle."""


def refusals(view: RecordView) -> Iterator[Complaint]:
    """Answers that refuse, or speak of the speaker as a model."""
    models = view.patterns_of(MODEL_SIGN)
    for place, _, text in view.answers:
        of_a_model = models and (MODEL in text or LANGUAGE_MODEL in text)
        if not (of_a_model or text.startswith(REFUSING)):
            continue
        found = re.search(BOILERPLATE, text, re.IGNORECASE) if of_a_model else None
        if found:
            yield Complaint(view.pointer(place), f'boilerplate: "{found.group()}"')
        elif re.match(REFUSAL, text, re.IGNORECASE):
            yield Complaint(view.pointer(place), f'a refusal: "{_start(text)}"')


def empty_or_padded(view: RecordView) -> Iterator[Complaint]:
    """Texts of nothing but blanks, and blanks at the ends of what is asked and answered."""
    for place, role, text in view.sayings:
        bare = text.strip()
        if bare and len(bare) == len(text):
            continue
        if not bare:
            if role not in ("tool", "function") and not _calls(view.messages[place]):
                yield Complaint(view.pointer(place), "the content is blank" if text else "the content is empty")
        elif role in TALKING and not view.dialect.plain_tokens:
            before, after = text[0] != bare[0], text[-1] != bare[-1]
            where = "at its start and its end" if before and after else "at its start" if before else "at its end"
            yield Complaint(view.pointer(place), f"the content has blanks {where}")


def _calls(message: object) -> bool:
    return isinstance(message, dict) and bool(message.get("tool_calls") or message.get("function_call"))


def cut_off(view: RecordView) -> Iterator[Complaint]:
    """Answers that stop in the middle of a sentence, or of a block of code."""
    marked = view.patterns_of(MARKS_SIGN)
    for place, _, text in view.answers:
        text = text.rstrip()
        if marked and FENCE in text and len(re.findall(r"^[ \t>*-]*```", text, re.MULTILINE)) % 2:
            yield Complaint(view.pointer(place), "the answer ends inside a code fence that is still open")
        elif text[-1:] not in ENDS and len(text) >= SHORTEST_CUT_OFF and _in_mid_sentence(text):
            yield Complaint(view.pointer(place), f'the answer ends in the middle of a sentence: "…{text[-30:]}"')


def _in_mid_sentence(text: str) -> bool:
    """Whether a text ends with a comma, or with a word that no sentence ends with."""
    last = text[text.rfind("\n") + 1 :]
    if text[-1] == ",":
        return len(last) > 40
    return last.rpartition(" ")[2] in UNFINISHED and last.count(" ") >= 4


def special_tokens(view: RecordView) -> Iterator[Complaint]:
    """Tokens by which trainers and models tell messages apart, as text."""
    for place, _, text in view.sayings:
        found = [match.group().strip() for match in re.finditer(SPECIAL, text)]
        if found:
            names = ", ".join(list(dict.fromkeys(found))[:3])
            times = f" {len(found):,} times" if len(found) > 1 else ""
            yield Complaint(view.pointer(place), f"special tokens stand in the text{times}: {names}")


def broken_characters(view: RecordView) -> Iterator[Complaint]:
    """U+FFFD, which stands for a character that was lost, and UTF-8 that was read as another encoding."""
    for place, _, text in view.sayings:
        if text.isascii():
            continue
        if "\ufffd" in text:
            times = text.count("\ufffd")
            what = "a character is lost" if times == 1 else f"{times:,} characters are lost"
            yield Complaint(view.pointer(place), f"{what}: U+FFFD stands in its place")
        for found in re.finditer(MOJIBAKE, text):
            meant = _meant(found.group())
            if meant:
                sentence = f"garbled characters: {found.group()!r} was {meant!r} before it was read as Windows-1252"
                yield Complaint(view.pointer(place), sentence)
                break


def _meant(garbled: str) -> str:
    """What a garbled text was before; empty where it was not garbled that way."""
    try:
        octets = b"".join(one.encode("latin-1") if one <= "\xff" else one.encode("cp1252") for one in garbled)
        meant = octets.decode("utf-8")
    except UnicodeError:
        return ""
    return meant if meant.isprintable() or meant == "\xa0" else ""


def nothing_said(view: RecordView) -> Iterator[Complaint]:
    """A bare address, or a word that holds the place of a text, as what is asked or answered."""
    for place, role, text in view.sayings:
        if role not in TALKING:
            continue
        part = "the answer" if role == "assistant" else "what is asked"
        if len(text) <= LONGEST_PLACEHOLDER and text in SPELT_PLACEHOLDERS:
            yield Complaint(view.pointer(place), f"{part} is a placeholder: {text!r}")
        elif "://" in text and re.fullmatch(URL_ONLY, text):
            yield Complaint(view.pointer(place), f"{part} is nothing but an address")


def _start(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 50 else f"{words[:50]}…"


RULES = (
    Rule(
        23,
        "refusal or boilerplate",
        "A model that is shown refusals refuses more, and talk of being a language model is learnt like any other.",
        BEST_PRACTICES,
        Severity.WARNING,
        check=refusals,
        sign=Sign(START, *MODEL_SIGN.patterns),
        bad='{"messages": [{"role": "user", "content": "Do you like rain?"}, '
        '{"role": "assistant", "content": "As an AI language model, I have no likes."}]}',
        good='{"messages": [{"role": "user", "content": "Do you like rain?"}, '
        '{"role": "assistant", "content": "I like what it does to a garden."}]}',
    ),
    Rule(
        24,
        "empty content, or blanks around it",
        "An empty message teaches to say nothing; blanks at the ends are learnt as part of the answer.",
        "openai-python, lib/_validators.py",
        Severity.WARNING,
        check=empty_or_padded,
        sign=Sign(START, END),
        bad=example(HELLO, '{"role": "assistant", "content": "Hi. "}'),
        good=GOOD,
    ),
    Rule(
        25,
        "answer ends in the middle",
        "Answers that were cut off by a limit of tokens teach the model to stop in the middle.",
        BEST_PRACTICES,
        Severity.WARNING,
        check=cut_off,
        sign=Sign(END, *MARKS_SIGN.patterns),
        bad='{"messages": [{"role": "user", "content": "Why does it rain?"}, {"role": "assistant", "content": '
        '"Warm air rises and cools. What it holds of water gathers on dust until the drops are too heavy for the"}]}',
        good='{"messages": [{"role": "user", "content": "Why does it rain?"}, {"role": "assistant", "content": '
        '"Warm air rises and cools. What it holds of water gathers on dust until the drops are too heavy."}]}',
    ),
    Rule(
        26,
        "special tokens in the text",
        "Templates put these tokens between messages; in a text they end it early, or services refuse the file.",
        "LLaMA-Factory, issues 354 and 370; OpenAI: `message contains an invalid token`",
        Severity.WARNING,
        check=special_tokens,
        sign=MARKS_SIGN,
        bad=example(HELLO, '{"role": "assistant", "content": "Hi.<|im_end|>"}'),
        good=GOOD,
    ),
    Rule(
        28,
        "garbled characters",
        "Text that was read in the wrong encoding is learnt as it stands.",
        "The Unicode Standard, section 23.8 (U+FFFD); RFC 3629",
        Severity.WARNING,
        check=broken_characters,
        sign=BROKEN_SIGN,
        bad='{"messages": [{"role": "user", "content": "A coffee house?"}, '
        '{"role": "assistant", "content": "The CafÃ© Central."}]}',
        good='{"messages": [{"role": "user", "content": "A coffee house?"}, '
        '{"role": "assistant", "content": "The Café Central."}]}',
    ),
    Rule(
        30,
        "placeholder or bare address",
        "Where nothing was filled in there is nothing to learn, and a model cannot look an address up.",
        "The cleaned Alpaca data set's card (yahma/alpaca-cleaned)",
        Severity.WARNING,
        check=nothing_said,
        sign=Sign(START),
        bad=example('{"role": "user", "content": "Sum the page up."}', '{"role": "assistant", "content": "N/A"}'),
        good=example('{"role": "user", "content": "Is it open?"}', '{"role": "assistant", "content": "No."}'),
    ),
)
