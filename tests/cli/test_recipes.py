"""curator run, and recipes that are written from what was done to a file."""

from __future__ import annotations

import gzip
import json
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from editing import chat, editing, lines_of
from pyroaring import BitMap64

from curator.cli.commands import COMMANDS
from curator.cli.recipe_steps import STEPS
from curator.edits.asked import Asked
from curator.records.find_replace import Replacement, Search
from curator.records.short_prompt import ShortPrompt

Run = Callable[..., "subprocess.CompletedProcess[str]"]

LONG = 'You are "careful".\n\tNever tell \x7f é 😀 {meta.lang}.'


def long_lines(count: int) -> bytes:
    """Records that begin with the long system prompt, in a spelling that nothing would write anew."""
    prompt = json.dumps({"role": "system", "content": LONG}).encode()
    return lines_of(count).replace(b'{"messages": [', b'{"messages" :  [' + prompt + b", ")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.jsonl"
    path.write_bytes(lines_of(12))
    return path


def recipe(folder: Path, text: str) -> Path:
    path = folder / "recipe.toml"
    path.write_text(text)
    return path


def test_steps_follow_each_other_and_only_the_last_outcome_stays(curator: Run, path: Path) -> None:
    steps = recipe(
        path.parent,
        '[[step]]\ndo = "replace"\nfind = "Answer (1[0-9])"\nregex = true\nby = "Reply \\\\1"\nrole = ["assistant"]\n\n'
        '[[step]]\ndo = "convert"\nto = "sharegpt"\n',
    )
    before = path.read_bytes()
    done = curator("run", steps, path, "-o", "out.jsonl")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    values = [json.loads(line)["conversations"][1]["value"] for line in (path.parent / "out.jsonl").open()]
    assert values == [f"Answer {one}." if one < 10 else f"Reply {one}." for one in range(12)]
    assert path.read_bytes() == before
    assert sorted(one.name for one in path.parent.iterdir()) == ["a.jsonl", "out.jsonl", "recipe.toml"]
    assert "recipe.toml:1:1: step 1 of 2, replace:" in done.stderr
    assert "2 records changed by replacing" in done.stderr
    assert "step-1.jsonl: 2 changed, 10 identical." in done.stderr
    assert ".curator-" not in done.stderr


def test_a_filter_is_a_step(curator: Run, path: Path) -> None:
    steps = recipe(path.parent, '[[step]]\ndo = "filter"\nexpression = "assistant ~ /Answer 1./"\nhead = 1\n')
    done = curator("run", steps, path, "-o", "out.jsonl")
    assert done.returncode == 0, done.stderr
    assert (path.parent / "out.jsonl").read_bytes() == path.read_bytes().splitlines(keepends=True)[1]


def test_it_is_what_the_commands_do_one_after_the_other(curator: Run, path: Path) -> None:
    steps = recipe(path.parent, '[[step]]\ndo = "replace"\nfind = "q"\nby = "-q"\n[[step]]\ndo="split"\nby="pair"\n')
    curator("replace", path, "--find", "q", "--by=-q", "-o", "one.jsonl")
    curator("split", "one.jsonl", "--by", "pair", "-o", "two.jsonl")
    assert curator("run", steps, path, "-o", "-").stdout == (path.parent / "two.jsonl").read_text()


def test_a_check_with_findings_ends_it_and_writes_nothing(curator: Run, path: Path) -> None:
    path.write_bytes(lines_of(12) + b"broken\n")
    steps = recipe(path.parent, '[[step]]\ndo = "check"\n\n[[step]]\ndo = "split"\nby = "turn"\n')
    done = curator("run", steps, path, "-o", "out.jsonl")
    assert (done.returncode, done.stdout) == (1, "")
    assert "a.jsonl:13: CUR0" in done.stderr
    assert "recipe.toml:1:1: the recipe ends here, with check." in done.stderr
    assert "step 2" not in done.stderr
    assert not (path.parent / "out.jsonl").exists()


