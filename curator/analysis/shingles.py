"""How alike two texts are: the share of their runs of words that they have in common, exactly and by MinHash.

MinHash and its bands are after Broder, "On the resemblance and containment of documents" (1997), and Leskovec,
Rajaraman and Ullman, "Mining of Massive Datasets", chapter 3. numpy does it in a line, so no library is needed for it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import comb
from typing import TYPE_CHECKING

import numpy as np
from xxhash import xxh3_64_intdigest

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.uint64]
    Short = NDArray[np.uint32]
    Sketches = NDArray[np.uint8]
    Rows = NDArray[np.int64]

WORDS_IN_ONE = 3
"""Words of a shingle."""
HASHES = 128
"""Numbers of a MinHash."""
SURE = 0.99
"""How likely two texts that are just as alike as is asked have to be found."""
SEED = 20_251
"""Of the MinHash; any number does, as long as it stays."""
MISSED_BY_SKETCH = 1e-6
PAIRS_AT_ONCE = 1 << 15
"""Pairs whose sketches are looked at together."""
WORDS_AT_ONCE = 1 << 14
"""Shingles whose hashes are taken together, so that a long text takes no more memory than a short one."""

WORDS_KEPT, LONGEST_KEPT = 1 << 16, 40
"""Words whose hashes are kept, 10 MB of them, and letters of the longest."""

_WORD = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
    r"|[^\W\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    r"\U00020000-\U0003ffff]+"
)
"""A word; a letter of scripts that put no spaces between words."""
_PLAIN_WORD = re.compile(r"\w+")
_FACTORS = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
"""Of SplitMix64, which takes apart numbers that are alike."""


class _WordHashes(dict[str, int]):
    """The hashes of words; most of a text are words that occurred before."""

    def __missing__(self, word: str) -> int:
        found = xxh3_64_intdigest(word.encode("utf-8", "surrogatepass"))
        if len(word) <= LONGEST_KEPT:
            if len(self) >= WORDS_KEPT:
                self.clear()
            self[word] = found
        return found


_known = _WordHashes()


def words_in(text: str) -> list[str]:
    """The words of a text without case and punctuation, in order."""
    folded = text.casefold()
    return (_PLAIN_WORD if folded.isascii() else _WORD).findall(folded)


def shingles(text: str) -> Numbers:
    """Hashes of all runs of WORDS_IN_ONE words of a text, ascending, each once; case and punctuation do not count.

    Of a text with fewer words, one of all of them; empty for a text without words.
    """
    return shingles_of(words_in(text))


def shingles_of(words: Sequence[str]) -> Numbers:
    """The same of words in order."""
    return np.unique(runs_of(words))


def runs_of(words: Sequence[str]) -> Numbers:
    """The same in their order, as often as they occur."""
    if not words:
        return np.empty(0, dtype=np.uint64)
    each = np.fromiter(map(_known.__getitem__, words), np.uint64, count=len(words))
    length = min(WORDS_IN_ONE, len(words))
    count = len(words) - length + 1
    mixed = np.full(count, length, dtype=np.uint64)
    for place in range(length):
        mixed = (mixed ^ (mixed >> np.uint64(29))) * _FACTORS[place] + each[place : place + count]
    mixed = (mixed ^ (mixed >> np.uint64(32))) * _FACTORS[1]
    return mixed ^ (mixed >> np.uint64(31))


def jaccard(one: Numbers, other: Numbers) -> float:
    """The share of the shingles of either text that are in both, 0 to 1; 0 where neither has any."""
    common = len(np.intersect1d(one, other, assume_unique=True))
    return common / max(1, len(one) + len(other) - common)


@dataclass(frozen=True, slots=True)
class Bands:
    """How a MinHash is cut up: two texts are compared where all numbers of one band agree."""

    number: int
    rows: int
    """Numbers of a band."""

    def likely(self, alike: float) -> float:
        """How likely two texts that are so much alike are to be compared."""
        return float(1 - (1 - alike**self.rows) ** self.number)


def bands_for(threshold: float) -> Bands:
    """The longest bands, and so the fewest texts compared in vain, that miss hardly any two that are so much alike."""
    cuts = [Bands(HASHES // rows, rows) for rows in range(1, 17)]
    return next((one for one in reversed(cuts) if one.likely(threshold) >= SURE), cuts[0])


def band_keys(lowest: Short, bands: Bands) -> Numbers:
    """A key for each band of a MinHash, never 0."""
    packed, length = lowest.tobytes(), bands.rows * 4
    keys = (xxh3_64_intdigest(packed[at * length : (at + 1) * length], at) or 1 for at in range(bands.number))
    return np.fromiter(keys, np.uint64, count=bands.number)


def sketch(lowest: Short) -> bytes:
    """A byte of each number of a MinHash: of two texts as many are equal as they are alike, or a few more."""
    return lowest.astype(np.uint8).tobytes()


@lru_cache(maxsize=4)
def fewest_equal(threshold: float) -> int:
    """Bytes of two sketches that are equal, but for once in a million, where the texts are alike enough."""
    below, least = 0.0, 0
    while least < HASHES:
        below += comb(HASHES, least) * threshold**least * (1 - threshold) ** (HASHES - least)
        if below > MISSED_BY_SKETCH:
            break
        least += 1
    return least


def equal_bytes(sketches: Sketches, ones: Rows, others: Rows) -> Rows:
    """For each pair of rows, how many bytes of their sketches are equal."""
    found = [
        (sketches[ones[at : at + PAIRS_AT_ONCE]] == sketches[others[at : at + PAIRS_AT_ONCE]]).sum(axis=1)
        for at in range(0, len(ones), PAIRS_AT_ONCE)
    ]
    return np.concatenate(found) if found else ones


def min_hash(found: Numbers) -> Short:
    """The MinHash of a text's shingles, each given once or more."""
    factors, shifts = _permutations()
    halves = (found >> np.uint64(32)).astype(np.uint32)
    lowest = np.full(HASHES, np.iinfo(np.uint32).max, dtype=np.uint32)
    for at in range(0, len(halves), WORDS_AT_ONCE):
        some = halves[at : at + WORDS_AT_ONCE] * factors[:, None] + shifts[:, None]
        lowest = np.minimum(lowest, some.min(axis=1))
    return lowest


@lru_cache(maxsize=1)
def _permutations() -> tuple[Short, Short]:
    """What the hashes are multiplied by, which is odd so that none meet, and what is added."""
    generator = np.random.Generator(np.random.PCG64(SEED))
    limit = np.iinfo(np.uint32).max
    factors = generator.integers(0, limit, HASHES, dtype=np.uint32) | np.uint32(1)
    return factors, generator.integers(0, limit, HASHES, dtype=np.uint32)
