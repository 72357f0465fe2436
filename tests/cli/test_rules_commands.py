"""`curator rules` and `curator explain`, and rules that are chosen on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from curator.analysis.lint.rule import Rule
from curator.analysis.lint.rules import RULES
from curator.cli import commands
from curator.cli.exit_codes import Exit
from curator.errors import UsageError

BLANKS = '{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hi. "}], "id": 1}\n'


def test_all_rules_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.run("rules", []) is Exit.CLEAN
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()[1:]] == [rule.code for rule in RULES]


def test_the_list_says_what_holds_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("curator.toml").write_text('[lint]\noff = ["CUR024"]\n[lint.severity]\nCUR012 = "error"\n')
    commands.run("rules", ["--json"])
    severities = {one["code"]: one["severity"] for one in json.loads(capsys.readouterr().out)}
    assert (severities["CUR024"], severities["CUR012"], severities["CUR035"]) == ("off", "error", "warning")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_rule_is_explained_whole(rule: Rule, capsys: pytest.CaptureFixture[str]) -> None:
    code = rule.code
    assert commands.run("explain", [code.lower()]) is Exit.CLEAN
    text = capsys.readouterr().out
    for part in (code, "Source: ", f"--ignore {code}", f"ignore:{code}"):
        assert part in text
    assert ("\nfound:" in text, "\nnot found:" in text) == (bool(rule.bad), bool(rule.good))


def test_a_misspelt_rule_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean CUR013"):
        commands.run("explain", ["CRU013"])


@pytest.mark.usefixtures("lines_alone")
@pytest.mark.parametrize(
    ("options", "codes"),
    [
        ([], ["CUR009", "CUR024"]),
        (["--ignore", "CUR009"], ["CUR024"]),
        (["--ignore", "cur009,CUR024"], []),
        (["--select", "CUR024"], ["CUR024"]),
        (["--select", "CUR024", "--select", "CUR009", "--ignore", "CUR024"], ["CUR009"]),
    ],
)
def test_rules_are_chosen(
    options: list[str], codes: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(BLANKS)
    commands.run("check", [str(path), "--format", "json", "--workers", "inline", *options])
    assert [json.loads(line)["code"] for line in capsys.readouterr().out.splitlines()] == codes