def test_a_dry_run_tells_all_steps_and_writes_nothing(curator: Run, path: Path) -> None:
    steps = recipe(path.parent, '[[step]]\ndo = "split"\nby = "turn"\n[[step]]\ndo = "check"\n')
    done = curator("run", steps, path, "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "records: 12 in, 12 out" in done.stderr
    assert "step 2 of 2, check" in done.stderr
    assert sorted(one.name for one in path.parent.iterdir()) == ["a.jsonl", "recipe.toml"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('\n[[step]]\ndo = "chek"\n', "recipe.toml:3:1: there is no step `chek`; did you mean `check`?"),
        ('[[step]]\ndo = "split"\nbyy = "turn"', "recipe.toml:3:1: `split` has no option `byy`; did you mean `by`?"),
        ('[[step]]\ndo = "split"\noutput = "x"', "recipe.toml:3:1: `split` has no option `output`; "),
        ('[[step]]\ndo = "split"\nby = "turns"', "recipe.toml:3:1: argument --by: invalid choice: 'turns'"),
        (
            '[[step]]\ndo = "check"\n[[step]]\ndo = "split"',
            "recipe.toml:3:1: the following arguments are required: --by",
        ),
        ('[[step]]\ndo = "split"\nby = ["pair"]', "recipe.toml:3:1: `by` takes a text or a number, not ['pair']."),
        ('[[step]]\nno-system = 1\ndo = "split"', "recipe.toml:2:1: `no-system` takes true or false, not 1."),
        ('step = [{do = "chek"}]', "recipe.toml: step 1: there is no step `chek`"),
        ('[[step]]\ndo = "drop"\n  where = "turns >"', "recipe.toml:3:3: The filter is not understood at character"),
        ('[[step]]\ndo = "drop"', "recipe.toml:1:1: `drop` needs `where`: what is to be true"),
        ('[[step]]\ndo = "mix"\nwith = ["b.jsonl:1"]', "recipe.toml:1:1: `mix` needs `weight`"),
        ('[[step]]\ndo = "mix"\nweight = 1', "recipe.toml:1:1: `mix` needs `with`"),
        ('[[step]]\ndo = "divide"\nratio = "9:1"\n[[step]]\ndo = "check"', "so it can only be the last step"),
        ('[[step]]\ndo = "check"\nfix = "spaces"', "recipe.toml:3:1: `check` has no option `fix`"),
        ('[[step]]\nfind = "a"', "recipe.toml:1:1: the step does not say what it does"),
        ('[[step]]\ndo = "drop"\nwhere = " "', "recipe.toml:3:1: `where` is empty, which is true of every record"),
        ('[[steps]]\ndo = "check"', "recipe.toml:1:1: there is no table `steps`; did you mean `step`?"),
        ("", "recipe.toml: has no steps"),
        ("[[step", "recipe.toml: is no sound TOML"),
    ],
)
def test_faults_are_told_with_their_line_before_anything_is_done(
    curator: Run, path: Path, text: str, sentence: str
) -> None:
    done = curator("run", recipe(path.parent, text), path, "-o", "out.jsonl")
    assert done.returncode == 2
    assert sentence in done.stderr
    assert not (path.parent / "out.jsonl").exists()


def test_what_must_not_be_replaced_is_refused(curator: Run, path: Path) -> None:
    steps = recipe(path.parent, '[[step]]\ndo = "check"\n')
    assert "is the file that is read" in curator("run", steps, path, "-o", path).stderr
    assert "is a file that is read" in curator("run", steps, path, "-o", steps, "--force").stderr


