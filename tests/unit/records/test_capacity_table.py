"""The table of what each dialect can hold, as it is documented, and as the code and the schemas have it."""

from __future__ import annotations

from pathlib import Path

import pytest

from curator.analysis.schema import shipped_schema
from curator.records.converting import CAPACITIES, convert, table
from curator.records.converting.ways import Keys, Ways
from curator.records.dialects import NAMES, dialect_named

PROJECT = Path(__file__).resolve().parents[3]


def test_the_documented_table_is_that_of_the_code() -> None:
    page = (PROJECT / "docs" / "converting.md").read_text("utf-8")
    begin, end = "capacity.py -->\n", "\n<!-- end -->"
    assert page.partition(begin)[2].partition(end)[0] == table()


SPOKEN = {"messages": [{"role": "user", "content": "Which rose?"}, {"role": "assistant", "content": "Gallica."}]}
PAIR = {
    "prompt": SPOKEN["messages"][:1],
    "chosen": SPOKEN["messages"][1:],
    "rejected": [{"role": "assistant", "content": "Any."}],
}


@pytest.mark.parametrize("name", NAMES)
def test_further_keys_pass_the_schema_just_where_the_table_says_so(name: str) -> None:
    source = "trl" if name == "openai-preference" else "openai-chat"
    record = PAIR if source == "trl" else SPOKEN
    made = convert(record | {"zz": 1}, dialect_named(source), dialect_named(name), Ways(Keys.KEEP)).records[0]
    assert made["zz"] == 1
    if name != source:
        assert shipped_schema(name).is_valid(made) is CAPACITIES[name].keys
        del made["zz"]
        assert shipped_schema(name).is_valid(made)
