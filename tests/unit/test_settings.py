"""Settings come in layers, and what is wrong with one is told with its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from curator.errors import UnreadableError, UsageError
from curator.settings import DEFAULT_MODEL, TABLES, Settings, load_settings, own_price, user_config


@pytest.fixture
def layers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Writes a settings file of a layer; the project is the current folder."""
    home, here = tmp_path / "home", tmp_path / "project"
    here.mkdir()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))
    monkeypatch.chdir(here)
    places = {"user": user_config(), "project": here / "curator.toml", "pyproject": here / "pyproject.toml"}
    assert str(places["user"]).startswith(str(tmp_path))

    def write(layer: str, text: str) -> None:
        places[layer].parent.mkdir(parents=True, exist_ok=True)
        places[layer].write_text(text, "utf-8")

    return write


Write = Callable[[str, str], None]


@pytest.mark.usefixtures("layers")
def test_nothing_chosen_is_what_is_built_in() -> None:
    assert load_settings({}, {}) == Settings()
    assert load_settings({}, {}).model == DEFAULT_MODEL


def test_each_layer_overrides_the_one_below(layers: Write) -> None:
    layers("user", 'model = "user"\nedition = "user"\nschema = "user"\ndialect = "user"')
    assert load_settings({}, {}).model == "user"
    layers("project", 'model = "project"\nedition = "project"\nschema = "project"')
    environment = {"CURATOR_MODEL": "environment", "CURATOR_EDITION": "environment"}
    found = load_settings({"model": "typed"}, environment)
    assert (found.model, found.edition, found.schema, found.dialect) == ("typed", "environment", "project", "user")
    assert found.theme == Settings().theme


def test_the_project_may_keep_its_settings_in_pyproject_toml(layers: Write) -> None:
    layers("pyproject", '[project]\nname = "x"\n[tool.curator]\nepochs = 7\n[tool.other]\nmodel = 5')
    assert load_settings({}, {}).epochs == 7
    layers("project", "workers = 2")
    assert load_settings({}, {}) == Settings(workers=2)


@pytest.mark.parametrize("text", ["", "tool = 3", "[tool]\nother = 1", "[project]\nname = 'x'"])
def test_a_pyproject_toml_without_settings_is_no_fault(layers: Write, text: str) -> None:
    layers("pyproject", text)
    assert load_settings({}, {}) == Settings()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('modle = "x"', "there is no setting `modle`; did you mean `model`?"),
        ("acelerate = true", "there is no setting `acelerate`; did you mean `accelerate`?"),
        ("zzz = 1", "there is no setting `zzz`; known are model, edition, "),
        ("model = 5", "`model` is 5; it takes text."),
        ('epochs = "3"', "`epochs` is '3'; it takes a whole number."),
        ("epochs = 3.0", "`epochs` is 3.0; it takes a whole number."),
        ("epochs = true", "`epochs` is True; it takes a whole number."),
        ("mouse = 1", "`mouse` is 1; it takes true or false."),
        ("epochs = -1", "`epochs` is -1; it takes 0 or more."),
        ("context_length = -5", "`context_length` is -5; it takes 0 or more."),
        ("workers = -2", "`workers` is -2; it takes -1 or more."),
    ],
)
def test_a_wrong_setting_is_told_with_its_file(layers: Write, text: str, told: str) -> None:
    layers("project", text)
    with pytest.raises(UsageError) as error:
        load_settings({}, {})
    assert str(error.value).startswith(f"curator.toml: {told}")
    layers("project", "")
    layers("user", text)
    with pytest.raises(UsageError) as error:
        load_settings({}, {})
    assert str(error.value).startswith(f"{user_config()}: {told}")


def test_settings_in_pyproject_toml_have_to_be_a_table(layers: Write) -> None:
    layers("pyproject", "[tool]\ncurator = 3")
    with pytest.raises(UsageError, match=r"pyproject\.toml: `tool\.curator` is 3; it takes a table\."):
        load_settings({}, {})
    layers("pyproject", "[tool.curator]\nmodle = 3")
    with pytest.raises(UsageError, match=r"pyproject\.toml, \[tool\.curator\]: there is no setting `modle`"):
        load_settings({}, {})


@pytest.mark.parametrize("text", ["model = ", "model", "a = 1\na = 2", "[x"])
def test_broken_toml_is_told_with_the_file(layers: Write, text: str) -> None:
    layers("project", text)
    with pytest.raises(UnreadableError, match=r"^curator\.toml: is not valid TOML: .*\.$"):
        load_settings({}, {})


def test_a_settings_file_that_is_not_utf8_is_told(layers: Write) -> None:
    layers("project", "")
    Path("curator.toml").write_bytes(b'model = "\xff"')
    with pytest.raises(UnreadableError, match=r"curator\.toml: is not valid TOML"):
        load_settings({}, {})


@pytest.mark.usefixtures("layers")
@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("CURATOR_MODEL", "gpt-4", "gpt-4"),
        ("CURATOR_EPOCHS", "3", 3),
        ("CURATOR_WORKERS", "-1", -1),
        ("CURATOR_ACCELERATE", "no", False),
        ("CURATOR_ACCELERATE", "ON", True),
        ("CURATOR_MOUSE", "1", True),
        ("CURATOR_MOUSE", "False", False),
    ],
)
def test_the_environment_is_read_in_the_kind_of_the_setting(name: str, text: str, value: Any) -> None:
    assert getattr(load_settings({}, {name: text}), name.removeprefix("CURATOR_").lower()) == value


