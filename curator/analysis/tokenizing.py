"""A model's own tokenizer as a file or folder: what of it a count depends on."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from xxhash import xxh3_128

from curator.errors import UnreadableError, UsageError

TOKENIZER, CONFIG, TEMPLATE = "tokenizer.json", "tokenizer_config.json", "chat_template.jinja"
PACKAGES = ("tokenizers", "jinja2")


@dataclass(frozen=True, slots=True)
class Tokenizing:
    """Where a tokenizer is and what its files hold, so that workers and kept figures never mix two of them up."""

    path: str
    content: str
    """Hash of the files that count, in hexadecimal."""

    @property
    def files(self) -> dict[str, Path]:
        """Those of the files that are there, by name; of a single file, that one as `tokenizer.json`."""
        return _files(Path(self.path))


def tokenizing_of(path: Path) -> Tokenizing:
    """The tokenizer at a path: a `tokenizer.json`, or a folder with one.

    Raises UsageError where the packages that it takes are not installed, UnreadableError where there is no tokenizer.
    """
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        raise UsageError(
            f"A tokenizer of your own takes the packages {' and '.join(PACKAGES)}, and {' and '.join(missing)}"
            f" {'is' if len(missing) == 1 else 'are'} not installed; install curator with its extra `tokenizers`."
        )
    files = _files(path)
    if TOKENIZER not in files:
        what = f"holds no {TOKENIZER}" if path.is_dir() else "there is no such file or folder"
        raise UnreadableError(f"{path}: {what}; name a {TOKENIZER}, or the folder that a model's own one is in.")
    return Tokenizing(str(path.absolute()), content_of(files))


def content_of(files: dict[str, Path]) -> str:
    """The hash of some files with their names. Raises UnreadableError."""
    content = xxh3_128()
    for name, path in sorted(files.items()):
        try:
            octets = path.read_bytes()
        except OSError as error:
            raise UnreadableError(f"{path}: cannot be read: {error.strerror}.") from error
        content.update(f"{name} {len(octets)} ".encode())
        content.update(octets)
    return content.hexdigest()


def _files(path: Path) -> dict[str, Path]:
    if path.is_file():
        return {TOKENIZER: path}
    return {name: path / name for name in (TOKENIZER, CONFIG, TEMPLATE) if (path / name).is_file()}
