"""Numbers as people read them."""

from __future__ import annotations


def short(number: int) -> str:
    """A number in four characters or so: 812, 71.3 k, 812 M."""
    for unit, size in (("G", 10**9), ("M", 10**6), ("k", 10**3)):
        value = number / size
        if value >= (10 if unit == "k" else 0.9995):
            return f"{value:.1f} {unit}" if value < 99.95 else f"{value:.0f} {unit}"
    return f"{number:,}"


def duration(seconds: float) -> str:
    """A span of time as m:ss, or h:mm:ss."""
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def size(count: int) -> str:
    """A number of bytes, in units of 1,000."""
    for unit, step in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= step:
            return f"{count / step:.1f} {unit}"
    return f"{count} bytes"


def meter(share: float, cells: int) -> str:
    """A bar of `cells` cells, filled in proportion."""
    halves = round(share * cells * 2)
    full, half = divmod(halves, 2)
    return ("━" * full + ("╸" if half else "") + "─" * cells)[:cells]


def ago(seconds: float) -> str:
    """A past moment as people say it: just now, 3 minutes ago, 2 days ago."""
    if seconds < 10:
        return "just now"
    number, unit = int(seconds), "second"
    for units, longer in ((60, "minute"), (60, "hour"), (24, "day"), (7, "week"), (52, "year")):
        if number < units:
            break
        number, unit = number // units, longer
    return f"{number:,} {unit}{'' if number == 1 else 's'} ago"


def plural(number: int, word: str) -> str:
    """A number of things, such as `1 record` or `1,204 records`."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"
