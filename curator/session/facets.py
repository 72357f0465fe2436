"""What values records have, and how many have each: by columns and labels at once, by texts through workers."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

from pyroaring import BitMap64

from curator.analysis.predicates.completing import spelt
from curator.analysis.predicates.paths import items_at, path_keys, spelt_path, values_at
from curator.analysis.report import Flag
from curator.engine.scan import in_order
from curator.errors import UsageError
from curator.records.conversation import Conversation
from curator.records.dialects import DIALECTS, dialect_named
from curator.records.sniffing import dialect_of
from curator.session.current_records import Portion, lines_of, portions_with_ids
from curator.session.facade import Session
from curator.session.figures_now import FiguresNow
from curator.session.filtering import ALL_BITS
from curator.session.ignoring import excuses
from curator.session.path_values import PORTIONS_A_WORKER
from curator.session.sorting import is_path
from curator.session.working_source import WorkingSource

if TYPE_CHECKING:
    from numpy import uint64
    from numpy.typing import NDArray

FACETS = {
    "dialect": "how the record is written",
    "roles": "the order in which roles speak",
    "tag": "tags",
    "verdict": "what the review says",
    "finding": "what is wrong",
    "tool": "tools that are called",
    "language": "the language of what is said",
    "model": "which model wrote it",
    "length": "tokens",
    "source": "the file",
}
"""What records are counted by; beside these any key by its path, such as `.meta.lang`."""
FROM_TEXTS = frozenset(("roles", "tool", "language", "model"))
"""Facets for which records are read."""
FROM_FIGURES = frozenset(("dialect", "finding", "length"))
"""Facets that the audit tells."""

MOST_VALUES = 1_000
"""Values that are told apart; the rest are counted together."""
MOST_HELD = 100_000
"""Values that are held while they are counted; above that, rare ones are put to the rest."""
EXACT = 1 << 53
"""Up to here whole numbers are the same number whether they are written with a point or without."""
LONGEST_VALUE = 200
"""Characters of a value that are shown; a longer one cannot be filtered by."""
BANDS = (0, 128, 256, 512, 1_024, 2_048, 4_096, 8_192, 16_384, 32_768, 65_536, 131_072, 262_144, 1_048_576)
"""Where bands of length begin, in tokens."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value, how many records have it, and the filter that lists them; empty where there is none."""

    words: str
    count: int
    expression: str


@dataclass(frozen=True, slots=True)
class Facet:
    """The values of some records, the most frequent first."""

    values: tuple[Value, ...]
    records: int
    """How many records were looked at."""
    others: int = 0
    """How many have rarer values than those that are told apart."""


@dataclass(frozen=True, slots=True)
class Traits:
    """Some records of a source, and what is asked of them: a facet of FROM_TEXTS, or a path."""

    portion: Portion
    by: str


Chosen = Mapping[WorkingSource, BitMap64]


def check_facet(by: str) -> None:
    """Raises UsageError for what records cannot be counted by."""
    if by not in FACETS and not is_path(by):
        known = ", ".join(FACETS)
        raise UsageError(f"There is no facet {by!r}; known are {known}, and keys by their path, such as `.meta.lang`.")
    if by == "language":
        from curator.analysis.predicates.traits import NO_LANGUAGES, can_tell_languages

        if not can_tell_languages():
            raise UsageError(NO_LANGUAGES)


def facet(
    session: Session, by: str, records: Chosen, executor: Executor, workers: int
) -> Iterator[tuple[float, Facet]]:
    """The values of some records, with the share that was looked at, from 0 to 1, as they are counted.

    Raises UsageError for what records cannot be counted by.
    """
    check_facet(by)
    if by in FROM_TEXTS or is_path(by):
        yield from _from_texts(session, by, records, executor, workers)
        return
    counts: Counter[str] = Counter()
    for source, some in records.items():
        counts.update(_AT_ONCE[by](session, source, some))
    yield 1.0, _facet(by, counts, sum(map(len, records.values())))


# At once


def _by_dialect(_: Session, source: WorkingSource, records: BitMap64) -> Counter[str]:
    figures, ids = FiguresNow(source), _array(records)
    flags = figures.values(ids, lambda columns: columns.flags).tolist()
    dialects = figures.values(ids, lambda columns: columns.dialect).tolist()
    counted = Counter(zip(flags, dialects, strict=True))
    found: Counter[str] = Counter()
    for (flag, number), count in counted.items():
        odd = "malformed" if flag & Flag.MALFORMED else "blank" if flag & Flag.BLANK else ""
        found[odd or f"dialect:{DIALECTS[number].name}"] += count
    return found


