"""On which kind of file system a path lies: SQLite's write-ahead log needs memory that processes share."""

from __future__ import annotations

import re
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")
LOCAL = re.compile(
    "bcachefs|btrfs|ecryptfs|exfat|ext[234]|f2fs|fuseblk|jfs|ntfs3?|overlay|ramfs|reiserfs|rootfs|tmpfs|ubifs|vfat|xfs|zfs"
)
"""Kinds on which one machine's processes share memory maps and locks; network file systems are not among them."""


def is_local(path: Path, mounts: Path = MOUNTS) -> bool:
    """Whether the path is known to lie on a local file system; not where that cannot be told."""
    try:
        table = mounts.read_text("utf-8", "surrogateescape")
    except OSError:
        return False
    return LOCAL.fullmatch(kind_of_mount(path.resolve(), table)) is not None


def kind_of_mount(path: Path, table: str) -> str:
    """The kind of file system that an absolute path lies on, by a table like /proc/self/mountinfo; "" if not in it."""
    places = {path, *path.parents}
    found, depth = "", 0
    for line in table.splitlines():
        mount, _, kind = line.partition(" - ")
        fields = mount.split(" ")
        if len(fields) < 5:
            continue
        point = Path(_unescaped(fields[4]))
        if point in places and len(point.parts) >= depth:
            found, depth = kind.split(" ")[0], len(point.parts)
    return found


def _unescaped(name: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), name)
