import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache

import pytest
import tiktoken
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.analysis import guard, tokens
from curator.analysis.tokens import CHECK_LENGTH, CHECK_STRIDE, MEMO_SHORTEST, TokenCounter
from curator.analysis.vocabulary import ENCODINGS, VocabularyError, load_encoding
from curator.errors import UsageError

CL, O2, HARMONY, P5 = "cl100k_base", "o200k_base", "o200k_harmony", "p50k_base"
GUARDED = [chr(code_point) for code_point in range(0x110000) if re.match(guard.GUARDED, chr(code_point))]
GUARDED_LETTER = "\ua7ce"


@cache
def plain_counter(encoding: str) -> TokenCounter:
    return TokenCounter(encoding, accelerate=False)


@cache
def fast_counter(encoding: str) -> TokenCounter:
    pytest.importorskip("toktok", reason="the accelerator, toktok-rs, is not installed")
    return TokenCounter(encoding)


@cache
def second_opinion(encoding: str) -> Callable[[str], int]:
    bpe_openai = pytest.importorskip("bpe_openai", reason="the second opinion, bpe-openai, is not installed")
    encode: Callable[[str], list[int]] = bpe_openai.get_encoding(encoding).encode_ordinary
    return lambda text: len(encode(text))


def by_tiktoken(encoding: str, text: str) -> int:
    return len(load_encoding(encoding).encode(text, disallowed_special=()))


def with_accelerator(monkeypatch: pytest.MonkeyPatch, count_many: Callable[[list[str]], list[int]]) -> TokenCounter:
    """A counter whose accelerator is this function."""
    monkeypatch.setattr(tokens, "_load_accelerator", lambda _: tokens._Accelerator("swift 1.0", count_many))
    return TokenCounter(O2)


def noting(seen: list[str], count: Callable[[str], int]) -> Callable[[str], int]:
    """The same count, which also notes what was counted."""

    def counted(text: str) -> int:
        seen.append(text)
        return count(text)

    return counted


wide_text = st.lists(
    st.one_of(
        st.characters(max_codepoint=0x7F),
        st.characters(),
        st.characters(categories=["Cs"]),
        st.sampled_from(GUARDED),
        st.sampled_from(" \t\r\n\u00a0\u3000\u200b'sStTdDmMlLrReEvVaA1.,/!\u0301\u4e2d\ud55c\U0001f600\u200d\ufe0f"),
        st.sampled_from([" I'", "<|endoftext|>", "<|im_start|>", "  \n", "\r\n", "don't", "WE'LL", " hello"]),
    ),
    max_size=40,
).map("".join)


@pytest.mark.parametrize(
    ("encoding", "text", "count"),
    [
        (CL, "hello world", 2),
        (O2, "hello world", 2),
        (P5, "hello world", 2),
        (CL, "", 0),
        (O2, "", 0),
        (CL, "tiktoken is great!", 6),
        (O2, "tiktoken is great!", 6),
        (CL, "antidisestablishmentarianism", 6),
        (O2, "antidisestablishmentarianism", 6),
        (P5, "antidisestablishmentarianism", 5),
        (CL, "2 + 2 = 4", 7),
        (O2, "2 + 2 = 4", 7),
        (CL, "\u304a\u8a95\u751f\u65e5\u304a\u3081\u3067\u3068\u3046", 9),
        (O2, "\u304a\u8a95\u751f\u65e5\u304a\u3081\u3067\u3068\u3046", 8),
        (P5, "\u304a\u8a95\u751f\u65e5\u304a\u3081\u3067\u3068\u3046", 14),
    ],
)
def test_counts_that_openai_publishes(encoding: str, text: str, count: int) -> None:
    assert TokenCounter(encoding).count(text) == count
    assert plain_counter(encoding).count(text) == count


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_special_tokens_in_a_text_count_as_the_text_that_they_are(encoding: str) -> None:
    counter = TokenCounter(encoding)
    for text in ("<|endoftext|>", "<|fim_prefix|>a<|fim_suffix|>", "<|start|>assistant<|message|>"):
        assert counter.count(text) == by_tiktoken(encoding, text) > 3


