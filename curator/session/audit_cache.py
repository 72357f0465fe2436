"""What an audit found, kept for the next time that the same file is opened."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path

import curator
from curator.analysis.lint.rules import RULES
from curator.analysis.report import AuditSpec, Columns
from curator.records.dialects import NAMES
from curator.session.working_source import WorkingSource
from curator.storage.column_cache import ColumnCache
from curator.storage.fingerprint import UNKNOWN_TIME, fingerprint_of

SMALLEST_BYTES = 1 << 20
"""Files below this are audited as fast as their columns are read."""

LINES_AT_ONCE = 1 << 18
"""Lines whose columns are taken together."""

DECIDING = ("tiktoken", "toktok-rs", "tokenizers", "jinja2", "jsonschema-rs")
"""Libraries whose versions figures may depend on."""


class AuditCache:
    """Columns of whole files by what the file is and what the audit depends on. Off until it is switched on."""

    def __init__(self, folder: Path) -> None:
        self.enabled = False
        self._folder = folder / "columns"

    def restore(self, source: WorkingSource, spec: AuditSpec) -> tuple[Iterator[Columns], str] | None:
        """What was found, line after line, and what counted, when this file was audited last.

        None if anything that matters changed.
        """
        key = self._key(source, spec)
        kept = ColumnCache(self._folder).load(key) if key and not len(source.opened.columns) else None
        if kept is None:
            return None
        columns, counter = kept
        source.opened.index.finish()
        lines = len(source.opened.index)
        return (_stretches(columns, lines), counter.decode()) if {*map(len, columns)} == {lines} else None

    def keep(self, source: WorkingSource, spec: AuditSpec, counter: str) -> None:
        """Keep what an audit found of a whole file."""
        key = self._key(source, spec)
        columns = source.opened.columns
        if key and source.opened.index.complete and len(columns) == len(source.opened.index):
            ColumnCache(self._folder).store(key, list(columns.all()), counter.encode())

    def _key(self, source: WorkingSource, spec: AuditSpec) -> str:
        """What the columns depend on, spelled out; empty where they are not kept."""
        if not self.enabled or source.opened.source.size < SMALLEST_BYTES:
            return ""
        fingerprint = fingerprint_of(source.opened.source)
        if fingerprint.mtime_ns == UNKNOWN_TIME:
            return ""
        rules = ",".join(rule.code for rule in RULES)
        libraries = ",".join(map(_version, DECIDING))
        asked = (spec.rules.off, spec.rules.thresholds)
        read = (spec.dialect, spec.only_dialect, spec.schema, spec.schemas, NAMES)
        what = (fingerprint, spec.counting, read, asked, _aimed(spec))
        return f"{curator.__version__} {rules} {libraries} {what}"


def _aimed(spec: AuditSpec) -> tuple[object, ...]:
    """What a target and a tokenizer decide."""
    counted = spec.tokenizer and spec.tokenizer.content
    return spec.takes, spec.reads, spec.lenient, spec.mask, counted


def _stretches(columns: Sequence[memoryview], lines: int) -> Iterator[Columns]:
    for start in range(0, lines, LINES_AT_ONCE):
        yield Columns(*(array(one.format, bytes(one[start : start + LINES_AT_ONCE])) for one in columns))


def _version(package: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return "-"
