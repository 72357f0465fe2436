"""Makes the page of rules from their table: `python docs/make_rules.py`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from curator.analysis.lint.rule import Rule
from curator.analysis.lint.rules import RULES
from curator.analysis.lint.thresholds import Thresholds
from curator.records.fixing import fixes_of

PAGE = Path(__file__).with_name("rules.md")

HEAD = """\
# Rules

Made by `docs/make_rules.py` from the table in `curator/analysis/lint/`. `curator rules` lists the rules, and
`curator explain CUR024` shows one, with what holds in the folder where it is called.

## Choosing

| for | how |
|---|---|
| one call | `--ignore CUR024`, `--select CUR015`; both may be repeated |
| a project | in `curator.toml` as below, or in `pyproject.toml` under `[tool.curator.lint]` |
| some files | `[lint.ignore]`: a pattern of the path, or of the name |
| one record | the tag `ignore:CUR024` on it (key `t`): list, reader, keys, filters, sums and `check` leave it out |

```toml
[lint]
off = ["CUR019"]
on = ["CUR040"]
fewest_examples = 20

[lint.severity]
CUR012 = "error"

[lint.ignore]
"old/*.jsonl" = ["CUR024", "CUR028"]
```

Errors make the exit code of `curator check` 1, warnings do so with `--fail-on warning`. Secrets and personal data are
never shown by a finding: only their kind, their length and where they stand.
"""


def page() -> str:
    """The whole page."""
    return "\n".join((HEAD, *_thresholds(), *_list(), *(_rule(rule) for rule in RULES)))


def _thresholds() -> Iterator[str]:
    yield "## Thresholds\n\n| name | built in |\n|---|---:|"
    values = Thresholds()
    for one in fields(Thresholds):
        yield f"| `{one.name}` | {getattr(values, one.name):,} |"
    yield ""


def _list() -> Iterator[str]:
    yield "## All rules\n\n| code | severity | rule |\n|---|---|---|"
    for rule in RULES:
        yield f"| [{rule.code}](#{rule.code.lower()}) | {_severity(rule)} | {rule.title} |"
    yield ""


def _rule(rule: Rule) -> str:
    about = f"**{rule.title}** ({_severity(rule)}). {rule.reason}"
    fixes = [f"`{fix.name}` ({fix.title}{'; look first' if fix.risk else ''})" for fix in fixes_of([rule.number])]
    mended = f" Fixes: {', '.join(fixes)}; see [fixing.md](fixing.md)." if fixes else ""
    examples = "".join(_example(*one) for one in (("Found", rule.bad), ("Not found", rule.good)) if one[1])
    return f"## {rule.code}\n\n{about}\n\nSource: {rule.source}.{mended}\n{examples}"


def _example(title: str, text: str) -> str:
    shown = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace").replace("\r", "\\r")
    return f"\n{title}:\n\n```\n{shown}\n```\n"


def _severity(rule: Rule) -> str:
    return f"{rule.severity.value}{'' if rule.on_by_default else ', off unless asked for'}"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