@pytest.mark.parametrize("encoding", [CL, O2, HARMONY, P5])
@settings(max_examples=300, deadline=None)
@given(texts=st.lists(wide_text, max_size=6))
def test_counts_are_tiktokens(encoding: str, texts: list[str]) -> None:
    expected = [by_tiktoken(encoding, text) for text in texts]
    assert TokenCounter(encoding, accelerate=False).count_many(texts) == expected
    counter = TokenCounter(encoding)
    assert counter.count_many(texts) == expected
    assert [counter.count(text) for text in texts] == expected
    assert counter.disagreement is None


@pytest.mark.parametrize("encoding", [CL, O2])
def test_every_guarded_character_counts_as_tiktokens(encoding: str) -> None:
    counter = fast_counter(encoding)
    texts = [context.format(character) for character in GUARDED for context in ("{}", " I'{}", "{}'s", "{}123")]
    assert counter.count_many(texts) == [by_tiktoken(encoding, text) for text in texts]
    assert counter.accelerated


def test_every_guarded_character_is_found_wherever_it_stands() -> None:
    counter = fast_counter(O2)
    texts = [f"\u4e2d{character}\U0001f600" for character in GUARDED]
    assert counter._guarded_positions(["a", *texts, "\u00e9"]) == list(range(1, len(texts) + 1))
    assert all(counter._guarded_positions([text]) == [0] for text in texts)


def test_text_in_many_scripts_is_not_guarded() -> None:
    text = "na\u00efve \u0440\u0443\u0441 \u4e2d\u6587 \ud55c\uad6d \u0c24\u0c46\u0c32\u0c41 \u1ec7 \U0001f600 \u2019"
    assert fast_counter(O2)._guarded_positions([text]) == []


@pytest.mark.parametrize(
    ("encoding", "before", "after"), [(O2, "", ""), (O2, "\ud800", "y"), (CL, "x", "y"), (P5, "x", "y")]
)
def test_a_million_spaces_are_counted(encoding: str, before: str, after: str) -> None:
    text = before + " " * 1_000_000 + after
    in_a_piece = 16 if encoding == P5 else 128
    near = before + " " * (in_a_piece * 10 + 1_000_000 % in_a_piece) + after
    expected = by_tiktoken(encoding, near) + 1_000_000 // in_a_piece - 10
    assert plain_counter(encoding).count(text) == expected
    assert TokenCounter(encoding).count(text) == expected


def test_the_fallback_counts_as_tiktoken_does() -> None:
    texts = ["", "a  b\n\n  c\t", "I'll 12345 \u4e2d\u6587", "\ud800x", "\ud83d\ude00", "<|endoftext|>"]
    for encoding in ENCODINGS:
        reference = tokens._Reference(encoding)
        assert [reference._count_by_pieces(text) for text in texts] == [by_tiktoken(encoding, text) for text in texts]


def test_a_long_text_is_counted_as_a_whole() -> None:
    text = "The quick brown fox. " * 50_000 + "\u4e2d" * 3
    assert fast_counter(O2).count_many([text, text, "a"]) == [by_tiktoken(O2, text)] * 2 + [1]


@settings(max_examples=200, deadline=None)
@given(texts=st.lists(st.text(st.characters(max_codepoint=0x7F), max_size=60), max_size=20))
def test_plain_texts_count_the_same(texts: list[str]) -> None:
    assert fast_counter(O2).count_many(texts, plain=True) == [by_tiktoken(O2, text) for text in texts]
    assert plain_counter(O2).count_many(texts, plain=True) == [by_tiktoken(O2, text) for text in texts]


