"""Counts the tokens of records: by the rule of OpenAI's chat format, or as the model's chat template has them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from xxhash import xxh3_64_intdigest

from curator.analysis.lint.signs import FRACTION
from curator.analysis.lint.view import RecordView
from curator.analysis.masking import OPENAI_CHAT, OPENAI_MASKING
from curator.analysis.report import AuditSpec, Columns
from curator.analysis.texts import (
    EXAMPLE_TOKENS,
    Texts,
    TokenRule,
    add_message,
    add_messages,
    add_plain,
    tool_texts,
)
from curator.analysis.token_batch import Counter, TokenBatch
from curator.analysis.tokens import TokenCounter
from curator.records.codec import encode
from curator.records.dialects import Dialect

if TYPE_CHECKING:
    from curator.analysis.model_tokenizer import ModelTokenizer
    from curator.analysis.template_counting import TemplateCount, Written

KEPT_TOOL_LISTS = 512
SHORTEST_KEPT_PROMPT, LONGEST_KEPT_PROMPT = 256, 1 << 16
"""Characters of the system prompts whose tokens are kept."""


class MessageTokens(NamedTuple):
    """The tokens of one record, message by message."""

    each: list[tuple[int, int]]
    """Tokens, and trained tokens, of each message, with what is added for the message."""
    overhead: int
    """Tokens that belong to none of them: the example's constant, and the declared tools."""
    learnt: tuple[bool, ...]
    """For each message, whether the trainer learns from it."""


