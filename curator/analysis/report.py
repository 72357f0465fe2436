"""What the audit of a line depends on, and the packed columns that it answers with."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from typing import Final, NamedTuple, TypeAlias

from curator.analysis.counting import Counting
from curator.analysis.findings import Finding
from curator.analysis.lint.rule_set import DEFAULT_RULES, RuleSet
from curator.analysis.masking import OPENAI_MASKING, Masking
from curator.analysis.tokenizing import Tokenizing
from curator.storage.spilled import SpilledColumn


class Flag:
    """What a line is, beside its findings: bits of the `flags` column. Plain integers, for the audit's sake."""

    BLANK: Final = 1
    MALFORMED: Final = 2
    INVALID: Final = 4
    """A schema rejects it; malformed lines are not counted as invalid."""
    ESTIMATED: Final = 8
    """Something in it has no published token rule."""
    HAS_IMAGES: Final = 16


@dataclass(frozen=True, slots=True)
class AuditSpec:
    """All that the audit of a line depends on; small, and picklable."""

    counting: Counting
    dialect: str
    """The dialect that the file was taken for, used for records that no dialect claims."""
    only_dialect: bool = False
    """Whether every record is read in `dialect`, because the user said so."""
    schema: str = ""
    """JSON text of the user's own schema, in place of the shipped ones."""
    schemas: tuple[tuple[str, str], ...] = ()
    """By name of a dialect, JSON text of the user's own schema in place of the shipped one."""
    rules: RuleSet = DEFAULT_RULES
    """Which rules are asked of the file, and how bad their findings are."""
    takes: tuple[str, ...] = ()
    """Dialects that the target takes; empty for all."""
    reads: tuple[tuple[str, str], ...] = ()
    """Dialects that records look like, each with the one that the target reads them in."""
    lenient: tuple[str, ...] = ()
    """Dialects whose records are judged by the wider schema of messages, not by their own."""
    mask: Masking = OPENAI_MASKING
    """Which messages are trained."""
    tokenizer: Tokenizing | None = None
    """What counts in place of the encoding of `counting`."""
    accelerate: bool = True
    limit: int = 0
    """Tokens of the longest example, for the sentence of that finding; 0 for none."""
    explain: bool = False
    """Whether to return findings as sentences, beside the columns."""


def _numbers() -> array[int]:
    return array("I")


def _bits() -> array[int]:
    return array("Q")


def _bytes() -> array[int]:
    return array("B")


Packed: TypeAlias = "array[int] | SpilledColumn"
"""Numbers in memory, or in a file of their own."""


HASHES = ("content_hash", "words_hash", "prompt_hash", "answer_hash", "system_hash")
"""Columns by which the records of a whole file are compared: 64 bits each, 0 for what a record has not."""


@dataclass(slots=True)
class Columns:
    """Packed columns, one element a line, in file order: 30 bytes a line, and 40 of hashes."""

    messages: array[int] = field(default_factory=_numbers)
    turns: array[int] = field(default_factory=_numbers)
    """User messages: a turn is a user message and all up to the next one."""
    tokens: array[int] = field(default_factory=_numbers)
    trained: array[int] = field(default_factory=_numbers)
    """Tokens that a trainer learns from."""
    findings: array[int] = field(default_factory=_bits)
    """A bit for each rule broken, by its number; that of over-long records follows from `tokens` and is left out."""
    content_hash: Packed = field(default_factory=_bits)
    """Of roles, texts and declared tools: equal for records that say the same, whatever their other keys."""
    flags: array[int] = field(default_factory=_bytes)
    dialect: array[int] = field(default_factory=_bytes)
    """Place in `curator.records.dialects.DIALECTS`."""
    words_hash: Packed = field(default_factory=_bits)
    """Of the same without case, punctuation, digits and spaces; 0 where hardly a word is left."""
    prompt_hash: Packed = field(default_factory=_bits)
    """Of all that the last assistant message answers, with the declared tools."""
    answer_hash: Packed = field(default_factory=_bits)
    """Of the last assistant message."""
    system_hash: Packed = field(default_factory=_bits)
    """Of the system prompt."""

    @classmethod
    def blank(cls, lines: int) -> Columns:
        """Columns of that many lines, all zero."""
        return cls(*(array(column.typecode, bytes(column.itemsize * lines)) for column in cls().all()))

    @classmethod
    def large(cls) -> Columns:
        """Empty columns for very many lines: the hashes go to files, and take no memory."""
        large = cls()
        for name in HASHES:
            setattr(large, name, SpilledColumn())
        return large

    def all(self) -> Iterator[Packed]:
        """The columns, in the order in which they are declared."""
        return (getattr(self, one.name) for one in fields(self))

    def extend(self, later: Columns) -> None:
        """Put the columns of the lines that follow behind these."""
        for column, more in zip(self.all(), later.all(), strict=True):
            column.extend(more if isinstance(more, array) else more[:])

    def take(self, lines: Iterable[int]) -> Columns:
        """The columns of some lines, in that order."""
        chosen = list(lines)
        return Columns(*(array(one.typecode, map(one.__getitem__, chosen)) for one in self.all()))

    def stretch(self, start: int, end: int) -> Columns:
        """The columns of the lines [start, end)."""
        return Columns(*(one[start:end] for one in self.all()))

    def figures(self) -> Columns:
        """A copy without the hashes."""
        return Columns(*(array("Q") if one.name in HASHES else getattr(self, one.name)[:] for one in fields(self)))

    def put(self, line: int, one: Columns) -> None:
        """Replace a line by the first line of other columns."""
        for column, other in zip(self.all(), one.all(), strict=True):
            column[line] = other[0]

    def pop(self) -> Columns:
        """Take the last line off. Returns its columns."""
        return Columns(*(array(one.typecode, [one.pop()]) for one in self.all()))

    def __len__(self) -> int:
        return len(self.flags)


@dataclass(slots=True)
class ChunkReport:
    """What the audit of a run of lines found."""

    columns: Columns
    counter: str
    """What counted the tokens."""
    disagreement: str = ""
    """Not empty if the accelerator gave a wrong count in this chunk; its counts are right, those of others in doubt."""
    explained: list[tuple[int, Finding]] = field(default_factory=list)
    """With `explain`: line of the chunk, counted from 0, and finding; in file order."""

    def __len__(self) -> int:
        return len(self.columns)


class ContextEnd(NamedTuple):
    """Where in a record its longest example ends: what comes from there on is cut off."""

    message: int
    piece: int
    """Which part of the message, counted on over its tool calls; -1 for its head, before all of them."""
    character: int
    """The first character of that part's text, or of that call's arguments, that is cut off."""


@dataclass(frozen=True, slots=True)
class RecordReport:
    """Figures of one record; the sums are those of the audit."""

    tokens: int
    trained: int
    message_tokens: tuple[int, ...]
    """Tokens of each message with what the rule adds for it; together with `overhead` they are `tokens`."""
    trained_message_tokens: tuple[int, ...]
    overhead: int
    """Tokens that belong to no message: the example's constant, and the declared tools."""
    estimated: bool
    findings: tuple[Finding, ...]
    counter: str
    columns: Columns = field(default_factory=Columns)
    """What the audit says of the record: one line."""
    losses: tuple[str, ...] = ()
    """What re-encoding the record would change in meaning, a sentence each."""
    cut: ContextEnd | None = None
    """Where the longest example ends; None for a record that fits, or whose messages are not counted."""
