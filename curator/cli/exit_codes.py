"""What a command's exit status says."""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of every command."""

    CLEAN = 0
    FINDINGS = 1
    USAGE = 2
    UNREADABLE = 3
    FAULT = 70
    """The program itself is at fault (sysexits.h, EX_SOFTWARE)."""
    INTERRUPTED = 130
