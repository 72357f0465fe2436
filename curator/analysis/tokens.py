"""Exact token counts: as many as tiktoken makes of a text, by a faster library where the two are known to agree."""

import re
import sys
from collections.abc import Callable
from itertools import filterfalse
from typing import NamedTuple

from curator.analysis import guard

CHECK_STRIDE = 101
"""Of the texts that the accelerator counts, the first and then every 101st is counted by tiktoken too."""

CHECK_LENGTH = 1024
"""Of a longer text, a window of this many characters is compared instead: so the check takes 1 % of the characters."""

SEPARATORS = {"o200k_base": " 111", "o200k_harmony": " 111"}
"""By encoding: what may stand between two texts so that both are split as each would be alone.

These encodings take up to three digits for a piece, so nothing behind them joins them; and of blanks before a digit
the last one is a piece of its own, so nothing before it joins it. Not so in cl100k_base, where blanks at the end of a
text are split otherwise than blanks before the separator.
"""

MEMO_SHORTEST = 64
"""Characters from which tiktoken's count of a text is kept; looking up a shorter one gains little."""

MEMO_BYTES = 16 << 20
"""Memory for the texts whose counts are kept; when it is full they are all let go."""

_MEMO_ENTRY = 100


class TokenCounter:
    """Counts texts in one encoding; text such as `<|endoftext|>` counts as ordinary text.

    A counter is neither shared between threads nor sent to another process; each makes its own.
    """

    def __init__(self, encoding: str, accelerate: bool = True) -> None:
        """Loads the vocabularies, which takes up to 0.5 seconds and 140 MiB.

        The accelerator pays off from 5 to 10 MB of text on. It is used where it is installed, serves the encoding, and
        both libraries are of the versions that its guard was made for.

        Raises UsageError for an unknown encoding, VocabularyError where its file cannot be used.
        """
        self._reference = _Reference(encoding)
        self._encoding = encoding
        self._accelerator = _load_accelerator(encoding) if accelerate else None
        self._guarded_character = re.compile(guard.GUARDED)
        self._guarded_bytes = [(lead, re.compile(pattern)) for lead, pattern in guard.GUARDED_BYTES.items()]
        self._until_check = 0
        self._separator = SEPARATORS.get(encoding, "")
        self._separator_tokens = self._reference.count(self._separator)
        self.disagreement: str | None = None
        """The first difference between the two libraries, as a sentence; from then on tiktoken counts alone."""

    @property
    def accelerated(self) -> bool:
        """Whether the faster library counts."""
        return self._accelerator is not None

    @property
    def name(self) -> str:
        """Which library counts, with its version."""
        return self._accelerator.name if self._accelerator else self._reference.name

    def count(self, text: str) -> int:
        """The number of tokens in `text`."""
        return self.count_many([text])[0]

    def packed(self, texts: list[str]) -> tuple[list[str], int]:
        """What to count in place of `texts`, and how many tokens more that gives than they have.

        The accelerator is faster with one long text than with many short ones. tiktoken is not, and remembers texts.
        """
        if len(texts) < 2 or not self._separator or self._accelerator is None:
            return texts, 0
        return [self._separator.join(texts)], self._separator_tokens * (len(texts) - 1)

    def characters(self, text: str, tokens: int) -> int:
        """Characters of `text` that its first tokens hold in full."""
        return self._reference.characters(text, tokens)

    def count_many(self, texts: list[str], plain: bool = False) -> list[int]:
        """The number of tokens in each of `texts`; `plain` is the caller's word that they are all ASCII."""
        if self._accelerator is None:
            return [self._reference.count(text) for text in texts]
        guarded = [] if plain else self._guarded_positions(texts)
        eligible = texts
        if guarded:
            eligible = texts.copy()
            for position in guarded:
                eligible[position] = ""
        counts = self._accelerator.count_many(eligible)
        self.disagreement = self._cross_check(self._accelerator, eligible, counts)
        if self.disagreement:
            self._accelerator = None
            return self.count_many(texts)
        for position in guarded:
            counts[position] = self._reference.count(texts[position])
        return counts

    def _guarded_positions(self, texts: list[str]) -> list[int]:
        """The positions of the texts with a character that the two libraries may count differently."""
        wide = "".join(filterfalse(str.isascii, texts))
        if not wide or not self._may_be_guarded(wide):
            return []
        search = self._guarded_character.search
        return [position for position, text in enumerate(texts) if not text.isascii() and search(text)]

    def _may_be_guarded(self, text: str) -> bool:
        """False where no character is guarded, by the first bytes in UTF-8: ten times as fast as a character class."""
        try:
            utf8 = text.encode()
        except UnicodeEncodeError:
            return True
        return any(lead in utf8 and pattern.search(utf8) for lead, pattern in self._guarded_bytes)

    def _cross_check(self, accelerator: "_Accelerator", texts: list[str], counts: list[int]) -> str | None:
        """Counts the texts whose turn it is by tiktoken as well; answers with the first difference."""
        due = range(self._until_check, len(texts), CHECK_STRIDE)
        self._until_check = (self._until_check - len(texts)) % CHECK_STRIDE
        for position in due:
            text, counted = texts[position], counts[position]
            if len(text) > CHECK_LENGTH:
                # The window moves with the position, so that it is not always the beginning that is compared.
                start = position * CHECK_LENGTH % (len(text) - CHECK_LENGTH)
                text = text[start : start + CHECK_LENGTH]
                counted = accelerator.count_many([text])[0]
            expected = self._reference.count(text)
            if counted != expected:
                return (
                    f"{accelerator.name} counted {counted:,} tokens and {self._reference.name} {expected:,} "
                    f"in the same {len(text):,} characters ({self._encoding}); from here on tiktoken counts alone."
                )
        return None


