"""One frozen Settings, made of layers: built in < user's config < project's config < environment < what was typed."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from curator.errors import UnreadableError, UsageError
from curator.filter_settings import SavedFilter, filters_in
from curator.lint_settings import NOTHING_SAID, LintSettings, lint_settings_in
from curator.schema_settings import OwnSchema, own_schemas_in
from curator.target_settings import TargetOption, target_options_in

DEFAULT_MODEL = "gpt-4o-mini-2024-07-18"
ENVIRONMENT_PREFIX = "CURATOR_"
YES, NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off")
LEAST = {"context_length": 0, "epochs": 0, "workers": -1, "near_percent": 1, "cache_size": 0, "cache_days": 0}
MOST = {"near_percent": 100}
AMOUNTS = ("input", "cached_input", "output", "training")
"""What of a model's prices can be one's own, in US dollars."""
LENGTHS = ("context", "longest_example")
"""What of a model's limits can be one's own, in tokens."""
LARGEST_PRICE = 10**12
TABLES = ("prices", "lint", "schemas", "targets", "filters")
"""Settings that are tables in a file, and not in the environment."""


@dataclass(frozen=True, slots=True)
class OwnPrice:
    """One figure of the price book that the user replaces."""

    model: str
    """Id or alias; with `@EDITION` behind it, of that edition."""
    field: str
    """One of AMOUNTS and LENGTHS."""
    value: Decimal
    origin: str
    """Where it was set."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user can choose. Field names are the keys in `curator.toml` and, upper case, in the environment."""

    model: str = DEFAULT_MODEL
    """The model whose prices, limit and encoding count."""
    edition: str = ""
    """Edition of the price book; empty for the newest that holds the model."""
    context_length: int = 0
    """Tokens of the longest example in place of the model's own; 0 for the model's own."""
    epochs: int = 0
    """Training epochs; 0 for the service's default rule."""
    dialect: str = ""
    """Dialect that all files are read in; empty to detect it for each."""
    schema: str = ""
    """Path of the user's own JSON Schema; empty for the shipped ones."""
    schemas: tuple[OwnSchema, ...] = ()
    """The user's own schemas for single dialects, the later over the earlier; a table `[schemas]` in a file."""
    target: str = ""
    """The trainer that the data are for; empty for none in particular. `curator targets` lists them."""
    tokenizer: str = ""
    """Path of the model's own `tokenizer.json`, or of the folder it is in; empty for OpenAI's encodings."""
    journal: str = ""
    """Path of the journal of what is done to a file; empty for beside the file."""
    near_percent: int = 80
    """Percent of their word triples that near duplicates have in common."""
    tags: str = ""
    """Your own tags, separated by commas: `t` and a digit put the first nine on."""
    workers: int = 0
    """Worker processes of the audit; 0 for one a core, -1 for none (in the program's own process)."""
    accelerate: bool = True
    """Whether to count with the faster library where it is installed."""
    cache_dir: str = ""
    """Folder for what can be made again: unpacked copies, and what audits found; empty for the user's cache folder."""
    cache_size: int = 20_000
    """Megabytes of unpacked copies that are kept for the next time."""
    cache_days: int = 30
    """Days that an unpacked copy is kept after it was last used."""
    theme: str = "textual-dark"
    """Colours of the terminal program: any of Textual's themes."""
    mouse: bool = False
    """Whether the terminal program listens to the mouse, which costs traffic on slow lines."""
    prices: tuple[OwnPrice, ...] = ()
    """The user's own figures in the price book, the later over the earlier; a table `[prices."MODEL"]` in a file."""
    lint: LintSettings = NOTHING_SAID
    """Which rules are asked, and how bad their findings are; a table `[lint]` in a file."""
    targets: tuple[TargetOption, ...] = ()
    """The trainers' own options, the later over the earlier; tables `[targets.NAME]` in a file."""
    filters: tuple[SavedFilter, ...] = ()
    """Filters with names, the later over the earlier; a table `[filters]` in a file."""

    @property
    def named_filters(self) -> dict[str, str]:
        """The expressions of the saved filters, by name."""
        return {one.name: one.expression for one in self.filters}


