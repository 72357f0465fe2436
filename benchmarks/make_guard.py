"""Makes curator/analysis/guard.py: the characters that toktok-rs may count differently than tiktoken.

Run it when either library's version changes:

    python benchmarks/make_guard.py            # several minutes
    python benchmarks/make_guard.py --check    # compare only, exit 1 where guard.py would change

Every code point is put into the contexts below, and each of these strings is counted by both libraries in every
encoding that the accelerator serves. The contexts tell letters, marks, digits, punctuation and blanks apart, since
most of the differences come from Unicode tables of different age. A code point is guarded where any string differs, or
where toktok refuses it (lone surrogates). Then random strings of unguarded characters and of the vocabulary's own
tokens have to agree, or nothing is written.
"""

import argparse
import random
import re
import subprocess
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import groupby
from pathlib import Path

import tiktoken
import toktok

from curator.analysis.vocabulary import load_encoding

GUARD = Path(__file__).parents[1] / "curator" / "analysis" / "guard.py"
ENCODINGS = ("cl100k_base", "o200k_base", "o200k_harmony")
CONTEXTS = (
    *("{0}", "{0}{0}", "a{0}", "A{0}", "{0}a", "{0}A", "a{0}a", "THE{0}the", "the{0}The"),
    *(" {0}", "  {0}", "{0} ", "{0}  ", " {0} ", "\n{0}", "{0}\n", " \n{0}", "{0}\r\n", "a\n {0}\n\n"),
    *("1{0}", "{0}1", "12{0}", "{0}123", "1{0}23", "{0}{0}123"),
    *("'{0}", "a'{0}", "{0}'s", "{0}'S", "a{0}'ll", "{0}'the", "'s{0}", "i'm{0}", "{0}'{0}"),
    # o200k has a token " I'", which is cut in two or not depending on what the apostrophe is followed by.
    *(" I'{0}", " I'{0}e", " I'l{0}", " I'{0}the", " I'{0}{0}"),
    *("!{0}", "{0}!", "{0}/", "/{0}/", "({0}", "{0})\n", "...{0}", "{0}...", "='{0}'", " _{0}"),
    *("\u4e2d{0}", "{0}\u4e2d", "\u0301{0}", "{0}\u0301", "\u3000{0}", "{0}\u00a0", "{0}\u0661", "\U0001f600{0}"),
)
Count = Callable[[list[str]], list[int]]


def counters(encoding: str) -> tuple[Count, Count]:
    """What counts a list of texts in that encoding: tiktoken, and toktok."""
    reference = load_encoding(encoding)
    return (
        lambda texts: [len(reference.encode(text, disallowed_special=())) for text in texts],
        lambda texts: toktok.batch_count(texts, encoding, threads=1),
    )


def differing(encoding: str, code_points: Iterable[int]) -> Iterator[int]:
    """The code points that differ in at least one context."""
    by_tiktoken, by_toktok = counters(encoding)
    characters = list(map(chr, code_points))
    found: set[str] = set()
    for context in CONTEXTS:
        texts = [context.format(character) for character in characters]
        pairs = zip(characters, by_tiktoken(texts), by_toktok(texts), strict=True)
        found.update(character for character, expected, counted in pairs if expected != counted)
    return map(ord, found)


def refused() -> Iterator[int]:
    """The code points that toktok raises an error for."""
    for code_point in range(0x110000):
        try:
            chr(code_point).encode()
        except UnicodeEncodeError:
            yield code_point


def ranges_of(code_points: Iterable[int]) -> list[tuple[int, int]]:
    """Runs of neighbouring code points, as first and last."""
    runs = groupby(enumerate(sorted(code_points)), key=lambda numbered: numbered[1] - numbered[0])
    return [(run[0][1], run[-1][1]) for run in (list(members) for _, members in runs)]


def character_class(ranges: Iterable[tuple[int, int]]) -> str:
    """A regular expression's character class of these ranges, in ASCII."""

    def spelt(code_point: int) -> str:
        return f"\\u{code_point:04x}" if code_point <= 0xFFFF else f"\\U{code_point:08x}"

    members = (spelt(first) if first == last else f"{spelt(first)}-{spelt(last)}" for first, last in ranges)
    return f"[{''.join(members)}]"


def byte_class(values: Collection[int]) -> str:
    """A bytes pattern's character class of these values, or the one value itself."""
    ranges = [f"\\x{a:02x}" if a == b else f"\\x{a:02x}-\\x{b:02x}" for a, b in ranges_of(values)]
    return ranges[0] if len(values) == 1 else f"[{''.join(ranges)}]"