def test_the_callers_list_is_left_alone() -> None:
    texts = ["a", GUARDED_LETTER, "b"]
    fast_counter(O2).count_many(texts)
    assert texts == ["a", GUARDED_LETTER, "b"]


@settings(max_examples=300, deadline=None)
@given(text=wide_text.filter(lambda text: not any("\ud800" <= character <= "\udfff" for character in text)))
@pytest.mark.parametrize("encoding", [CL, O2])
def test_a_second_opinion(encoding: str, text: str) -> None:
    assert plain_counter(encoding).count(text) == second_opinion(encoding)(text)


def test_kept_counts_are_those_of_the_first_time(monkeypatch: pytest.MonkeyPatch) -> None:
    long = "word " * MEMO_SHORTEST
    reference = tokens._Reference(O2)
    assert reference.count(long) == by_tiktoken(O2, long)
    monkeypatch.setattr(reference, "_count", lambda _: pytest.fail("counted again"))
    assert reference.count("".join(list(long))) == by_tiktoken(O2, long)


def test_kept_counts_stay_within_their_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "MEMO_BYTES", 10_000)
    reference = tokens._Reference(O2)
    texts = [f"{number} " + "word " * 40 for number in range(200)]
    assert [reference.count(text) for text in texts] == [by_tiktoken(O2, text) for text in texts]
    assert sum(sys.getsizeof(text) for text in reference._memo) <= reference._memo_bytes <= 10_000
    reference.count("x" * 9_000)
    assert "x" * 9_000 not in reference._memo


def test_it_says_which_library_counts() -> None:
    assert (plain_counter(O2).name, plain_counter(O2).accelerated) == (f"tiktoken {tiktoken.__version__}", False)
    assert (fast_counter(O2).name, fast_counter(O2).accelerated) == (f"toktok-rs {guard.TOKTOK_VERSION}", True)


def test_encodings_that_the_accelerator_lacks_are_tiktokens() -> None:
    assert not TokenCounter(P5).accelerated
    assert not TokenCounter("p50k_edit").accelerated
    assert not TokenCounter("r50k_base").accelerated


def test_without_the_accelerator_tiktoken_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "toktok", None)
    counter = TokenCounter(O2)
    assert (counter.accelerated, counter.name) == (False, f"tiktoken {tiktoken.__version__}")
    assert counter.count_many(["hello world", GUARDED_LETTER]) == [2, by_tiktoken(O2, GUARDED_LETTER)]
    assert counter.disagreement is None


@pytest.mark.parametrize(("library", "version"), [("toktok", "0.3.1"), ("tiktoken", "0.15.0")])
def test_versions_that_the_guard_was_not_made_for_are_not_accelerated(
    monkeypatch: pytest.MonkeyPatch, library: str, version: str
) -> None:
    monkeypatch.setattr(pytest.importorskip(library), "__version__", version)
    assert not TokenCounter(O2).accelerated


def test_a_patch_release_of_tiktoken_shares_the_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("toktok", reason="the accelerator, toktok-rs, is not installed")
    monkeypatch.setattr(tiktoken, "__version__", f"{guard.TIKTOKEN_VERSION}.99")
    assert TokenCounter(O2).accelerated


