"""Counts by a model's own `tokenizer.json`, and by its chat template where there is one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tokenizers

from curator.analysis.chat_template import ChatTemplate
from curator.analysis.tokenizing import CONFIG, TEMPLATE, TOKENIZER, Tokenizing, content_of
from curator.errors import UnreadableError

TOOL_USE, USUAL = "tool_use", "default"
"""Names of templates, where a model has several."""

SPECIAL = ("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token")
"""Tokens of `tokenizer_config.json` that templates may use by name."""


class ModelTokenizer:
    """The counter of one model; it counts texts as `TokenCounter` does, and knows where each token stands."""

    disagreement: str | None = None
    """It is the only one that counts, so that nothing can disagree with it."""

    def __init__(self, tokenizing: Tokenizing) -> None:
        """Raises UnreadableError where the files are not those that were chosen, or cannot be used."""
        files = tokenizing.files
        if TOKENIZER not in files or content_of(files) != tokenizing.content:
            raise UnreadableError(f"{tokenizing.path}: changed while it was in use; start anew.")
        try:
            self._tokenizer = tokenizers.Tokenizer.from_file(str(files[TOKENIZER]))
        except Exception as error:  # the library has no class of its own for this
            raise UnreadableError(f"{files[TOKENIZER]}: is not a tokenizer: {error}.") from error
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self.name = f"tokenizers {tokenizers.__version__}"
        self._templates = _templates(files)

    @property
    def templated(self) -> bool:
        """Whether the model has a chat template."""
        return bool(self._templates)

    def template(self, *, tools: bool) -> ChatTemplate:
        """The template for conversations with or without tools. There is one if `templated`."""
        return self._templates.get(TOOL_USE if tools else USUAL) or next(iter(self._templates.values()))

    def count(self, text: str) -> int:
        """The number of tokens in a text; text such as `<|im_end|>` counts as the token that it stands for."""
        return len(self._tokenizer.encode(_sound(text), add_special_tokens=False).ids)

    def count_many(self, texts: list[str], plain: bool = False) -> list[int]:  # noqa: ARG002 - as TokenCounter has it
        """The number of tokens in each text."""
        return [len(one.ids) for one in self._tokenizer.encode_batch([*map(_sound, texts)], add_special_tokens=False)]

    def packed(self, texts: list[str]) -> tuple[list[str], int]:
        """The texts as they are: they are not joined for counting."""
        return texts, 0

    def spans(self, text: str) -> list[tuple[int, int]]:
        """For each token, which characters of the text it stands for."""
        spans: list[tuple[int, int]] = self._tokenizer.encode(_sound(text), add_special_tokens=False).offsets
        return spans

    def characters(self, text: str, tokens: int) -> int:
        """Characters of a text that its first tokens hold in full."""
        spans = self.spans(text)
        return spans[tokens][0] if tokens < len(spans) else len(text)


def _sound(text: str) -> str:
    """The text with lone surrogates, which no tokenizer takes, replaced one for one."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _templates(files: Mapping[str, Path]) -> dict[str, ChatTemplate]:
    config = _config(files.get(CONFIG))
    names = {name: _token(config[name]) for name in SPECIAL if config.get(name)}
    if TEMPLATE in files:
        sources = {USUAL: files[TEMPLATE].read_text("utf-8")}
    elif isinstance(config.get("chat_template"), list):
        sources = {one["name"]: one["template"] for one in config["chat_template"] if isinstance(one, dict)}
    else:
        sources = {USUAL: config["chat_template"]} if config.get("chat_template") else {}
    return {name: ChatTemplate(source, names) for name, source in sources.items()}


def _config(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        config = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise UnreadableError(f"{path}: cannot be read: {error}.") from error
    return config if isinstance(config, dict) else {}


def _token(value: Any) -> str:
    return str(value.get("content", "")) if isinstance(value, dict) else str(value)
