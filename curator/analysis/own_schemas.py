"""The user's own schemas: read once, with all files that they refer to, into one text that workers can be given."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote

import jsonschema_rs

from curator.analysis.lint.view import kind_of
from curator.analysis.schema import SchemaCheck
from curator.analysis.schema_sentences import pointer_to
from curator.errors import UnreadableError

PLACE = "file:///curator/"
BASE = f"{PLACE}schema/"
"""Where a schema without an address of its own is said to stand: `../` leads out of it, and can be told."""
ADDRESSES = ("http://", "https://", "file://")
BESIDE_A_REFERENCE = ("$schema", "definitions", "$defs")
"""Keys that count beside a `$ref` in drafts 4 to 7."""


UNUSABLE = (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError)
"""How the library says that it cannot use a schema."""


class SchemaError(UnreadableError):
    """The user's schema cannot be used."""


def read_schema(path: Path) -> str:
    """The text of the user's schema file, found to be a JSON Schema of a draft that curator knows.

    Files of its folder that it refers to by `$ref`, and those that they refer to, are put into it.
    Raises SchemaError with what is wrong, where, and what to do.
    """
    text, schema = _read(path)
    try:
        SchemaCheck(schema)
    except UNUSABLE as error:
        return _bundled(path, schema, error)
    return text


def _bundled(path: Path, schema: Any, fault: Exception) -> str:
    """The schema with the files that it refers to; `fault` is why it cannot be used without them."""
    if not isinstance(schema, dict):
        raise SchemaError(f"{path}: the schema cannot be used: {fault}.") from fault
    files = _Files(path, schema)
    try:
        bundle = jsonschema_rs.bundle(files.addressed(schema), retriever=files.find)
        SchemaCheck(bundle)
    except UNUSABLE as error:
        problem = files.problem or SchemaError(f"{path}: the schema cannot be used: {error}.")
        raise problem from error
    return json.dumps(bundle)


class _Files:
    """The files that a schema refers to: of its own folder, and of no other place."""

    def __init__(self, path: Path, schema: dict[str, Any]) -> None:
        self._path = path
        self._folder = path.parent.resolve()
        own = schema.get("$id")
        self._own = own if isinstance(own, str) and own.startswith(ADDRESSES) else BASE + path.name
        self._base = self._own.rpartition("/")[0] + "/"
        self.problem: SchemaError | None = None
        """Why a file could not be taken: the library tells it in its own words only."""

    def addressed(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The schema with the address that its references are relative to."""
        return schema if schema.get("$id") == self._own else {**schema, "$id": self._own}

    def find(self, address: str) -> Any:
        """The schema at an address. Raises SchemaError, and keeps it, where it is not a sound file of the folder."""
        try:
            return self._find(address)
        except SchemaError as error:
            self.problem = self.problem or error
            raise

    def _find(self, address: str) -> Any:
        if not address.startswith(self._base):
            inner = address.startswith(PLACE)
            what = "leads out of the schema's folder" if inner else "is not in the schema"
            name = f"../{address.removeprefix(PLACE)}" if inner else address
            raise SchemaError(f"{self._path}: `$ref` to {name} {what}, and nothing is fetched; put a copy beside it.")
        path = self._path.parent / unquote(address[len(self._base) :])
        if not path.resolve().is_relative_to(self._folder):
            raise SchemaError(f"{self._path}: `$ref` to {path} leads out of the schema's folder; put a copy inside it.")
        schema = _read(path, self._path)[1]
        if isinstance(schema, dict) and "$ref" in schema and "2020" not in schema.get("$schema", ""):
            kept = {key: schema[key] for key in BESIDE_A_REFERENCE if key in schema}
            return {**kept, "allOf": [{"$ref": schema["$ref"]}]}
        return schema


def _read(path: Path, asked_by: Path | None = None) -> tuple[str, Any]:
    """The text of a file and the schema in it, found to be sound in itself."""
    named = f"{asked_by}: {path}, to which it refers" if asked_by else str(path)
    try:
        text = path.read_text("utf-8")
        schema = json.loads(text)
    except OSError as error:
        raise SchemaError(f"{named}: the schema cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise SchemaError(f"{named}: the schema is not JSON: {error}.") from error
    _check(named, schema)
    return text, schema


def _check(named: str, schema: Any) -> None:
    from jsonschema import validators

    if not isinstance(schema, dict | bool):
        raise SchemaError(f"{named}: a schema is an object, true or false; this is {kind_of(schema)}.")
    draft = validators.validator_for(schema, default=cast(Any, None))
    if draft is None and isinstance(schema, dict) and "$schema" in schema:
        raise SchemaError(
            f"{named}: `$schema` names {schema['$schema']!r}, which is not a known draft; "
            "use https://json-schema.org/draft/2020-12/schema."
        )
    draft = draft or validators.Draft202012Validator
    problem = next(iter(draft(draft.META_SCHEMA).iter_errors(schema)), None)
    if problem is not None:
        place = pointer_to(problem.absolute_path) or "its top"
        raise SchemaError(f"{named}: not a valid schema at {place}: {problem.message}.")
