"""The vocabularies of tiktoken's encodings, shipped with the package, so that counting needs no network."""

import binascii
import functools
import gzip
import hashlib
import threading
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from curator.errors import UnreadableError, UsageError

if TYPE_CHECKING:
    import tiktoken

ENCODINGS = ("cl100k_base", "o200k_base", "o200k_harmony", "p50k_base", "p50k_edit", "r50k_base")
"""The names that `load_encoding` knows, as tiktoken spells them."""

VOCABULARIES = Path(__file__).with_name("vocabularies")
"""The folder of the merge ranks: OpenAI's files of the same names, compressed with gzip."""

_REINSTALL = "Reinstall curator to restore it."
_constructors = threading.Lock()


class VocabularyError(UnreadableError):
    """A shipped vocabulary is missing, damaged, or not the one that the installed tiktoken expects."""


@functools.cache
def load_encoding(name: str) -> "tiktoken.Encoding":
    """The encoding of that name, made by tiktoken's own constructor from the shipped merge ranks; kept once loaded.

    Loading o200k_base takes about 0.2 seconds and 90 MiB. The rules of an encoding (pattern, special tokens, hash of
    its file) are those of `tiktoken_ext.openai_public`.

    Raises UsageError for a name that is not in `ENCODINGS`, VocabularyError where its file cannot be used.
    """
    if name not in ENCODINGS:
        raise UsageError(f"There is no encoding {name!r}; the known ones are {', '.join(ENCODINGS)}.")
    import tiktoken
    from tiktoken_ext import openai_public

    with _constructors:
        from_the_network = openai_public.load_tiktoken_bpe
        openai_public.load_tiktoken_bpe = _load_shipped_ranks
        try:
            return tiktoken.Encoding(**openai_public.ENCODING_CONSTRUCTORS[name]())
        finally:
            openai_public.load_tiktoken_bpe = from_the_network


def _load_shipped_ranks(url: str, expected_hash: str) -> dict[bytes, int]:
    """Token bytes -> rank, from the shipped copy of the file at `url`; stands in for tiktoken's `load_tiktoken_bpe`."""
    shipped = VOCABULARIES / f"{url.rpartition('/')[2]}.gz"
    try:
        text = gzip.decompress(shipped.read_bytes())
    except FileNotFoundError:
        raise VocabularyError(f"The vocabulary {shipped} is missing. {_REINSTALL}") from None
    except (OSError, EOFError, zlib.error) as fault:
        raise VocabularyError(f"The vocabulary {shipped} cannot be read ({fault}). {_REINSTALL}") from fault
    if hashlib.sha256(text).hexdigest() != expected_hash:
        raise VocabularyError(
            f"The vocabulary {shipped} is not the one that the installed tiktoken expects (its SHA-256 differs). "
            "Reinstall curator, with the tiktoken that it asks for."
        )
    words = text.split()
    tokens, ranks = words[::2], words[1::2]
    # Ranks rise, so where the last one leaves no room for gaps they need not be parsed.
    numbers = range(len(ranks)) if int(ranks[-1]) == len(ranks) - 1 else map(int, ranks)
    return dict(zip(map(binascii.a2b_base64, tokens), numbers, strict=True))
