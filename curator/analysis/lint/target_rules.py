"""Rules on what a target takes; the audit finds them out, and they cannot be broken where no target is chosen."""

from __future__ import annotations

from curator.analysis.lint.rule import Rule

FILE_LIMIT = Rule(
    44,
    "file is not what the target takes",
    "Services refuse files that are too large, too short, or without the byte order mark that they want.",
    "the target's own pages; `curator targets` names them",
)
NOT_TAKEN = Rule(
    45,
    "format that the target does not take",
    "A trainer stops at records in a format that it cannot read.",
    "the target's own pages; `curator targets` names them",
)

TARGET_RULES = (FILE_LIMIT, NOT_TAKEN)
