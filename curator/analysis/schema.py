"""JSON Schema: a quick verdict for the audit, and the reasons in sentences for people.

jsonschema-rs gives the verdict, jsonschema checks the schemas and explains; where it finds nothing wrong in what was
rejected, the verdict's own words are given.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Set
from difflib import get_close_matches
from functools import cache
from importlib import resources
from pathlib import Path
from textwrap import shorten
from typing import Any, TypeVar, cast

import jsonschema_rs

from curator.analysis.lint.view import Complaint, escaped, kind_of
from curator.errors import UnreadableError

MOST_COMPLAINTS = 20
SHOWN_CHARACTERS = 60
LONGEST_SENTENCE = 200
DEEPEST_JUDGED = 100
NOTHING_ALLOWED = "nothing is allowed here"

Judgement = TypeVar("Judgement")


class SchemaError(UnreadableError):
    """The user's schema cannot be used."""


class SchemaCheck:
    """One schema, ready to be applied to decoded records."""

    def __init__(self, schema: Any) -> None:
        self.schema = schema
        self._verdict = jsonschema_rs.validator_for(schema, retriever=_no_network)

    def is_valid(self, value: Any) -> bool:
        """Whether the schema accepts the value."""
        return _judged(self._verdict.is_valid, value)

    def places(self, value: Any) -> set[str]:
        """JSON pointers of all that the schema rejects in the value."""
        return {complaint.pointer for complaint in self._in_own_words(value)}

    def complaints(self, value: Any, known: Set[str] = frozenset()) -> list[Complaint]:
        """Why the schema rejects the value, at most 20 reasons, but for those of places in `known`.

        There is one at least if `places` names a place that is not known.
        """
        for reasons in (self._explained(value), self._in_own_words(value)):
            found = [one for one in dict.fromkeys(reasons) if one.pointer not in known]
            if found:
                return found[:MOST_COMPLAINTS]
        return []

    def _explained(self, value: Any) -> list[Complaint]:
        """What jsonschema says; but where nothing is allowed, it does not say where, so that the verdict is asked."""
        explained = _judged(lambda value: list(_explained(self.schema, value)), value)
        placed = [one for one in explained if one.message != NOTHING_ALLOWED]
        if len(placed) < len(explained):
            placed += [one for one in self._in_own_words(value) if one.message == NOTHING_ALLOWED]
        return placed

    def _in_own_words(self, value: Any) -> Iterator[Complaint]:
        for error in _judged(lambda value: list(self._verdict.iter_errors(value)), value):
            pointer = _pointer(error.instance_path)
            unexpected: list[str] | None = getattr(error.kind, "unexpected", None)
            if unexpected is not None:
                yield from (_not_allowed(pointer, key) for key in unexpected)
            elif error.kind.name == "falseSchema":
                yield Complaint(pointer, NOTHING_ALLOWED)
            else:
                yield Complaint(pointer, shorten(error.message, LONGEST_SENTENCE, placeholder=" …"))


def _judged(judge: Callable[[Any], Judgement], value: Any) -> Judgement:
    """The judgement of a library on a value, or on as much of it as the library can take."""
    try:
        return judge(value)
    except (ValueError, RecursionError):
        return judge(_tamed(value, DEEPEST_JUDGED))