def _by_tag(_: Session, source: WorkingSource, records: BitMap64) -> Counter[str]:
    tags = source.edited.overlay.labels.tags
    found = Counter({f"tag:{spelt(tag)}": count for tag, held in tags.items() if (count := len(held & records))})
    found["not tagged"] = len(records - BitMap64().union(*tags.values()))
    return found


def _by_verdict(_: Session, source: WorkingSource, records: BitMap64) -> Counter[str]:
    labels = source.edited.overlay.labels
    found = Counter({verdict.value.replace(" ", "-"): len(held & records) for verdict, held in labels.verdicts.items()})
    found["not reviewed"] = len(records - labels.reviewed)
    return found


def _by_finding(session: Session, source: WorkingSource, records: BitMap64) -> Counter[str]:
    import numpy

    from curator.analysis.lint.rules import OVER_CONTEXT, RULES

    figures, ids = FiguresNow(source), _array(records)
    bits = figures.values(ids, lambda columns: columns.findings)
    for number, found_in_file in source.file_wide.records.items():
        bits |= numpy.isin(ids, _array(found_in_file)).astype(numpy.uint64) << numpy.uint64(number)
    if session.limit:
        over = figures.values(ids, lambda columns: columns.tokens) > numpy.uint64(session.limit)
        bits |= over.astype(numpy.uint64) << numpy.uint64(OVER_CONTEXT.number)
    for bit, excused in excuses(source.edited.overlay.labels):
        bits[numpy.isin(ids, _array(excused))] &= numpy.uint64(~bit & ALL_BITS)
    found: Counter[str] = Counter()
    for rule in RULES:
        found[f"code:{rule.code}"] += int(numpy.count_nonzero(bits & numpy.uint64(rule.bit)))
    found["not (severity:error or severity:warning)"] = int(numpy.count_nonzero(bits == 0))
    return found


def _by_length(_: Session, source: WorkingSource, records: BitMap64) -> Counter[str]:
    import numpy

    numbers, counts = numpy.unique(bands_of(source, _array(records)), return_counts=True)
    return Counter({_band(number): count for number, count in zip(numbers.tolist(), counts.tolist(), strict=True)})


def bands_of(source: WorkingSource, ids: NDArray[uint64]) -> NDArray[uint64]:
    """The band of length of each record, as a place in BANDS."""
    import numpy

    tokens = FiguresNow(source).values(ids, lambda columns: columns.tokens)
    return numpy.digitize(tokens, numpy.array(BANDS[1:], dtype=numpy.uint64)).astype(numpy.uint64)


def _band(number: int) -> str:
    low = f"tokens >= {BANDS[number]}"
    return f"{low} and tokens < {BANDS[number + 1]}" if number + 1 < len(BANDS) else low


def _by_source(_: Session, source: WorkingSource, records: BitMap64) -> Counter[str]:
    return Counter({f"source:{spelt(source.opened.path.name)}": len(records)})


_AT_ONCE: dict[str, Callable[[Session, WorkingSource, BitMap64], Counter[str]]] = {
    "dialect": _by_dialect,
    "tag": _by_tag,
    "verdict": _by_verdict,
    "finding": _by_finding,
    "length": _by_length,
    "source": _by_source,
}
"""For each facet how many of some records each filter lists."""


def _array(records: BitMap64) -> NDArray[uint64]:
    import numpy

    return numpy.frombuffer(records.to_array(), dtype=numpy.uint64)


# From texts