def test_a_recipe_from_a_journal_gives_what_export_gives(curator: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(long_lines(30) + b"\n" + lines_of(3))
    with editing(path) as at:
        everything = BitMap64(range(30))
        replacement = Replacement(Search(r"answer (\d)", regex=True, ignore_case=True), r"“\1” \\ \g<1>")
        at.editor.sweep({at.source: everything | BitMap64([31, 32, 33])}, replacement, "replace")
        at.editor.sweep({at.source: everything}, ShortPrompt(LONG, "Brief."), "shorten")
        at.editor.sweep({at.source: everything}, Replacement(Search("Brief"), "Short"), "once more")
        at.editor.sweep({at.source: everything}, Replacement(Search("Short"), "gone"), "undone")
        at.editor.undo()
    assert curator("export", path, "-o", "exported.jsonl").returncode == 0
    steps = curator("history", path, "--recipe")
    (tmp_path / "steps.toml").write_text(steps.stdout)
    assert [one["do"] for one in tomllib.loads(steps.stdout)["step"]] == ["replace", "shorten", "replace"]
    done = curator("run", "steps.toml", path, "-o", "out.jsonl")
    assert done.returncode == 0, done.stderr
    assert "is not in the file yet" in done.stderr or "are not in the file yet" in done.stderr
    assert (tmp_path / "out.jsonl").read_bytes() == (tmp_path / "exported.jsonl").read_bytes()
    assert b"Short." in (tmp_path / "out.jsonl").read_bytes()


def test_what_is_no_rule_is_named_in_a_comment(curator: Run, path: Path) -> None:
    with editing(path) as at:
        at.rewrite(0, chat("Edited"))
        at.drop(1, 2)
        at.tag("good", 3)
    done = curator("history", path, "--recipe")
    assert tomllib.loads(done.stdout) == {}
    assert "# 1: edit #1 (1 record): is no rule." in done.stdout
    assert "# 2: drop (2 records): is no rule." in done.stdout
    assert "# 3: tag good (1 record): changes no text" in done.stdout


def test_replacing_says_what_it_did_and_leaves_all_else(curator: Run, path: Path) -> None:
    content = path.read_bytes().replace(b'"role"', b'"role" ')
    path.write_bytes(content)
    done = curator("replace", path, "--find", "ANSWER 3", "--by", "x", "-i", "-o", "-")
    assert done.returncode == 0
    assert done.stdout.encode() == content.replace(b"Answer 3", b"x")
    assert "1 record changed by replacing 'ANSWER 3'." in done.stderr
    assert "0 records changed" in curator("replace", path, "--find", "ANSWER", "--by", "x", "--dry-run").stderr
    assert curator("replace", path, "--find", "(", "--by", "x", "-E", "--dry-run").returncode == 2


def test_each_step_is_done_by_a_command_and_has_options_of_its_own() -> None:
    for step in STEPS.values():
        assert step.command in COMMANDS
        assert "output" not in step.options


def test_the_sample_runs(curator: Run, project: Path, tmp_path: Path) -> None:
    samples = project / "samples"
    done = curator("run", samples / "recipe.toml", samples / "tools.jsonl", "-o", "out.jsonl")
    assert (tmp_path / "out.jsonl").exists(), done.stderr
    assert b"city library" in (tmp_path / "out.jsonl").read_bytes()


def test_records_are_drawn_and_duplicates_dropped_as_by_the_commands(curator: Run, path: Path) -> None:
    path.write_bytes(lines_of(12) * 2)
    steps = recipe(
        path.parent,
        '[[step]]\ndo = "dedupe"\nnear = true\n[[step]]\ndo = "sample"\nnumber = 5\n[[step]]\ndo = "shuffle"\nseed = 3',
    )
    curator("dedupe", path, "--near", "-o", "one.jsonl")
    curator("sample", "one.jsonl", "-n", "5", "-o", "two.jsonl")
    done = curator("run", steps, path, "-o", "-")
    assert done.returncode == 0, done.stderr
    assert done.stdout == curator("shuffle", "two.jsonl", "--seed", "3").stdout
    assert done.stdout.count("\n") == 5


def test_fixes_of_a_journal_are_a_step_that_gives_the_same(curator: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(lines_of(12).replace(b"Question 3?", b"Question 3?   ").replace(b"Answer 5.", b"  Answer 5. "))
    before = path.read_bytes()
    steps = recipe(tmp_path, '[[step]]\ndo = "fix"\n')
    curator("run", steps, path, "-o", "out.jsonl")
    curator("check", path, "--fix", "-o", "fixed.jsonl")
    fixed = (tmp_path / "fixed.jsonl").read_bytes()
    assert fixed == (tmp_path / "out.jsonl").read_bytes() != before
    curator("check", path, "--fix")
    assert path.read_bytes() == fixed
    (tmp_path / "steps.toml").write_text(curator("history", path, "--recipe").stdout)
    (tmp_path / "before.jsonl").write_bytes(before)
    curator("run", "steps.toml", "before.jsonl", "-o", "again.jsonl")
    assert (tmp_path / "again.jsonl").read_bytes() == fixed


def test_an_exam_is_kept_out_in_a_step(curator: Run, path: Path) -> None:
    (path.parent / "exam.jsonl").write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[2:4]))
    steps = recipe(path.parent, '[[step]]\ndo = "dedupe"\nwithout = ["exam.jsonl"]\n')
    done = curator("run", steps, path, "-o", "out.jsonl")
    assert done.returncode == 0, done.stderr
    every = path.read_bytes().splitlines()
    assert (path.parent / "out.jsonl").read_bytes().splitlines() == [*every[:2], *every[4:]]