class _Reference:
    """tiktoken, and the counts of the longer texts that it has seen: system prompts and tool schemas recur."""

    def __init__(self, encoding: str) -> None:
        import tiktoken

        from curator.analysis.vocabulary import load_encoding

        self.name = f"tiktoken {tiktoken.__version__}"
        self._encoding = load_encoding(encoding)
        self._memo: dict[str, int] = {}
        self._memo_bytes = 0

    def count(self, text: str) -> int:
        if len(text) < MEMO_SHORTEST:
            return self._count(text)
        tokens = self._memo.get(text)
        if tokens is None:
            tokens = self._count(text)
            self._remember(text, tokens)
        return tokens

    def _remember(self, text: str, tokens: int) -> None:
        size = sys.getsizeof(text) + _MEMO_ENTRY
        if size > MEMO_BYTES // 8:
            return
        if self._memo_bytes + size > MEMO_BYTES:
            self._memo.clear()
            self._memo_bytes = 0
        self._memo[text] = tokens
        self._memo_bytes += size

    def _count(self, text: str) -> int:
        try:
            # Not encode_ordinary, which ends in a Rust panic where this raises ValueError.
            return len(self._encoding.encode(text, disallowed_special=()))
        except ValueError:
            return self._count_by_pieces(text)

    def characters(self, text: str, tokens: int) -> int:
        try:
            encoded = self._encoding.encode(text, disallowed_special=())
        except ValueError:
            encoded = [token for piece in self._pieces(text) for token in self._encoding._encode_single_piece(piece)]
        kept = self._encoding.decode_bytes(encoded[:tokens])
        # A character of which only some bytes are kept is not held in full.
        return len(kept.decode("utf-8", "ignore"))

    def _count_by_pieces(self, text: str) -> int:
        """For the very long runs of blanks on which tiktoken's own splitting gives up."""
        return sum(len(self._encoding._encode_single_piece(piece)) for piece in self._pieces(text))

    def _pieces(self, text: str) -> list[str]:
        import regex

        # Lone surrogates become what tiktoken's encode makes of them.
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        pieces: list[str] = regex.findall(self._encoding._pat_str, text)
        return pieces


class _Accelerator(NamedTuple):
    """A library that counts like tiktoken, the guarded characters apart, and is many times as fast."""

    name: str
    count_many: Callable[[list[str]], list[int]]


def _load_accelerator(encoding: str) -> _Accelerator | None:
    """toktok-rs with its vocabulary loaded, or None where it is absent, unguarded or does not serve the encoding."""
    if encoding not in guard.ENCODINGS:
        return None
    try:
        import toktok
    except ImportError:
        return None
    import tiktoken

    release = ".".join(tiktoken.__version__.split(".")[:2])
    if (release, toktok.__version__) != (guard.TIKTOKEN_VERSION, guard.TOKTOK_VERSION):
        return None

    def count_many(texts: list[str]) -> list[int]:
        counts: list[int] = toktok.batch_count(texts, encoding, threads=1)
        return counts

    count_many([""])
    return _Accelerator(f"toktok-rs {toktok.__version__}", count_many)
