"""What a schema rejects, in sentences: what is there, what was expected, and the nearest that is allowed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from curator.analysis.lint.view import Complaint, escaped, kind_of

SHOWN_CHARACTERS = 60
LONGEST_SENTENCE = 200
LONGEST_LIST = 120
"""Characters of a list of what is allowed."""
NOTHING_ALLOWED = "nothing is allowed here"
TELLING = ("const", "enum")
"""Keywords that tell for which kind of value a branch is meant, where they stand on one of its members."""
KINDS = {
    "string": "a string",
    "array": "a list",
    "object": "an object",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}


def explained(schema: Any, value: Any) -> Iterator[Complaint]:
    """Why the schema rejects the value, as jsonschema finds it out; nothing is fetched."""
    from jsonschema import validators
    from jsonschema_specifications import REGISTRY

    draft = validators.validator_for(schema, default=validators.Draft202012Validator)
    for error in draft(schema, registry=REGISTRY).iter_errors(value):
        yield from _innermost(error)


def pointer_to(path: Iterable[Any]) -> str:
    """The JSON pointer (RFC 6901) of a path of keys and places."""
    return "".join(f"/{escaped(str(token))}" for token in path)


def not_allowed(pointer: str, key: str, known: Iterable[str] = ()) -> Complaint:
    """The complaint about a key that is not allowed in the object at `pointer`; `known` are those that are."""
    return Complaint(f"{pointer}/{escaped(key)}", f"the key `{key}` is not allowed here{_hint(key, known)}")


# Branches


def _innermost(error: Any) -> Iterator[Complaint]:
    """The error, or for one with branches those of the branch that fits best."""
    if not error.context:
        yield from _plainly(error)
        return
    branches: dict[Any, list[Any]] = {}
    for inner in error.context:
        branches.setdefault(next(iter(inner.schema_path), None), []).append(inner)
    kinds = [_wrong_kind(branch) for branch in branches.values()]
    if all(kinds):
        yield Complaint(pointer_to(error.absolute_path), _wanted_kinds(kind for one in kinds if one for kind in one))
        return
    fitting = [branch for branch, kind in zip(branches.values(), kinds, strict=True) if not kind]
    names = [_wrong_name(branch) for branch in fitting]
    if all(names) and len({one.absolute_path[-1] for one in names if one}) == 1:
        wanted = [allowed for one in names if one for allowed in _allowed(one)]
        first = next(one for one in names if one)
        yield Complaint(pointer_to(first.absolute_path), _not_among(first.instance, wanted))
        return
    for inner in min(fitting, key=_misfit):
        yield from _innermost(inner)


def _misfit(branch: list[Any]) -> tuple[bool, int, int]:
    """How badly a branch fits: whether it is meant for another name, then how early it fails, and how often."""
    return _wrong_name(branch) is not None, -max(len(one.absolute_path) for one in branch), len(branch)


def _wrong_kind(branch: list[Any]) -> list[str] | None:
    """The kinds of value that the branch is for, if the value is of none of them."""
    for one in branch:
        if one.validator == "type" and not one.relative_path:
            kinds: list[str] = [one.validator_value] if isinstance(one.validator_value, str) else one.validator_value
            return [*kinds, f"is {kind_of(one.instance)}"]
    return None


def _wanted_kinds(kinds: Iterable[str]) -> str:
    """The sentence of a value that no branch is for; `kinds` hold what the value is, too."""
    every = list(dict.fromkeys(kinds))
    found = next(one for one in every if one not in KINDS)
    return f"should be {_either([KINDS[one] for one in every if one in KINDS])}, {found}"


def _wrong_name(branch: list[Any]) -> Any:
    """The error by which a member such as `type` or `role` tells that the branch is for another kind of object."""
    return next((one for one in branch if one.validator in TELLING and len(one.relative_path) == 1), None)


def _allowed(error: Any) -> list[Any]:
    return [error.validator_value] if error.validator == "const" else list(error.validator_value)


# Sentences


def _plainly(error: Any) -> Iterator[Complaint]:
    pointer = pointer_to(error.absolute_path)
    if error.validator == "additionalProperties" and error.validator_value is False:
        known = error.schema.get("properties", {})
        missing = {key for key in error.schema.get("required", ()) if key not in error.instance}
        for key in error.instance:
            if key not in known:
                yield not_allowed(pointer, key, missing or known)
    elif error.validator == "required":
        yield from _missing(pointer, error)
    else:
        yield Complaint(pointer, _sentence(error))


def _missing(pointer: str, error: Any) -> Iterator[Complaint]:
    """Once for all keys: the library tells them one by one."""
    value, known = error.instance, error.schema.get("properties", {})
    missing = [key for key in error.validator_value if isinstance(value, dict) and key not in value]
    spare = [key for key in value if key not in known]
    near = [(key, match) for key in missing for match in get_close_matches(key, spare, 1)]
    hint = f"; is `{near[0][1]}` meant?" if near else ""
    yield Complaint(pointer, f"{_quoted(missing)} missing{hint}")


def _sentence(error: Any) -> str:
    told = SENTENCES.get(error.validator)
    if told is not None:
        return told(error.validator_value, error.instance)
    if error.validator in SIZES:
        return SIZES[error.validator].format(_size(error.instance), f"{error.validator_value:,}")
    if error.validator == "pattern":
        meaning = str(error.schema.get("description", "")).removesuffix(".")
        told_by = f": {meaning[:1].lower()}{meaning[1:]}" if meaning else ""
        return f"{_shown(error.instance)} does not match {_cut(error.validator_value)}{_cut(told_by)}"
    long = len(error.message) >= LONGEST_SENTENCE
    return f"breaks `{error.validator}` ({_shown(error.validator_value)})" if long else str(error.message)


def _wrong_type(kinds: str | list[str], value: Any) -> str:
    wanted = [kinds] if isinstance(kinds, str) else kinds
    return f"should be {_either([KINDS.get(one, one) for one in wanted])}, is {kind_of(value)}"


SIZES = {
    "minItems": "has {}; at least {} are needed",
    "maxItems": "has {}; at most {} are allowed",
    "minLength": "has {}; at least {} are needed",
    "maxLength": "has {}; at most {} are allowed",
    "minProperties": "has {}; at least {} are needed",
    "maxProperties": "has {}; at most {} are allowed",
}


def _size(value: Any) -> str:
    unit = "character" if isinstance(value, str) else "key" if isinstance(value, dict) else "item"
    return f"{len(value):,} {unit}{'' if len(value) == 1 else 's'}"


def _not_among(value: Any, allowed: Iterable[Any]) -> str:
    choices = list(dict.fromkeys(map(_shown, allowed)))
    near = _near(value, [one for one in allowed if isinstance(one, str)]) if isinstance(value, str) else None
    told = f"did you mean {_shown(near)}? Allowed are" if near is not None else "allowed are"
    return f"is {_shown(value)}; {told} {_cut(', '.join(choices), LONGEST_LIST)}"


def _beside(needed: Mapping[str, list[str]], value: Any) -> str:
    for key, others in needed.items():
        missing = [one for one in others if key in value and one not in value]
        if missing:
            return f"{_quoted(missing)} missing beside `{key}`"
    return "a key is missing beside another"


SENTENCES: dict[str | None, Callable[[Any, Any], str]] = {
    "type": _wrong_type,
    "enum": lambda allowed, value: _not_among(value, allowed),
    "const": lambda wanted, value: f"is {_shown(value)}; should be {_shown(wanted)}",
    "not": lambda _, value: f"{_shown(value)} is not allowed here",
    "oneOf": lambda *_: "fits more than one of the forms of which it should fit exactly one",
    "contains": lambda *_: "has no item of the kind that is needed here",
    "dependentRequired": _beside,
    None: lambda *_: NOTHING_ALLOWED,
}
"""By keyword: the sentence, from what the schema says and the value."""


def _near(word: str, known: Iterable[str]) -> str | None:
    """The nearest spelling, whatever its case."""
    spelt = {one.lower(): one for one in known}
    near = get_close_matches(word.lower(), spelt, 1)
    return spelt[near[0]] if near else None


def _hint(key: str, known: Iterable[str]) -> str:
    near = _near(key, known)
    return f"; did you mean `{near}`?" if near is not None else ""


def _either(words: list[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _quoted(keys: Iterable[str]) -> str:
    names = [f"`{key}`" for key in keys]
    return f"{', '.join(names)} {'is' if len(names) == 1 else 'are'}"


def _shown(value: Any) -> str:
    return _cut(json.dumps(value, ensure_ascii=False))


def _cut(text: str, most: int = SHOWN_CHARACTERS) -> str:
    return text if len(text) <= most else f"{text[:most]}…"