def test_records_of_a_filter_are_dropped_tagged_and_split_with_numbers_for_each_step(curator: Run, path: Path) -> None:
    steps = recipe(
        path.parent,
        '[[step]]\ndo = "drop"\nwhere = "assistant ~ /Answer [02468]\\\\./"\n'
        '[[step]]\ndo = "tag"\nwhere = "user ~ /1[0-9]/"\ntag = "late"\n'
        '[[step]]\ndo = "replace"\nwhere = "has:tags"\nfind = "Answer"\nby = "Reply"\n',
    )
    done = curator("run", steps, path, "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "drop: 12 lines in, 7 out." in done.stderr
    assert "2 of 7 records are meant: user ~ /1[0-9]/." in done.stderr
    assert curator("run", steps, path, "-o", "out.jsonl").returncode == 0
    values = list(map(json.loads, (path.parent / "out.jsonl").open()))
    assert [one["messages"][1]["content"] for one in values] == [
        *(f"Answer {one}." for one in (1, 3, 5, 7, 9)),
        "Reply 10.",
        "Reply 11.",
    ]
    assert [one.get("tags") for one in values] == [None] * 5 + [["late"]] * 2


def test_several_files_are_one_to_the_steps(
    curator: Run, path: Path, command: list[str], environment: dict[str, str]
) -> None:
    (path.parent / "b.jsonl").write_bytes(lines_of(3))
    steps = recipe(path.parent, '[[step]]\ndo = "dedupe"\n')
    done = curator("run", steps, path, "b.jsonl", "-o", "out.jsonl.gz")
    assert done.returncode == 0, done.stderr
    assert "dedupe: 15 lines in, 12 out." in done.stderr
    assert gzip.decompress((path.parent / "out.jsonl.gz").read_bytes()) == path.read_bytes()
    piped = subprocess.run(
        [*command, "run", steps, "-", "b.jsonl", "-o", "-"],
        input=gzip.compress(path.read_bytes()),
        capture_output=True,
        cwd=path.parent,
        env=environment,
        check=False,
    )
    assert (piped.returncode, piped.stdout) == (0, path.read_bytes()), piped.stderr


def test_a_packed_file_is_unpacked_where_no_step_writes(curator: Run, path: Path) -> None:
    packed = path.with_name("p.jsonl.gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    steps = recipe(path.parent, '[[step]]\ndo = "check"\n')
    assert curator("run", steps, packed, "-o", "out.jsonl").returncode == 0
    assert (path.parent / "out.jsonl").read_bytes() == path.read_bytes()


def test_the_last_step_may_write_a_folder(curator: Run, path: Path) -> None:
    (path.parent / "other.jsonl").write_bytes(lines_of(40))
    mix = '[[step]]\ndo = "mix"\nweight = 1\nwith = ["other.jsonl:1"]\n'
    steps = recipe(path.parent, mix + '[[step]]\ndo = "shards"\nrecords = 10\n')
    done = curator("run", steps, path, "-o", "parts")
    assert done.returncode == 0, done.stderr
    parts = sorted(one.name for one in (path.parent / "parts").iterdir())
    assert parts == [f"a-{one:05}-of-00003.jsonl" for one in (1, 2, 3)]
    assert curator("run", steps, path, "-o", "-").returncode == 2
    assert curator("run", steps, path, "-o", "more/x-##.jsonl.gz").returncode == 0
    assert sorted(one.name for one in (path.parent / "more").iterdir()) == [f"x-0{one}.jsonl.gz" for one in (1, 2, 3)]
    steps = recipe(path.parent, '[[step]]\ndo = "divide"\nratio = "50:50"\n')
    assert curator("run", steps, path, "-o", "sides").returncode == 0
    assert "is there already" in curator("run", steps, path, "-o", "sides").stderr
    assert curator("run", steps, path, "-o", "sides", "--force").returncode == 0
    lines = b"".join((path.parent / "sides" / f"{one}.jsonl").read_bytes() for one in ("train", "validation"))
    assert sorted(lines.splitlines()) == sorted(path.read_bytes().splitlines())


def test_what_was_done_to_the_records_of_a_filter_is_told_as_steps(curator: Run, path: Path) -> None:
    with editing(path) as at:
        drop = Asked("tokens > 4000", model="gpt-4o")
        at.editor.drop({at.source: BitMap64([1])}, "drop 1 record where tokens > 4000", drop)
        at.editor.tag({at.source: BitMap64([2])}, "long", "tag 1 record: long", Asked("turns > 3"))
        at.editor.drop({at.source: BitMap64([3, 4])}, "drop 2 records where turns = 2", Asked("turns = 2"))
        at.editor.drop({at.source: BitMap64([4])}, "restore #5", on=False)
        replacement = Replacement(Search("Answer"), "Reply")
        asked = Asked("turns < 9", as_listed=True)
        at.editor.sweep({at.source: BitMap64([5])}, replacement, "replace", asked)
    steps = curator("history", path, "--recipe").stdout
    assert tomllib.loads(steps)["step"] == [
        {"do": "drop", "where": "tokens > 4000", "model": "gpt-4o"},
        {"do": "replace", "find": "Answer", "by": "Reply", "where": "turns < 9"},
    ]
    assert '# [[step]]\n# do = "tag"\n# tag = "long"\n# where = "turns > 3"\n' in steps
    assert "# 3: drop 2 records where turns = 2 (2 records): was undone for some of them." in steps
    assert "# 5: replace: records had changed since they were listed, so the step may find others." in steps
    assert steps.startswith("# What was done to a.jsonl, as steps for `curator run`; written 20")
    assert str(path.parent) not in steps


def test_what_a_killed_run_left_is_gone_with_the_next_one(curator: Run, path: Path) -> None:
    stray = path.parent / ".curator-0123456789abcdef.parts"
    stray.mkdir()
    (stray / "step-1.jsonl").write_bytes(lines_of(2))
    steps = recipe(path.parent, '[[step]]\ndo = "shuffle"\n')
    assert curator("run", steps, path, "-o", "out.jsonl").returncode == 0
    assert not [one.name for one in path.parent.iterdir() if one.name.startswith(".curator-")]
