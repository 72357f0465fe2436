"""What a file has beside its content, carried over to the one that replaces it: owner, mode, attributes."""

from __future__ import annotations

import grp
import os
import pwd
import stat
from contextlib import suppress
from pathlib import Path


def keep_owner(descriptor: int, like: Path, target: Path) -> list[str]:
    """Give an open file the owner, group and mode of another; returns sentences on what could not be kept.

    Where the group cannot be kept, the new group gets the rights of everybody: it never gains any.
    """
    wanted, notes = like.stat(), []
    mode = stat.S_IMODE(wanted.st_mode)
    if not _given(descriptor, -1, wanted.st_gid):
        mode = mode & ~(stat.S_IRWXG | stat.S_ISGID) | (mode & stat.S_IRWXO) << 3
        notes.append(f"{target}: its group could not stay {_group(wanted.st_gid)}; you do not belong to it.")
    if not _given(descriptor, wanted.st_uid, -1):
        mode &= ~stat.S_ISUID
        notes.append(f"{target}: it is yours now; only root could let its owner stay {_user(wanted.st_uid)}.")
    try:
        os.fchmod(descriptor, mode)
    except PermissionError:
        notes.append(
            f"{target}: its permissions ({mode:o}) could not be kept; its file system does not let them be set."
        )
    return notes


def _given(descriptor: int, user: int, group: int) -> bool:
    """Whether the file belongs to them, if need be from now on; -1 stands for anybody."""
    now = os.fstat(descriptor)
    if user in (-1, now.st_uid) and group in (-1, now.st_gid):
        return True
    try:
        os.fchown(descriptor, user, group)
    except OSError:
        return False
    return True


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"


def _group(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return f"group {number}"


def keep_attributes(descriptor: int, like: Path, target: Path) -> list[str]:
    """Give an open file the extended attributes of another, access lists included; returns what could not be kept.

    The system's own (`security.`) are left to the system. An access list that came from the folder goes if the other
    file has none.
    """
    if not hasattr(os, "listxattr"):
        return []
    try:
        wanted, present = os.listxattr(like), os.listxattr(descriptor)
    except OSError:
        return []
    for name in set(present) - set(wanted):
        if name.startswith("system."):
            with suppress(OSError):
                os.removexattr(descriptor, name)
    lost = [name for name in wanted if not name.startswith("security.") and not _set(descriptor, like, name)]
    return [f"{target}: its attribute {name} could not be kept." for name in lost]


def _set(descriptor: int, like: Path, name: str) -> bool:
    try:
        os.setxattr(descriptor, name, os.getxattr(like, name))
    except OSError:
        return False
    return True
