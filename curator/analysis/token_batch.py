"""Counts the texts of many records in a few calls, which is faster than a call for each text."""

from __future__ import annotations

from typing import Protocol

from curator.analysis.report import Columns
from curator.analysis.texts import Texts

FLUSH_RECORDS = 500


class Counter(Protocol):
    """What counts texts: by one of OpenAI's encodings, or by a model's own tokenizer."""

    @property
    def name(self) -> str:
        """Which library counts, with its version."""

    @property
    def disagreement(self) -> str | None:
        """How it was found to count wrongly, as a sentence."""

    def count(self, text: str) -> int:
        """The number of tokens in a text."""

    def count_many(self, texts: list[str], plain: bool = False) -> list[int]:
        """The number of tokens in each text; `plain` promises that all are ASCII."""

    def packed(self, texts: list[str]) -> tuple[list[str], int]:
        """What to count in place of texts, and how many tokens more that gives than they have."""

    def characters(self, text: str, tokens: int) -> int:
        """Characters of a text that its first tokens hold in full."""


class TokenBatch:
    """Texts of records that wait to be counted, with where each record's end.

    `plain` promises that all texts are ASCII, which spares the counter a look at each.
    """

    def __init__(self, counter: Counter, *, plain: bool) -> None:
        self._counter = counter
        self._plain = plain
        self._texts: list[str] = []
        self._records: list[tuple[int, int, int, int, int]] = []

    def add(self, row: int, texts: Texts) -> None:
        """Take what is to be counted of line `row`."""
        context, context_surplus = self._counter.packed(texts.context)
        learnt, learnt_surplus = self._counter.packed(texts.learnt)
        self._texts += context
        middle = len(self._texts)
        self._texts += learnt
        extra, extra_learnt = texts.extra - context_surplus, texts.extra_learnt - learnt_surplus
        self._records.append((row, middle, len(self._texts), extra, extra_learnt))

    def add_text(self, row: int, text: str, extra: int, *, learnt: bool) -> None:
        """Take a text and tokens beside it, of which none are learnt, for line `row`."""
        self._texts.append(text)
        end = len(self._texts)
        self._records.append((row, end - 1 if learnt else end, end, extra, 0))

    @property
    def full(self) -> bool:
        """Whether enough records wait that counting them is worth a call."""
        return len(self._records) >= FLUSH_RECORDS

    def count_into(self, columns: Columns) -> None:
        """Write the counts of all waiting records to their lines, and begin anew."""
        counts = self._counter.count_many(self._texts, self._plain)
        start = 0
        for row, middle, end, extra, extra_learnt in self._records:
            learnt = sum(counts[middle:end]) + extra_learnt
            columns.trained[row] = learnt
            columns.tokens[row] = sum(counts[start:middle]) + extra + learnt
            start = end
        self._texts, self._records = [], []
