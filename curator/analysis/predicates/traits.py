"""What a conversation is like as a whole: in which order roles speak, and in which language. For workers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from itertools import islice
from typing import TYPE_CHECKING, Any

from curator.analysis.predicates.paths import items_at
from curator.records.conversation import Conversation

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

MOST_MESSAGES = 400
"""Messages that a pattern is made of."""
TEXT_CHARACTERS = 2_000
"""Characters that a language is told from."""
LEAST_CHARACTERS = 12
LEAST_SURE = 0.5
"""From which probability on a language is told."""
UNKNOWN = "unknown"
NO_LANGUAGES = "Languages are told by the library of the extra `languages`: pip install 'curator-tui[languages]'."

MODEL_KEYS = ("model", "model_id", "model_name")
"""Keys under which the model stands that wrote a record or a message."""
MODEL_PLACES = (
    *((one,) for one in ("metadata", "meta", "message", "messages", "conversations", "chosen", "rejected")),
    *((one,) for one in ("completions", "choices", "response", "body")),
    ("response", "body"),
)
"""Where these keys are looked for, beside the record itself: under other keys of it, of lists in each item."""

_AGAIN = re.compile(r"(.{2,40}?)\1+")
_SAME = re.compile(r"(.)\1+")


def role_pattern(conversation: Conversation) -> str:
    """The roles in their order, what is repeated in brackets: `system (user assistant)+`."""
    letters: dict[str, str] = {}
    roles = [message.role for message in islice(conversation.messages, MOST_MESSAGES)]
    text = "".join(letters.setdefault(role, chr(0x100 + len(letters))) for role in roles)
    names = {letter: role for role, letter in letters.items()}
    text = _AGAIN.sub(r"(\1)+", _SAME.sub(r"(\1)+", text)) if len(letters) < 0x100 else text
    words = [f"{names[one]} " if one in names else one for one in text]
    more = " …" if len(conversation.messages) > MOST_MESSAGES else ""
    return "".join(words).replace(" )+", ")+ ").replace(")+ )+", ")+)+ ").strip() + more


def models_of(value: Mapping[str, Any]) -> set[str]:
    """The models that a record names as those that wrote it, or messages of it."""
    below = (one for place in MODEL_PLACES if place[0] in value for one in items_at(value, place))
    holders = (value, *(one for one in below if isinstance(one, dict)))
    found = (one[key] for one in holders for key in MODEL_KEYS if key in one)
    return {one for one in found if isinstance(one, str) and one}


def can_tell_languages() -> bool:
    """Whether the library that tells languages is installed."""
    return find_spec("py3langid") is not None


def language_of(conversation: Conversation) -> str:
    """The language of most of what users and assistants say, by its ISO 639-1 code; `unknown` where it is not sure."""
    text = ""
    for message in conversation.messages:
        if message.role in ("user", "assistant"):
            text += " ".join(part.text for part in message.parts if part.kind == "text") + "\n"
        if len(text) >= TEXT_CHARACTERS:
            break
    if sum(map(str.isalpha, text)) < LEAST_CHARACTERS:
        return UNKNOWN
    language, sure = _identifier().classify(text[:TEXT_CHARACTERS])
    return str(language) if sure >= LEAST_SURE else UNKNOWN


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
