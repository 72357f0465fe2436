"""Which encoding bytes are in: by their marks and zero bytes where that leaves one reading, else by probability."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
ZEROS = (
    ((True, False, False, False), "utf-32-le"),
    ((False, False, False, True), "utf-32-be"),
    ((True, False, True, False), "utf-16-le"),
    ((False, True, False, True), "utf-16-be"),
)
"""Which of the first four bytes are not zero: JSON begins with two characters of ASCII (RFC 4627, section 3)."""

NAMES = {"gb18030": "GB 18030 (GBK)", "cp1252": "Windows-1252 (Latin-1)", "cp932": "Shift JIS", "big5": "Big5"}
LIKELIER = ("gb18030", "cp1252", "cp932", "cp1251", "big5", "cp949")
"""Of encodings between which the detector sees no difference, the one that more files are in."""
SAMPLE_BYTES = 1 << 16
SETTLED = 50
"""So many lines in one encoding settle it for all lines that it can be read in."""
MOST_CONFIDENCE = 0.99


class Guess(NamedTuple):
    """An encoding that text is probably in."""

    encoding: str
    confidence: float
    """From 0 to 1: the detector's, divided among the texts between which it sees no difference."""

    @property
    def sentence(self) -> str:
        """The encoding and how probable it is."""
        return f"{NAMES.get(self.encoding, self.encoding)}, confidence {self.confidence:.0%}"


def certain(start: bytes) -> tuple[str, int]:
    """The encoding that the first bytes of a text leave no doubt about, and the length of its mark; else UTF-8."""
    for mark, encoding in MARKS:
        if start.startswith(mark):
            return encoding, len(mark)
    if len(start) >= 4:
        pattern = tuple(byte != 0 for byte in start[:4])
        for zeros, encoding in ZEROS:
            if pattern == zeros:
                return encoding, 0
    return "utf-8", 0


class Detector:
    """Guesses the encoding of the lines of a file that are not UTF-8, one by one until most agree."""

    def __init__(self) -> None:
        self._claims: Counter[str] = Counter()

    def text(self, content: bytes) -> tuple[str, Guess] | None:
        """The text of bytes in the encoding that they are probably in; None where nothing fits."""
        settled, times = next(iter(self._claims.most_common(1)), ("", 0))
        guess = Guess(settled, MOST_CONFIDENCE) if times >= SETTLED else _guessed(content)
        if guess is None:
            return None
        try:
            text = content.decode(guess.encoding)
        except (UnicodeDecodeError, LookupError):
            return None
        self._claims[guess.encoding] += 1
        return text, guess


def _guessed(content: bytes) -> Guess | None:
    from charset_normalizer import from_bytes

    found = [one for one in from_bytes(content[:SAMPLE_BYTES], enable_fallback=False) if one.encoding[:3] != "utf"]
    if not found:
        return None
    best = found[0]
    equal = [one for one in found if (one.chaos, one.coherence) == (best.chaos, best.coherence)]
    names = [one.encoding for one in equal]
    name = next((one for one in LIKELIER if one in names), best.encoding)
    confidence = (1.0 - best.chaos) / len({str(one) for one in equal})
    return Guess(name, min(MOST_CONFIDENCE, confidence))