def byte_patterns(code_points: Iterable[int]) -> dict[str, str]:
    """First byte in UTF-8 -> pattern of what may be guarded: exact to three bytes, by the first two of four."""
    spelt = sorted(chr(code_point).encode() for code_point in code_points if not 0xD800 <= code_point <= 0xDFFF)
    patterns: dict[str, str] = {}
    for lead, members in groupby(spelt, key=lambda utf8: utf8[0]):
        group = list(members)
        if len(group[0]) == 3:
            seconds = groupby(group, key=lambda utf8: utf8[1])
            tails = [f"\\x{second:02x}{byte_class({utf8[2] for utf8 in rest})}" for second, rest in seconds]
            tail = tails[0] if len(tails) == 1 else f"(?:{'|'.join(tails)})"
        else:
            tail = byte_class({utf8[1] for utf8 in group})
        patterns[f"\\x{lead:02x}"] = f"\\x{lead:02x}{tail}"
    return patterns


def disagreements(encoding: str, guarded: set[int], strings: int, seed: int) -> list[str]:
    """The random strings without guarded characters that the two count differently."""
    draw = random.Random(seed)
    everything = [chr(code_point) for code_point in range(0x110000) if code_point not in guarded]
    splitting = list(" \t\r\n'sSlLmMdDrReEvVtT/aA1.\u3000\u00a0")
    guarded_class = re.compile(character_class(ranges_of(guarded)))
    tokens = [token.decode(errors="ignore") for token in load_encoding(encoding).token_byte_values()]
    safe_tokens = [token for token in tokens if not guarded_class.search(token)]
    alphabets = [everything, everything[:0x10000], everything[:0x3000], everything[:0x600], safe_tokens, safe_tokens]
    by_tiktoken, by_toktok = counters(encoding)
    wrong: list[str] = []
    for start in range(0, strings, 1000):
        texts = []
        for _ in range(min(1000, strings - start)):
            pieces = (
                draw.choices(draw.choice(alphabets), k=6)
                + draw.choices(safe_tokens, k=3)
                + draw.choices(splitting, k=4)
            )
            texts.append("".join(draw.choices(pieces, k=draw.randint(1, 24))))
        pairs = zip(texts, by_tiktoken(texts), by_toktok(texts), strict=True)
        wrong += [text for text, expected, counted in pairs if expected != counted]
    return wrong


def module(guarded: set[int]) -> str:
    """The text of guard.py."""
    members = re.findall(r"(?:\\u....|\\U.{8})(?:-(?:\\u....|\\U.{8}))?", character_class(ranges_of(guarded)))
    lines = [f'    "{members[0]}']
    for member in members[1:]:
        if len(lines[-1]) + len(member) > 110:
            lines[-1] += '"'
            lines.append('    "')
        lines[-1] += member
    lines[-1] += '"'
    lines[0] = lines[0].replace('"', '"[', 1)
    lines[-1] = f'{lines[-1][:-1]}]"'
    table = "\n".join(f'    b"{lead}": b"{pattern}",' for lead, pattern in byte_patterns(guarded).items())
    tiktoken_minor = ".".join(tiktoken.__version__.split(".")[:2])
    return f'''"""Where the accelerator must not count. Generated by benchmarks/make_guard.py; do not edit.

It belongs to one pair of versions: every code point was counted by both libraries in {len(CONTEXTS)} contexts and these
encodings, and the {len(guarded):,} that differed, lone surrogates among them, are guarded.
"""

TIKTOKEN_VERSION = "{tiktoken_minor}"
"""The release of tiktoken that it was made against; patch releases share it."""

TOKTOK_VERSION = "{toktok.__version__}"
"""The version of toktok-rs that it was made against."""

ENCODINGS = frozenset({{{", ".join(f'"{name}"' for name in ENCODINGS)}}})
"""The encodings that were compared."""

GUARDED = (
{chr(10).join(lines)}
)
"""The guarded characters, as a regular expression's character class."""

GUARDED_BYTES = {{
{table}
}}
"""The same in UTF-8, without surrogates: first byte -> pattern that finds every guarded character and few others."""
'''


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 where guard.py would change")
    parser.add_argument("--strings", type=int, default=500_000, help="random strings an encoding to verify with")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    guarded = set(refused())
    code_points = [code_point for code_point in range(0x110000) if code_point not in guarded]
    for encoding in ENCODINGS:
        found = set(differing(encoding, code_points))
        print(f"{encoding}: {len(found):,} code points differ", file=sys.stderr)
        guarded |= found
    for encoding in ENCODINGS:
        if wrong := disagreements(encoding, guarded, options.strings, options.seed):
            print(f"{encoding}: {len(wrong)} random strings still differ, as {wrong[0]!r}", file=sys.stderr)
            return 1
        print(f"{encoding}: {options.strings:,} random strings agree", file=sys.stderr)
    formatted = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--line-length", "120", "-"],
        input=module(guarded), capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    if GUARD.exists() and GUARD.read_text(encoding="utf-8") == formatted:
        return 0
    if options.check:
        print(f"{GUARD} would change", file=sys.stderr)
        return 1
    GUARD.write_text(formatted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