def _from_texts(
    session: Session, by: str, records: Chosen, executor: Executor, workers: int
) -> Iterator[tuple[float, Facet]]:
    counts: Counter[str] = Counter()
    total, seen, rare = max(1, sum(map(len, records.values()))), 0, 0
    for source, some in records.items():
        lengths: list[int] = []

        asked = questions(session, by, source, some, lengths)
        window = PORTIONS_A_WORKER * workers
        for number, (_, found) in enumerate(in_order(executor, count_traits, asked, window=window)):
            counts.update(found)
            if len(counts) > MOST_HELD:
                kept = Counter(dict(counts.most_common(MOST_HELD // 2)))
                rare += counts.total() - kept.total()
                counts = kept
            seen += lengths[number]
            yield min(seen / total, 1.0), _facet(by, counts, seen, rare)
    yield 1.0, _facet(by, counts, seen, rare)


def questions(
    session: Session,
    by: str,
    source: WorkingSource,
    records: BitMap64 | None,
    lengths: list[int],
    all_ids: array[int] | None = None,
) -> Iterator[Traits]:
    """What workers are asked of some records of a source; None for all.

    `lengths` gets how many each question is about, `all_ids` which, in the order in which they are asked.
    """
    for portion, ids in portions_with_ids(source, session.spec(source.opened), records):
        lengths.append(len(ids))
        if all_ids is not None:
            all_ids.extend(ids)
        yield Traits(portion, by)


def count_traits(traits: Traits) -> Counter[str]:
    """How many records of a portion each filter lists. Runs in a worker."""
    found: Counter[str] = Counter()
    for line in lines_of(traits.portion):
        found.update(traits_of(traits, line))
    return found


def traits_of(traits: Traits, line: bytes) -> set[str]:
    """The filters that list the record in a line of a portion."""
    from curator.analysis.predicates.traits import models_of
    from curator.records.codec import BYTE_ORDER_MARK, decode, line_body

    value = decode(line_body(line).removeprefix(BYTE_ORDER_MARK))
    if not isinstance(value, dict):
        return {"malformed" if line.strip() else "blank"}
    if is_path(traits.by):
        return _under(path_keys(traits.by), value)
    if traits.by == "model":
        return {f"model:{spelt(name)}" for name in models_of(value)} or {NO_MODEL}
    spec = traits.portion.spec
    dialect = dialect_of(value, dialect_named(spec.dialect), only=spec.only_dialect)
    return _traits(traits.by, dialect.read(value))


def _traits(by: str, conversation: Conversation) -> set[str]:
    from curator.analysis.predicates.traits import language_of, role_pattern

    if by == "tool":
        names = {call.name for message in conversation.messages for call in message.tool_calls}
        return {f"tool:{spelt(name)}" for name in names} or {NO_TOOL}
    if by == "language":
        return {f"language:{language_of(conversation)}"}
    return {f"roles:{spelt(role_pattern(conversation))}"}


NO_TOOL, NO_MODEL = "no tool is called", "no model is named"
OPAQUE = "{ }"


def _under(keys: Sequence[str], value: dict[str, Any]) -> set[str]:
    """The filters for all that a record has under a path, lists item by item."""
    path = spelt_path(keys)
    if found := items_at(value, keys):
        return {_compared(path, one) for one in found}
    return {f"[]{OPAQUE}" if values_at(value, keys) else f"not has:{path} and not malformed and not blank"}


def _compared(key: str, value: Any) -> str:
    """The filter for a value under a path; a value that cannot be filtered by as it is shown."""
    from curator.records.codec import encode

    if isinstance(value, bool) or value is None:
        return f"{key} = {'null' if value is None else str(value).lower()}"
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT:
        value = int(value)
    if isinstance(value, int) or (isinstance(value, float) and isfinite(value)):
        return f"{key} = {value}"
    if isinstance(value, str) and len(value) <= LONGEST_VALUE:
        return f"{key} = " + '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return encode(value).decode("utf-8", "replace")[:LONGEST_VALUE] + OPAQUE


def _facet(by: str, counts: Counter[str], records: int, rare: int = 0) -> Facet:
    kept = [(key, count) for key, count in counts.most_common(MOST_VALUES) if count]
    others = counts.total() - sum(count for _, count in kept) + rare
    return Facet(tuple(_value(by, key, count) for key, count in kept), records, others)


def _value(by: str, key: str, count: int) -> Value:
    if key in (NO_TOOL, NO_MODEL) or key.endswith(OPAQUE):
        return Value(key.removesuffix(OPAQUE), count, "")
    return Value(_words(by, key), count, key)


def _words(by: str, key: str) -> str:
    """A filter as the value that it stands for."""
    if by == "length":
        low, _, high = key.removeprefix("tokens >= ").partition(" and tokens < ")
        return f"{int(low):,} to {int(high) - 1:,}" if high else f"{int(low):,} and more"
    if by == "finding":
        from curator.analysis.lint.rules import BY_CODE

        code = key.removeprefix("code:")
        return f"{code}  {BY_CODE[code].title}" if code in BY_CODE else "nothing is wrong"
    if key.startswith("not has:"):
        return "the key is missing"
    if is_path(by):
        return key.removeprefix(f"{spelt_path(path_keys(by))} = ")
    kind, colon, value = key.partition(":")
    return value.strip('"') if colon and " " not in kind else key
