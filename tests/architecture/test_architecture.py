"""What keeps the code as it was laid out: who imports whom, who prints, how things are named, how long files are."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
MODULES = sorted((PROJECT / "curator").rglob("*.py"))
LONGEST_FILE = 350
VAGUE_WORDS = {"manager", "handler", "helper", "helpers", "util", "utils"}
NOT_OURS = {".git", ".venv", "venv", "__pycache__", "dist", "build", "node_modules", ".hypothesis"}

DUMP = """
import json, sys
from curator.__main__ import main

sys.argv = ["curator", *sys.argv[1:]]
try:
    main()
finally:
    print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})), file=sys.stderr)
"""


def name_of(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), name_of(path))


def test_no_module_imports_what_stands_above_it() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    if not program.exists():
        pytest.skip("import-linter is not installed")
    done = subprocess.run(
        [program, "--no-cache"],
        cwd=PROJECT,
        env=os.environ | {"PYTHONPATH": str(PROJECT), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "samples/tools.jsonl", "--workers", "inline"),
        ("stats", "samples/broken.jsonl", "--workers", "inline"),
        ("stats", "--json", "samples/tools.jsonl", "--workers", "2"),
        ("models",),
        ("repair", "samples/array.json"),
        ("schema", "trl"),
    ],
)
def test_a_headless_command_loads_nothing_that_draws_a_screen(arguments: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", DUMP, *arguments],
        cwd=PROJECT,
        env=os.environ | {"PYTHONPATH": str(PROJECT)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    loaded = set(json.loads(done.stderr.splitlines()[-1]))
    assert "curator" in loaded
    assert not loaded & {"textual", "rich"}


STREAM = re.compile(r"sys\.(__)?(stdout|stderr)(__)?(\.buffer)?")


def prints(call: ast.Call) -> bool:
    """Whether a call prints, or writes to one of the standard streams."""
    called, _, method = ast.unparse(call.func).rpartition(".")
    if any(one.arg == "file" and STREAM.fullmatch(ast.unparse(one.value)) for one in call.keywords):
        return True
    if not called:
        return method in ("print", "pprint")
    return bool(STREAM.fullmatch(called)) and method in ("write", "writelines")


def printing(tree: ast.Module) -> Iterator[int]:
    """The lines that print."""
    return (node.lineno for node in ast.walk(tree) if isinstance(node, ast.Call) and prints(node))


def test_only_one_module_prints() -> None:
    found = [f"{name_of(path)}:{line}" for path in MODULES for line in printing(tree_of(path))]
    assert {place.partition(":")[0] for place in found} == {"curator/cli/output.py"}, found


def words_of(name: str) -> set[str]:
    """The words of a name in snake or camel case."""
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}


def test_no_module_or_class_has_a_name_that_says_nothing() -> None:
    named = [(name_of(path), path.stem) for path in MODULES] + [
        (f"{name_of(path)}:{node.lineno}", node.name)
        for path in MODULES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ClassDef)
    ]
    assert [place for place, name in named if words_of(name) & VAGUE_WORDS] == []
    assert [name_of(path.parent) for path in MODULES if path.parent.name in VAGUE_WORDS] == []


def test_no_file_is_long() -> None:
    lengths = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in MODULES}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_every_public_function_and_class_says_what_it_is() -> None:
    silent = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path in MODULES
        for node in tree_of(path).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert silent == []


def test_every_module_says_what_it_is() -> None:
    silent = [name_of(path) for path in MODULES if path.stat().st_size and not ast.get_docstring(tree_of(path))]
    assert silent == []


def files_of_the_project() -> Iterator[Path]:
    for folder, folders, names in os.walk(PROJECT):
        folders[:] = [name for name in folders if name not in NOT_OURS and not name.endswith(("_cache", ".egg-info"))]
        yield from (Path(folder) / name for name in names)


def test_nothing_names_the_host_of_a_package_registry() -> None:
    names = (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("crates", "io"), ("anaconda", "org"))
    hosts = [".".join(parts).encode() for parts in names]
    found = [
        f"{name_of(path)}: {host.decode()}"
        for path in files_of_the_project()
        if path.is_file()
        for host in hosts
        if host in path.read_bytes().lower()
    ]
    assert found == []


def test_the_places_that_print_are_found() -> None:
    source = "import sys\nprint(1)\nsys.stderr.write('')\nsys.stdout.flush()\nopen('').write('')\nf(file=sys.stderr)\n"
    assert sorted(printing(ast.parse(source))) == [2, 3, 6]
    assert words_of("RecordManager") & VAGUE_WORDS
    assert words_of("io_utils") & VAGUE_WORDS
    assert not words_of("Handled") & VAGUE_WORDS
