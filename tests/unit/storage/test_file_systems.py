"""Which paths lie on a local file system."""

from __future__ import annotations

from pathlib import Path

import pytest

from curator.storage.file_systems import is_local, kind_of_mount

TABLE = r"""22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
23 22 0:40 / /home rw - nfs4 server:/home rw,vers=4.2
24 23 254:1 / /home/anna/fast\040disk rw master:3 shared:7 - xfs /dev/vdb rw
25 22 0:41 / /mnt/box rw - fuse.sshfs anna@box: rw
26 22 0:42 / /mnt/twice rw - ext4 /dev/vdc rw
27 26 0:43 / /mnt/twice rw - cifs //server/share rw
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "ext4"),
        ("/home", "nfs4"),
        ("/home/anna/data.jsonl", "nfs4"),
        ("/home/anna/fast disk/data.jsonl", "xfs"),
        ("/homely/data.jsonl", "ext4"),
        ("/mnt/box/a/b", "fuse.sshfs"),
        ("/mnt/twice/a", "cifs"),
    ],
)
def test_the_longest_and_last_mount_counts(path: str, kind: str) -> None:
    assert kind_of_mount(Path(path), TABLE) == kind


def test_only_known_kinds_are_local(tmp_path: Path) -> None:
    table = tmp_path / "mountinfo"
    for kind, local in {
        "ext4": True,
        "tmpfs": True,
        "nfs": False,
        "9p": False,
        "lustre": False,
        "newfs": False,
    }.items():
        table.write_text(f"22 1 254:0 / / rw - {kind} device rw\n")
        assert is_local(tmp_path, table) is local


def test_a_link_counts_where_it_leads(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "near").symlink_to("far")
    table = tmp_path / "mountinfo"
    table.write_text(f"1 1 0:1 / / rw - ext4 a rw\n2 1 0:2 / {tmp_path}/far rw - nfs b rw\n")
    assert is_local(tmp_path, table)
    assert not is_local(tmp_path / "near" / "data", table)


@pytest.mark.parametrize("content", ["", "nonsense\n", "22 1 254:0 / /elsewhere rw - ext4 device rw\n"])
def test_what_cannot_be_told_is_not_local(tmp_path: Path, content: str) -> None:
    table = tmp_path / "mountinfo"
    table.write_text(content)
    assert not is_local(tmp_path, table)
    assert not is_local(tmp_path, tmp_path / "missing")
