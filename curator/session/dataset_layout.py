"""Folders as the library `datasets` lays them out: which files of records are in one, and which part each belongs to.

What is looked for, and in which order: the documentation of `datasets` on repository structure and on `save_to_disk`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from curator.errors import UnreadableError

SPLITS = {
    "train": 0, "training": 0, "validation": 1, "valid": 1, "val": 1, "dev": 1, "test": 2, "testing": 2, "eval": 2,
    "evaluation": 2,
}  # fmt: skip
"""The words by which parts are told in names, in the order in which the parts are opened."""
OTHER = 3
FOLDERS = ("data", *SPLITS)
"""Folders in which the files of a folder may lie."""
ABOUT = frozenset({"dataset_dict.json", "dataset_info.json", "dataset_infos.json", "state.json"})
"""Files that say something of the others."""
README = "README.md"
"""The paper that says where the parts are."""
_PAIR = re.compile(r"(?P<indent>\s*)(?P<item>- )?\s*(?P<key>\w+):\s*(?P<value>.*)")


def by_split(paths: Iterable[Path], natural: Callable[[Path], Any]) -> list[Path]:
    """Files in their natural order; where each is of a part, those of training first, and of testing last."""
    files = sorted(paths, key=natural)
    several = len({path.parent for path in files}) > 1
    parts = {path: _part(path, with_folder=several) for path in files}
    if OTHER not in parts.values():
        files.sort(key=parts.__getitem__)
    return files


def _part(path: Path, *, with_folder: bool) -> int:
    """The place of a file's part among the others, by the words in its name, else in that of its folder."""
    for name in (path.name, path.parent.name if with_folder else ""):
        for word in re.split(r"[^a-z]+", name.lower()):
            if word in SPLITS:
                return SPLITS[word]
    return OTHER


def stated(folder: Path) -> list[Path] | None:
    """The files that a folder's own papers name, in no order; None where there are none. Raises UnreadableError."""
    parts = _read(folder / "dataset_dict.json")
    if parts is not None and isinstance(names := parts.get("splits"), list):
        return [path for name in names for path in _of_state(folder / str(name))]
    if (folder / "state.json").is_file():
        return _of_state(folder)
    return _of_readme(folder)


def _of_state(folder: Path) -> list[Path]:
    """What `save_to_disk` wrote into a folder."""
    state = _read(folder / "state.json")
    files = (state or {}).get("_data_files")
    if not isinstance(files, list):
        raise UnreadableError(f"{folder}: state.json is not there, or does not say which files hold the records.")
    return [folder / str(one["filename"]) for one in files if isinstance(one, dict) and "filename" in one]


def _read(path: Path) -> dict[str, Any] | None:
    try:
        value = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise UnreadableError(f"{path}: cannot be read ({error}); name the files of the folder instead.") from error
    return value if isinstance(value, dict) else None


def _of_readme(folder: Path) -> list[Path] | None:
    """What the README's `configs` name; of several configurations the default one."""
    try:
        text = (folder / README).read_text("utf-8", "replace")
    except OSError:
        return None
    configs = list(_configs(_front_matter(text)))
    if not configs:
        return None
    chosen = [one for one in configs if one[0] == "default"] or configs
    if len(chosen) > 1:
        names = ", ".join(name for name, _ in chosen)
        raise UnreadableError(f"{folder}: holds several sets of records ({names}); name the files of one of them.")
    inside = [one for one in chosen[0][1] if not one.startswith("/") and ".." not in one]
    found = {path for pattern in inside for path in folder.glob(pattern) if path.is_file()}
    return list(found) or None


def _front_matter(text: str) -> list[str]:
    """The lines between the first two lines of three dashes; none where the text does not begin with one."""
    lines = text.splitlines()
    if not lines or lines[0].rstrip() != "---":
        return []
    return lines[1 : next((at for at, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), 0)]


def _configs(lines: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """The name and the patterns of each configuration: as much of YAML as `datasets` itself writes there."""
    inside, name, patterns, awaited = False, "", list[str](), False
    for line in lines:
        if not line[:1].isspace() and not line.startswith("-"):
            inside = line.startswith("configs:")
            continue
        pair = _PAIR.fullmatch(line)
        if not inside or (pair is None and not awaited):
            continue
        if pair is None:
            patterns.append(_bare(line.strip().removeprefix("- ")))
            continue
        key, value = pair["key"], _bare(pair["value"])
        awaited = key == "path" and not value
        if key == "config_name":
            if name:
                yield name, patterns
            name, patterns = value, []
        elif key in ("path", "data_files") and value:
            patterns.append(value)
    if name:
        yield name, patterns


def _bare(value: str) -> str:
    return value.strip().strip("'\"")