@pytest.mark.usefixtures("layers")
@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("CURATOR_EPOCHS", "three", "CURATOR_EPOCHS is 'three'; it takes a whole number."),
        ("CURATOR_MOUSE", "maybe", "CURATOR_MOUSE is 'maybe'; it takes true or false."),
        ("CURATOR_MOUSE", "", "CURATOR_MOUSE is ''; it takes true or false."),
        ("CURATOR_WORKERS", "-3", "the environment: `workers` is -3; it takes -1 or more."),
    ],
)
def test_a_wrong_value_in_the_environment_is_told_with_its_name(name: str, text: str, told: str) -> None:
    with pytest.raises(UsageError) as error:
        load_settings({}, {name: text})
    assert str(error.value) == told


@pytest.mark.usefixtures("layers")
def test_other_variables_are_none_of_our_business() -> None:
    assert load_settings({}, {"CURATOR_NOTHING": "x", "MODEL": "y", "curator_model": "z"}) == Settings()


def test_every_setting_is_of_a_kind_that_files_and_environment_can_hold() -> None:
    assert {type(one.default) for one in fields(Settings) if one.name not in TABLES} <= {str, int, bool}


# Schemas of one's own


def test_schemas_of_each_layer_are_kept_and_one_for_all_replaces_them(layers: Write) -> None:
    layers("user", '[schemas]\ntrl = "a.json"')
    layers("project", '[schemas]\nsharegpt = "b.json"')
    found = load_settings({}, {"CURATOR_SCHEMAS": "x"}).schemas
    assert [(one.dialect, one.path) for one in found] == [("trl", "a.json"), ("sharegpt", "b.json")]
    assert load_settings({"schema": "all.json"}, {}).schemas == ()


@pytest.mark.parametrize("text", ['schemas = "a.json"', "[schemas]\ntrl = 4"])
def test_schemas_that_are_no_table_of_paths_are_refused(layers: Write, text: str) -> None:
    layers("project", text)
    with pytest.raises(UsageError, match="`schemas"):
        load_settings({}, {})


# Prices of one's own


def test_prices_of_each_layer_are_kept_in_order(layers: Write) -> None:
    layers("user", '[prices."gpt-4.1"]\ninput = 1.10\ncontext = 1_000_000')
    layers("project", '[prices."gpt-4.1"]\ninput = "0.15"')
    typed = own_price("gpt-4o", "output", "7", "the command line")
    found = load_settings({"prices": (typed,)}, {"CURATOR_PRICES": "x"}).prices
    assert [(one.model, one.field, str(one.value)) for one in found] == [
        ("gpt-4.1", "input", "1.10"),
        ("gpt-4.1", "context", "1000000"),
        ("gpt-4.1", "input", "0.15"),
        ("gpt-4o", "output", "7"),
    ]
    assert [one.origin for one in found] == [str(user_config())] * 2 + ["curator.toml", "the command line"]


def test_a_price_is_never_a_float(layers: Write) -> None:
    layers("pyproject", '[tool.curator.prices."m"]\ninput = 0.1000000000000000055511151231257827\noutput = 3')
    read, written = load_settings({}, {}).prices
    assert type(read.value) is type(written.value) is Decimal
    assert str(read.value) == "0.1000000000000000055511151231257827"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("prices = 3", '`prices` is 3; it takes tables such as [prices."gpt-4o-mini"].'),
        ("prices = 3.5", "`prices` is 3.5; it takes tables"),
        ("prices.x = 3.5", '`prices."x"` is 3.5; it takes a table of prices.'),
        ("[prices.gpt-4.1]\ninput = 1", 'put the model\'s name in quotes: [prices."gpt-4.1"].'),
        ("[prices.x]\ninptu = 1", '`prices."x".inptu`: there is no such price; did you mean `input`?'),
        ("[prices.x]\nzzz = 1", '`prices."x".zzz`: there is no such price; known are input, cached_input, output,'),
        ("[prices.x]\ninput = true", '`prices."x".input` is True; it takes an amount of 0 or more.'),
        ('[prices.x]\ninput = "cheap"', "`prices.\"x\".input` is 'cheap'; it takes an amount of 0 or more."),
        ("[prices.x]\ninput = -1.5", '`prices."x".input` is -1.5; it takes an amount of 0 or more.'),
        ("[prices.x]\ninput = nan", '`prices."x".input` is NaN; it takes an amount of 0 or more.'),
        ("[prices.x]\ncontext = 1e999999", '`prices."x".context` is 1E+999999; it takes an amount'),
        ("[prices.x]\ncontext = 1.5", '`prices."x".context` is 1.5; it takes a whole number of tokens, 1 or more.'),
        ("[prices.x]\nlongest_example = 0", "is 0; it takes a whole number of tokens, 1 or more."),
    ],
)
def test_a_wrong_price_is_told_with_its_place(layers: Write, text: str, told: str) -> None:
    layers("project", text)
    with pytest.raises(UsageError) as error:
        load_settings({}, {})
    assert str(error.value).startswith("curator.toml: ")
    assert told in str(error.value)