def load_settings(typed: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this call; `typed` holds only what stood on the command line.

    Raises UsageError or UnreadableError with the file and the key at fault.
    """
    settings = Settings()
    for path in (user_config(), Path("curator.toml")):
        if path.is_file():
            settings = _apply(settings, _read(path), str(path))
    project = Path("pyproject.toml")
    if project.is_file() and not Path("curator.toml").is_file():
        settings = _apply(settings, _own_table(_read(project), project), f"{project}, [tool.curator]")
    variables = os.environ if environment is None else environment
    settings = _apply(settings, _from_environment(variables), "the environment")
    return _apply(settings, typed, "the command line")


def user_config() -> Path:
    """Where the user's own settings are read from."""
    import platformdirs

    return Path(platformdirs.user_config_dir("curator", appauthor=False)) / "curator.toml"


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"), parse_float=Decimal)
    except OSError as error:
        raise UnreadableError(f"{path}: cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise UnreadableError(f"{path}: is not valid TOML: {error}.") from error


def _own_table(values: dict[str, Any], path: Path) -> dict[str, Any]:
    tools = values.get("tool")
    own = tools.get("curator", {}) if isinstance(tools, dict) else {}
    if not isinstance(own, dict):
        raise UsageError(f"{path}: `tool.curator` is {own!r}; it takes a table.")
    return own


def _from_environment(variables: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in fields(Settings):
        text = variables.get(f"{ENVIRONMENT_PREFIX}{one.name.upper()}")
        if text is not None and one.name not in TABLES:
            found[one.name] = _parsed(text, type(one.default), one.name)
    return found


def _parsed(text: str, kind: type, name: str) -> Any:
    if kind is bool:
        if text.lower() in YES + NO:
            return text.lower() in YES
    elif kind is int:
        try:
            return int(text)
        except ValueError:
            pass
    else:
        return text
    raise UsageError(f"{ENVIRONMENT_PREFIX}{name.upper()} is {text!r}; it takes {_article(kind)}.")


def _apply(settings: Settings, values: Mapping[str, Any], origin: str) -> Settings:
    kinds: dict[str, type[Any]] = {one.name: type(one.default) for one in fields(Settings)}
    changes = dict(values)
    prices = settings.prices + _own_prices(changes.pop("prices", {}), origin)
    lint = lint_settings_in(changes.pop("lint", {}), origin).over(settings.lint)
    targets = settings.targets + target_options_in(changes.pop("targets", {}), origin)
    before = () if "schema" in changes else settings.schemas  # one for all takes the place of those for single dialects
    schemas = before + own_schemas_in(changes.pop("schemas", {}), origin)
    filters = settings.filters + filters_in(changes.pop("filters", {}), origin)
    for name, value in changes.items():
        if name not in kinds:
            near = get_close_matches(name, kinds, 1)
            hint = f"; did you mean `{near[0]}`?" if near else f"; known are {', '.join(kinds)}."
            raise UsageError(f"{origin}: there is no setting `{name}`{hint}")
        if type(value) is not kinds[name]:
            raise UsageError(f"{origin}: `{name}` is {_shown(value)}; it takes {_article(kinds[name])}.")
        least = LEAST.get(name)
        if least is not None and value < least:
            raise UsageError(f"{origin}: `{name}` is {value}; it takes {least} or more.")
        if value > MOST.get(name, value):
            raise UsageError(f"{origin}: `{name}` is {value}; it takes {MOST[name]} or less.")
    changes |= {"prices": prices, "schemas": schemas, "lint": lint, "targets": targets, "filters": filters}
    return replace(settings, **changes)


def _article(kind: type) -> str:
    return {bool: "true or false", int: "a whole number"}.get(kind, "text")


def _shown(value: Any) -> str:
    return str(value) if isinstance(value, Decimal) else repr(value)


def _own_prices(table: Any, origin: str) -> tuple[OwnPrice, ...]:
    """The prices of a file, `{model: {field: value}}`; those that were typed are made already."""
    if isinstance(table, tuple):
        return table
    return tuple(_prices_in(table, origin))


def _prices_in(table: Any, origin: str) -> Iterator[OwnPrice]:
    if not isinstance(table, dict):
        raise UsageError(f'{origin}: `prices` is {_shown(table)}; it takes tables such as [prices."gpt-4o-mini"].')
    for model, figures in table.items():
        if not isinstance(figures, dict):
            raise UsageError(f'{origin}: `prices."{model}"` is {_shown(figures)}; it takes a table of prices.')
        for name, value in figures.items():
            if isinstance(value, dict):
                raise UsageError(f'{origin}: put the model\'s name in quotes: [prices."{model}.{name}"].')
            yield own_price(model, name, value, origin)


def own_price(model: str, name: str, value: Any, origin: str) -> OwnPrice:
    """One figure of the user's own, as it stands in a file or on the command line. Raises UsageError."""
    place = f'{origin}: `prices."{model}".{name}`'
    if name not in AMOUNTS + LENGTHS:
        near = get_close_matches(name, AMOUNTS + LENGTHS, 1)
        hint = f"did you mean `{near[0]}`?" if near else f"known are {', '.join(AMOUNTS + LENGTHS)}."
        raise UsageError(f"{place}: there is no such price; {hint}")
    try:
        amount = Decimal(value) if type(value) in (str, int, Decimal) else None
    except InvalidOperation:
        amount = None
    if amount is None or not amount.is_finite() or not 0 <= amount <= LARGEST_PRICE:
        raise UsageError(f"{place} is {_shown(value)}; it takes an amount of 0 or more.")
    if name in LENGTHS and (amount != amount.to_integral_value() or not amount):
        raise UsageError(f"{place} is {_shown(value)}; it takes a whole number of tokens, 1 or more.")
    return OwnPrice(model, name, amount, origin)