def _tamed(value: Any, depth: int) -> Any:
    """The value without halves of characters, and empty where it is nested more deeply."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_tamed(key, 0): _tamed(inner, depth - 1) for key, inner in value.items()} if depth else {}
    if isinstance(value, list):
        return [_tamed(inner, depth - 1) for inner in value] if depth else []
    return value


def read_schema(path: Path) -> str:
    """The text of the user's schema file, found to be a JSON Schema of a draft that curator knows.

    Raises SchemaError with what is wrong, where, and what to do.
    """
    from jsonschema import validators

    try:
        text = path.read_text("utf-8")
        schema = json.loads(text)
    except OSError as error:
        raise SchemaError(f"{path}: the schema cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise SchemaError(f"{path}: the schema is not JSON: {error}.") from error
    if not isinstance(schema, dict | bool):
        raise SchemaError(f"{path}: a schema is an object, true or false; this is {kind_of(schema)}.")
    draft = validators.validator_for(schema, default=cast(Any, None))
    if draft is None and isinstance(schema, dict) and "$schema" in schema:
        raise SchemaError(
            f"{path}: `$schema` names {schema['$schema']!r}, which is not a known draft; "
            "use https://json-schema.org/draft/2020-12/schema."
        )
    draft = draft or validators.Draft202012Validator
    problem = next(iter(draft(draft.META_SCHEMA).iter_errors(schema)), None)
    if problem is not None:
        place = _pointer(problem.absolute_path) or "its top"
        raise SchemaError(f"{path}: not a valid schema at {place}: {problem.message}.")
    try:
        SchemaCheck(schema)
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
        raise SchemaError(f"{path}: the schema cannot be used: {error}.") from error
    return text


@cache
def shipped_schema(dialect: str) -> SchemaCheck:
    """The schema that curator ships for a dialect."""
    return SchemaCheck(json.loads(shipped_schema_text(dialect)))


def shipped_schema_text(dialect: str) -> str:
    """The text of the shipped schema: inside the package when installed, beside it in a working copy."""
    inside = resources.files("curator") / "schemas" / f"{dialect}.json"
    beside = Path(__file__).parents[2] / "schemas" / f"{dialect}.json"
    return (inside if inside.is_file() else beside).read_text("utf-8")


def _no_network(uri: str) -> Any:
    raise ValueError(f"`$ref` to {uri} is not in the schema, and nothing is fetched")


def _explained(schema: Any, value: Any) -> Iterator[Complaint]:
    from jsonschema import validators
    from referencing import Registry

    draft = validators.validator_for(schema, default=validators.Draft202012Validator)
    for error in draft(schema, registry=Registry()).iter_errors(value):
        yield from _innermost(error)


def _innermost(error: Any) -> Iterator[Complaint]:
    """The error, or for one with branches those of the branch that fits best: the one that gets deepest."""
    if not error.context:
        yield from _plainly(error)
        return
    branches: dict[Any, list[Any]] = {}
    for inner in error.context:
        branches.setdefault(inner.schema_path[0], []).append(inner)
    best = min(branches.values(), key=lambda inner: (-max(len(one.absolute_path) for one in inner), len(inner)))
    for inner in best:
        yield from _innermost(inner)


def _plainly(error: Any) -> Iterator[Complaint]:
    pointer = _pointer(error.absolute_path)
    if error.validator == "additionalProperties" and error.validator_value is False:
        known = error.schema.get("properties", {})
        for key in error.instance:
            if key not in known:
                yield _not_allowed(pointer, key, known)
    else:
        yield Complaint(pointer, _sentence(error))


def _not_allowed(pointer: str, key: str, known: Iterable[str] = ()) -> Complaint:
    near = get_close_matches(key, known, 1)
    hint = f"; did you mean `{near[0]}`?" if near else ""
    return Complaint(f"{pointer}/{escaped(key)}", f"the key `{key}` is not allowed here{hint}")


def _pointer(path: Iterable[Any]) -> str:
    return "".join(f"/{escaped(str(token))}" for token in path)


def _sentence(error: Any) -> str:
    limit, value = error.validator_value, error.instance
    match error.validator:
        case "required":
            missing = [key for key in limit if isinstance(value, dict) and key not in value]
            return f"{_quoted(missing)} missing"
        case "type":
            kinds = [limit] if isinstance(limit, str) else limit
            return f"should be {' or '.join(kinds)}, is {kind_of(value)}"
        case "enum":
            return f"is {_shown(value)}; allowed are {', '.join(_shown(one) for one in limit)}"
        case "const":
            return f"is {_shown(value)}; should be {_shown(limit)}"
        case "minItems":
            return f"has {len(value)} items; at least {limit} are needed"
        case "maxItems":
            return f"has {len(value)} items; at most {limit} are allowed"
        case "pattern":
            return f"{_shown(value)} does not match {limit}"
        case "not":
            return f"{_shown(value)} is not allowed here"
        case None:
            return NOTHING_ALLOWED
    long = len(error.message) >= LONGEST_SENTENCE
    return f"breaks `{error.validator}` ({_shown(limit)})" if long else str(error.message)


def _quoted(keys: Iterable[str]) -> str:
    names = [f"`{key}`" for key in keys]
    return f"{', '.join(names)} {'is' if len(names) == 1 else 'are'}"


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"
