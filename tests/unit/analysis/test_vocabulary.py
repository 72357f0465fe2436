import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
import tiktoken.load
from tiktoken_ext import openai_public

from curator.analysis import vocabulary
from curator.analysis.vocabulary import ENCODINGS, VocabularyError, load_encoding
from curator.errors import CuratorError, UsageError


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the smallest vocabulary's folder, which is loaded from instead."""
    name = "r50k_base.tiktoken.gz"
    (tmp_path / name).write_bytes((vocabulary.VOCABULARIES / name).read_bytes())
    monkeypatch.setattr(vocabulary, "VOCABULARIES", tmp_path)
    load_encoding.cache_clear()
    yield tmp_path / name
    load_encoding.cache_clear()


@pytest.mark.parametrize(
    ("name", "size", "tokens"),
    [
        ("cl100k_base", 100277, [15339, 1917, 0]),
        ("o200k_base", 200019, [24912, 2375, 0]),
        ("o200k_harmony", 201088, [24912, 2375, 0]),
        ("p50k_base", 50281, [31373, 995, 0]),
        ("p50k_edit", 50284, [31373, 995, 0]),
        ("r50k_base", 50257, [31373, 995, 0]),
    ],
)
def test_an_encoding_is_tiktokens_own(name: str, size: int, tokens: list[int]) -> None:
    encoding = load_encoding(name)
    assert (encoding.name, encoding.n_vocab) == (name, size)
    assert encoding.encode("hello world!") == tokens
    assert encoding.decode(tokens) == "hello world!"


def test_an_encoding_is_loaded_once() -> None:
    assert load_encoding("r50k_base") is load_encoding("r50k_base")


@pytest.mark.parametrize("name", ENCODINGS)
def test_every_byte_is_a_token_and_none_stands_twice(name: str) -> None:
    tokens = load_encoding(name).token_byte_values()
    assert {bytes([byte]) for byte in range(256)} <= set(tokens)
    assert len(set(tokens)) == len(tokens)


def test_tiktoken_gets_its_own_loader_back(copied: Path) -> None:
    theirs = openai_public.load_tiktoken_bpe
    load_encoding("r50k_base")
    assert openai_public.load_tiktoken_bpe is theirs
    copied.unlink()
    load_encoding.cache_clear()
    with pytest.raises(VocabularyError):
        load_encoding("r50k_base")
    assert openai_public.load_tiktoken_bpe is theirs


def test_nothing_is_downloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> bytes:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(tiktoken.load, "read_file", refuse)
    monkeypatch.setattr(tiktoken.load, "read_file_cached", refuse)
    load_encoding.cache_clear()
    assert load_encoding("p50k_base").encode("hello") == [31373]


def test_an_unknown_encoding_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"no encoding 'gpt2'.*cl100k_base, o200k_base, o200k_harmony, p50k_base"):
        load_encoding("gpt2")


def test_a_missing_vocabulary_is_said(copied: Path) -> None:
    copied.unlink()
    with pytest.raises(CuratorError, match=r"r50k_base\.tiktoken\.gz is missing\. Reinstall curator"):
        load_encoding("r50k_base")


@pytest.mark.parametrize("damage", ["cut short", "a bit turned", "empty", "not gzip"])
def test_a_damaged_vocabulary_is_said(copied: Path, damage: str) -> None:
    whole = copied.read_bytes()
    turned = bytearray(whole)
    turned[len(whole) // 2] ^= 1
    damaged = {"cut short": whole[: len(whole) // 2], "a bit turned": bytes(turned), "empty": b"", "not gzip": b"gone"}
    copied.write_bytes(damaged[damage])
    with pytest.raises(VocabularyError, match=r"r50k_base\.tiktoken\.gz .*Reinstall curator"):
        load_encoding("r50k_base")


def test_a_vocabulary_with_another_content_is_refused(copied: Path) -> None:
    lines = gzip.decompress(copied.read_bytes()).splitlines(keepends=True)
    copied.write_bytes(gzip.compress(b"".join([*lines[:-2], lines[-2].replace(b"50254", b"50255"), lines[-1]])))
    with pytest.raises(VocabularyError, match=r"not the one that the installed tiktoken expects.*SHA-256"):
        load_encoding("r50k_base")


def test_a_folder_in_place_of_a_vocabulary_is_said(copied: Path) -> None:
    copied.unlink()
    copied.mkdir()
    with pytest.raises(VocabularyError, match="cannot be read"):
        load_encoding("r50k_base")


def test_only_the_vocabularies_and_their_licence_are_shipped() -> None:
    assert sorted(path.name for path in vocabulary.VOCABULARIES.iterdir()) == [
        "LICENSE",
        "cl100k_base.tiktoken.gz",
        "o200k_base.tiktoken.gz",
        "p50k_base.tiktoken.gz",
        "r50k_base.tiktoken.gz",
    ]
    assert "Copyright (c) 2022 OpenAI" in (vocabulary.VOCABULARIES / "LICENSE").read_text(encoding="utf-8")