class RecordCounter:
    """Counts records by one spec. Not for several threads at once."""

    def __init__(self, spec: AuditSpec) -> None:
        self._mask = spec.mask
        self._own_mask = spec.mask != OPENAI_MASKING
        self.model: ModelTokenizer | None = _model_tokenizer(spec)
        """The model's own tokenizer, where there is one."""
        self._templated = self.model is not None and self.model.templated
        self.counter: Counter = self.model or TokenCounter(spec.counting.encoding, spec.accelerate)
        self.rule = TokenRule(spec.counting, self.counter.count, spec.mask.key)
        self._tool_counts: dict[bytes, tuple[int, bool, int, int]] = {}

    def texts(self, view: RecordView) -> Texts:
        """What is to be counted of a record."""
        texts = Texts()
        flags = self._flags(view) if self._own_mask else None
        if view.dialect.plain_tokens:
            add_plain(texts, view.messages, flags)
        else:
            add_messages(texts, view, self.rule, flags)
            if tools := view.dialect.tools(view.value):
                self._add_tools(texts, tools)
            texts.estimated |= self.model is not None
        self._count_prompt_apart(texts, view)
        if self._own_mask and view.dialect.name in self._mask.whole:
            texts.learn_all()
        return texts

    def templated(self, view: RecordView) -> TemplateCount | None:
        """The tokens as the model's chat template has them; None without one, or where it refuses the record."""
        if not self._templated or view.dialect.plain_tokens or not view.messages:
            return None
        return self._templated_count(view.value, view.dialect, view.messages, each=False)

    def of_each(self, records: Sequence[tuple[dict[str, Any], Dialect, list[Any]]]) -> list[MessageTokens]:
        """Several records message by message: decoded, with their dialects and messages in chat form."""
        if not self._templated:
            return self._by_rule(records)
        return [self._of_one(*record) for record in records]

    def count(self, text: str) -> int:
        """Tokens of a text that recurs, such as a system prompt."""
        return self.rule.prompts[text]

    def learnt(self, value: dict[str, Any], dialect: Dialect, messages: list[Any]) -> tuple[bool, ...]:
        """For each message of a record, given in chat form too, whether the trainer learns from it."""
        if dialect.name == OPENAI_CHAT:
            return self._mask.flags_of_chat(messages)
        return self._mask.flags(dialect.name, dialect.read(value).messages)

    def written(self, value: dict[str, Any], dialect: Dialect) -> Written | None:
        """A record as the model's chat template has it; None without one, with two answers, or where it is refused."""
        if self.model is None or not self._templated or dialect.plain_tokens:
            return None
        from curator.analysis.chat_template import TemplateFaultError
        from curator.analysis.template_counting import Written

        if any(one.section for one in dialect.read(value).messages):
            return None
        try:
            return Written(self.model, dialect.chat_messages(value), dialect.tools(value))
        except TemplateFaultError:
            return None

    def _flags(self, view: RecordView) -> tuple[bool, ...] | None:
        """The same of a view, or None where OpenAI's masking says the same or all is learnt."""
        if (view.texts and self._mask.by_roles) or view.dialect.name in self._mask.whole:
            return None
        return self.learnt(view.value, view.dialect, view.messages)

    def _of_one(self, value: dict[str, Any], dialect: Dialect, messages: list[Any]) -> MessageTokens:
        usual = dialect.plain_tokens or not messages
        count = None if usual else self._templated_count(value, dialect, messages, each=True)
        if count is None:
            return self._by_rule([(value, dialect, messages)])[0]
        each = list(count.by_message)
        return MessageTokens(each, count.tokens - sum(one for one, _ in each), self.learnt(value, dialect, messages))

    def _templated_count(
        self, value: dict[str, Any], dialect: Dialect, messages: list[Any], *, each: bool
    ) -> TemplateCount | None:
        from curator.analysis.chat_template import TemplateFaultError
        from curator.analysis.template_counting import count_record

        assert self.model is not None
        read = dialect.read(value).messages
        flags, sections = self._mask.flags(dialect.name, read), [one.section for one in read]
        whole = dialect.name in self._mask.whole
        try:
            return count_record(self.model, messages, dialect.tools(value), flags, sections, whole=whole, each=each)
        except TemplateFaultError:
            return None

    def _by_rule(self, records: Sequence[tuple[dict[str, Any], Dialect, list[Any]]]) -> list[MessageTokens]:
        batch = TokenBatch(self.counter, plain=False)
        columns = Columns.blank(sum(len(messages) for _, _, messages in records))
        flags = [self.learnt(*record) for record in records]
        row = 0
        for (_, dialect, messages), learnt in zip(records, flags, strict=True):
            simple = not dialect.plain_tokens and dialect.name not in self._mask.whole
            for message, flag in zip(messages, learnt, strict=True):
                if not (simple and self._add_simple(batch, row, message, flag)):
                    batch.add(row, self._message(message, dialect, flag))
                row += 1
        batch.count_into(columns)
        counts = zip(columns.tokens, columns.trained, strict=True)
        return [
            MessageTokens(list(islice(counts, len(messages))), self._overhead(value, dialect, messages), learnt)
            for (value, dialect, messages), learnt in zip(records, flags, strict=True)
        ]

    def _add_simple(self, batch: TokenBatch, row: int, message: Any, flag: bool) -> bool:
        """Add what `_message` gives of a message that is just a role and a text; False for any other."""
        if type(message) is not dict or len(message) != 2:
            return False
        role, text = message.get("role"), message.get("content")
        if type(role) is not str or type(text) is not str:
            return False
        extra = self.rule.counting.per_message + self.rule.roles[role]
        if role == "system" and not flag and SHORTEST_KEPT_PROMPT <= len(text) <= LONGEST_KEPT_PROMPT:
            text, extra = "", extra + self.rule.prompts[text]
        batch.add_text(row, text, extra, learnt=flag)
        return True

    def _message(self, message: Any, dialect: Dialect, flag: bool) -> Texts:
        texts = Texts()
        if dialect.plain_tokens:
            add_plain(texts, [message], [flag])
        else:
            add_message(texts, message, self.rule, flag)
        if dialect.name in self._mask.whole:
            texts.learn_all()
        return texts

    def _overhead(self, value: dict[str, Any], dialect: Dialect, messages: list[Any]) -> int:
        texts = Texts()
        if not dialect.plain_tokens:
            texts.extra += EXAMPLE_TOKENS if messages else 0
            if tools := dialect.tools(value):
                self._add_tools(texts, tools)
        return texts.extra

    def _count_prompt_apart(self, texts: Texts, view: RecordView) -> None:
        """Leave a long system prompt out of what is counted: the same few recur in most records of a file."""
        if texts.context and view.roles[0] == "system":
            prompt = texts.context[0]
            if SHORTEST_KEPT_PROMPT <= len(prompt) <= LONGEST_KEPT_PROMPT:
                del texts.context[0]
                texts.extra += self.rule.prompts[prompt]

    def _add_tools(self, texts: Texts, tools: list[Any]) -> None:
        """Count the tools apart: the same few lists recur in most records of a file."""
        key = _key(tools)
        counts = self._tool_counts.get(key)
        if counts is None:
            own, extra, estimated = tool_texts(tools, self.rule.counting)
            tokens = sum(self.counter.count_many(own)) + extra
            marks = 0 if FRACTION.stands_in(key.decode()) else key.count(b'"')
            counts = tokens, estimated, xxh3_64_intdigest(key), marks
            if len(self._tool_counts) >= KEPT_TOOL_LISTS:
                self._tool_counts.clear()
            self._tool_counts[key] = counts
        texts.extra += counts[0]
        texts.estimated |= counts[1]
        texts.beside ^= counts[2]
        texts.tool_marks = counts[3]


def _model_tokenizer(spec: AuditSpec) -> ModelTokenizer | None:
    if spec.tokenizer is None:
        return None
    from curator.analysis.model_tokenizer import ModelTokenizer

    return ModelTokenizer(spec.tokenizer)


def hash_of_tools(tools: list[Any]) -> int:
    """What declared tools are told from others by."""
    return xxh3_64_intdigest(_key(tools))


def _key(value: Any) -> bytes:
    """JSON that no other value has."""
    try:
        key = orjson.dumps(value)
    except TypeError:
        return encode(value)
    # orjson writes NaN and the infinities as null too.
    return encode(value) if b"null" in key else key