def test_a_difference_ends_the_acceleration_and_recounts(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []

    def one_too_many(texts: list[str]) -> list[int]:
        calls.append(len(texts))
        return [by_tiktoken(O2, text) + 1 for text in texts]

    counter = with_accelerator(monkeypatch, one_too_many)
    assert (counter.accelerated, counter.name) == (True, "swift 1.0")
    texts = ["hello world", GUARDED_LETTER, "", "hello"]
    assert counter.count_many(texts) == [by_tiktoken(O2, text) for text in texts]
    assert counter.disagreement == (
        f"swift 1.0 counted 3 tokens and tiktoken {tiktoken.__version__} 2 in the same 11 characters (o200k_base); "
        "from here on tiktoken counts alone."
    )
    assert (counter.accelerated, counter.name) == (False, f"tiktoken {tiktoken.__version__}")
    assert counter.count("hello world") == 2
    assert counter.disagreement is not None
    assert calls == [4]


def test_one_text_in_a_hundred_is_checked_whatever_the_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    for batch in (1, 7, CHECK_STRIDE - 1, CHECK_STRIDE, CHECK_STRIDE + 1, 1000):
        checked: list[str] = []
        counter = with_accelerator(monkeypatch, lambda texts: [0] * len(texts))
        monkeypatch.setattr(counter._reference, "count", noting(checked, lambda _: 0))
        texts = [str(number) for number in range(1000)]
        for start in range(0, 1000, batch):
            counter.count_many(texts[start : start + batch])
        assert checked == texts[::CHECK_STRIDE]


def test_a_late_difference_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    counter = with_accelerator(monkeypatch, lambda texts: [by_tiktoken(O2, t) + (t == "odd") for t in texts])
    assert counter.count_many(["even"] * CHECK_STRIDE) == [by_tiktoken(O2, "even")] * CHECK_STRIDE
    assert counter.accelerated
    assert counter.count_many(["odd", "even"]) == [by_tiktoken(O2, "odd"), by_tiktoken(O2, "even")]
    assert not counter.accelerated


def test_of_a_long_text_a_window_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []
    counter = with_accelerator(monkeypatch, lambda texts: [len(text) for text in texts])
    monkeypatch.setattr(counter._reference, "count", noting(checked, len))
    assert counter.count_many(["x" * 5_000_000] * (CHECK_STRIDE + 1)) == [5_000_000] * (CHECK_STRIDE + 1)
    assert [len(text) for text in checked] == [CHECK_LENGTH] * 2


def test_a_wrong_window_is_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "hello " * CHECK_LENGTH
    counter = with_accelerator(monkeypatch, lambda texts: [by_tiktoken(O2, text) - 1 for text in texts])
    assert counter.count(text) == by_tiktoken(O2, text)
    assert f"in the same {CHECK_LENGTH:,} characters" in (counter.disagreement or "")


def test_an_unknown_encoding_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="There is no encoding 'cl200k_base'"):
        TokenCounter("cl200k_base")


def test_a_vocabulary_that_cannot_be_read_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setattr("curator.analysis.vocabulary.VOCABULARIES", tmp_path)
    load_encoding.cache_clear()
    with pytest.raises(VocabularyError, match="is missing"):
        TokenCounter(P5)
    load_encoding.cache_clear()


def test_importing_it_loads_no_library() -> None:
    script = "import sys, curator.analysis.tokens; print(*{'tiktoken', 'toktok', 'regex'} & set(sys.modules))"
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == ""


NO_JOINTS = st.sampled_from(
    ["", " ", "  ", "\n", "\n ", " \n\t ", "\r\n", "1", "12", "111", " 111", ".", "'", "'s", "/", "a", "\u0301"]
)


@pytest.mark.parametrize("encoding", sorted(tokens.SEPARATORS))
@given(st.lists(st.tuples(NO_JOINTS, wide_text, NO_JOINTS).map("".join), max_size=5))
@settings(max_examples=400)
def test_packed_texts_count_as_they_do_alone(encoding: str, texts: list[str]) -> None:
    packed, surplus = fast_counter(encoding).packed(texts)
    assert len(packed) == min(len(texts), 1)
    alone = sum(by_tiktoken(encoding, text) for text in texts)
    assert sum(by_tiktoken(encoding, text) for text in packed) - surplus == alone
    assert sum(fast_counter(encoding).count_many(packed)) - surplus == alone


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_texts_are_packed_only_where_that_is_exact_and_faster(encoding: str) -> None:
    texts = ["one", "two"]
    assert plain_counter(encoding).packed(texts) == (texts, 0)
    if encoding not in tokens.SEPARATORS:
        assert TokenCounter(encoding).packed(texts) == (texts, 0)
