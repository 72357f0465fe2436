"""How a session has files whose lines cannot be read where they lie, by the settings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from curator.settings import Settings
from curator.storage.opening_sources import Access, CacheRules
from curator.storage.source import is_stream

if TYPE_CHECKING:
    from curator.session.working_source import WorkingSource
    from curator.storage.unpacked import Making

BEGIN_BYTES = 1 << 16
"""So much of a copy is waited for before it is shown, if it takes no longer than a moment."""
MOMENT = 0.25
"""Seconds."""


def cache_folder(settings: Settings) -> Path:
    """Where things are that can be made again."""
    if settings.cache_dir:
        return Path(settings.cache_dir).expanduser()
    from platformdirs import user_cache_dir

    return Path(user_cache_dir("curator", appauthor=False))


def cache_rules(settings: Settings) -> CacheRules:
    """Where unpacked copies are, and how long they stay."""
    return CacheRules(cache_folder(settings) / "unpacked", settings.cache_size * 1_000_000, settings.cache_days)


def access_for(settings: Settings, wait: Callable[[Making], object] | None) -> Access:
    """How files are had; `wait` says how much of a copy has to be there to begin, without it all of it."""
    return Access(cache_rules(settings), wait or (lambda making: making.wait()))


def kept_input(sources: Sequence[WorkingSource]) -> str:
    """Where standard input is kept with what was done to it; empty where nothing was done."""
    changed = [one for one in sources if is_stream(one.opened.path) and one.edited.journal_path.exists()]
    return "".join(
        f"curator: standard input is kept, with what you did to it; open it by: curator {one.opened.source.place}"
        for one in changed
    )


def first_lines(making: Making) -> None:
    """Wait until there is something to be shown; the rest waits for `Source.go_on`, so as not to slow the screen."""
    making.wait(BEGIN_BYTES, MOMENT)
    making.wait(1)
    making.hold()
