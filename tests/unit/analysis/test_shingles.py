"""How alike texts are: by hand, and against sets of tuples."""

from __future__ import annotations

import random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from curator.analysis.shingles import (
    HASHES,
    band_keys,
    bands_for,
    equal_bytes,
    fewest_equal,
    jaccard,
    min_hash,
    shingles,
    sketch,
)

WORDS = st.lists(st.sampled_from("abcdef"), max_size=12)


def triples(words: list[str]) -> set[tuple[str, ...]]:
    length = min(3, len(words))
    return {tuple(words[at : at + length]) for at in range(len(words) - length + 1)} if words else set()


@given(WORDS, WORDS)
def test_the_share_is_that_of_word_triples(one: list[str], other: list[str]) -> None:
    first, second = triples(one), triples(other)
    share = len(first & second) / max(1, len(first | second))
    assert jaccard(shingles(" ".join(one)), shingles("  ".join(other).upper() + "!")) == share


def test_case_punctuation_and_spaces_do_not_count_but_words_do() -> None:
    text = "The ferry leaves at noon, from quay 2."
    assert jaccard(shingles(text), shingles("the FERRY leaves — at noon from quay: 2")) == 1
    assert jaccard(shingles(text), shingles("The ferry leaves at noon, from quay 3.")) < 1


def test_scripts_without_spaces_are_taken_letter_by_letter() -> None:
    share = jaccard(shingles("渡船今天中午从二号码头出发"), shingles("渡船今天中午从三号码头出发"))
    assert 0.4 < share < 1


def test_texts_without_words_are_like_nothing() -> None:
    assert not len(shingles("... !")) and jaccard(shingles("..."), shingles("!!")) == 0


def test_bands_find_what_is_as_much_alike_as_is_asked() -> None:
    for threshold in (0.3, 0.5, 0.7, 0.8, 0.9, 1.0):
        bands = bands_for(threshold)
        assert bands.likely(threshold) >= 0.99 and bands.number * bands.rows <= HASHES
    chance, missed, bands = random.Random(7), 0, bands_for(0.8)
    for _ in range(200):
        words = [f"w{chance.randrange(10_000)}" for _ in range(200)]
        changed = list(words)
        for place in (20, 60, 100, 140, 180):
            changed[place] = "other"
        one, other = shingles(" ".join(words)), shingles(" ".join(changed))
        assert jaccard(one, other) > 0.8
        lowest, beside = min_hash(one), min_hash(other)
        missed += not (band_keys(lowest, bands) == band_keys(beside, bands)).any()
        sketches = np.frombuffer(sketch(lowest) + sketch(beside), dtype=np.uint8).reshape(2, HASHES)
        assert equal_bytes(sketches, np.array([0]), np.array([1]))[0] >= fewest_equal(0.8)
    assert missed <= 2


def test_a_sketch_passes_over_what_is_hardly_alike_and_nothing_else() -> None:
    assert [fewest_equal(threshold) for threshold in (0.05, 0.5, 0.8, 0.9, 1.0)] == [0, 37, 79, 97, 128]


def test_unlike_texts_share_no_band() -> None:
    bands = bands_for(0.8)
    texts = [" ".join(f"{number}x{at}" for at in range(100)) for number in range(50)]
    keys = [band_keys(min_hash(shingles(text)), bands) for text in texts]
    assert not any((one == other).any() for place, one in enumerate(keys) for other in keys[:place])
