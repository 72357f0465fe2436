"""A model's own chat template: messages in, the text that the model sees out, with what the template says is generated.

Rendered as transformers does it (its documentation, "Chat templates"): Jinja's immutable sandbox with `trim_blocks` and
`lstrip_blocks`, `break` and `continue`, `raise_exception`, `strftime_now`, and `tojson` that escapes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, NoReturn

import jinja2
from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from curator.errors import CuratorError

GENERATION, END = "generation", "name:endgeneration"


class TemplateFaultError(CuratorError):
    """The template cannot be read, or refuses a conversation."""


class Rendered(NamedTuple):
    """What a template makes of a conversation."""

    text: str
    generated: tuple[tuple[int, int], ...]
    """Where in the text the template has what the model generates, in order; empty if it does not say."""


class GenerationBlocks(Extension):
    """`{% generation %} ... {% endgeneration %}`: remembers where what stands between the two ends up."""

    tags = {GENERATION}  # noqa: RUF012 - Jinja's own attribute

    def __init__(self, environment: jinja2.Environment) -> None:
        super().__init__(environment)
        self.written = 0
        """Characters that are rendered already."""
        self.found: list[tuple[int, int]] = []
        self.used = False
        """Whether a template that was read has such a block."""

    def parse(self, parser: Parser) -> nodes.Node:
        """A block whose body is rendered as it is, and told of."""
        self.used = True
        line = next(parser.stream).lineno
        body = parser.parse_statements((END,), drop_needle=True)
        return nodes.CallBlock(self.call_method("_note"), [], [], body).set_lineno(line)

    def _note(self, caller: Callable[[], str]) -> str:
        text = caller()
        self.found.append((self.written, self.written + len(text)))
        return text


class ChatTemplate:
    """One template, ready to render; `names` are the variables that it gets beside the conversation."""

    def __init__(self, source: str, names: Mapping[str, Any]) -> None:
        """Raises TemplateFaultError where it is not a template."""
        self._environment = ImmutableSandboxedEnvironment(
            trim_blocks=True, lstrip_blocks=True, extensions=[GenerationBlocks, "jinja2.ext.loopcontrols"]
        )
        self._environment.filters["tojson"] = _as_json
        self._environment.globals |= {"raise_exception": _refuse, "strftime_now": _now}
        self._names = dict(names)
        blocks = self._environment.extensions[GenerationBlocks.identifier]
        assert isinstance(blocks, GenerationBlocks)
        self._blocks = blocks
        try:
            self._template = self._environment.from_string(source)
        except jinja2.TemplateError as error:
            raise TemplateFaultError(f"The chat template cannot be read: {error}.") from error
        self.marks_generated = blocks.used
        """Whether it says what the model generates."""

    def render(self, messages: Sequence[Any], tools: Sequence[Any] = (), *, prompting: bool = False) -> Rendered:
        """What the model sees; `prompting` ends with the start of an answer. Raises TemplateFaultError."""
        blocks = self._blocks
        blocks.written, blocks.found = 0, []
        pieces: list[str] = []
        variables = {**self._names, "messages": messages, "tools": tools or None, "documents": None}
        try:
            for piece in self._template.generate(**variables, add_generation_prompt=prompting):
                pieces.append(piece)
                blocks.written += len(piece)
        except Exception as error:  # a template is a program of others: it may raise anything
            raise TemplateFaultError(f"The chat template does not take it: {error}") from error
        return Rendered("".join(pieces), tuple(blocks.found))


def _as_json(
    value: Any,
    ensure_ascii: bool = False,
    indent: int | str | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
) -> str:
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def _refuse(message: str) -> NoReturn:
    raise jinja2.TemplateError(message)


def _now(form: str) -> str:
    return datetime.now().strftime(form)
