"""The dialects that curator reads and writes, one file each; this table is the only place that names them all."""

from curator.errors import UsageError
from curator.records.dialects.alpaca import Alpaca
from curator.records.dialects.base import Dialect
from curator.records.dialects.bedrock import Bedrock
from curator.records.dialects.claude import Claude
from curator.records.dialects.gemini import Gemini
from curator.records.dialects.mistral import Mistral
from curator.records.dialects.openai_chat import OpenAIChat
from curator.records.dialects.openai_preference import OpenAIPreference
from curator.records.dialects.openai_rft import OpenAIReinforcement
from curator.records.dialects.prompt_completion import PromptCompletion
from curator.records.dialects.sharegpt import ShareGPT
from curator.records.dialects.together import Together
from curator.records.dialects.trl import TRL

DEFAULT: Dialect = OpenAIChat()
DIALECTS: tuple[Dialect, ...] = (
    Bedrock(),
    Claude(),
    Gemini(),
    DEFAULT,
    OpenAIPreference(),
    ShareGPT(),
    Alpaca(),
    TRL(),
    PromptCompletion(),
    OpenAIReinforcement(),
    Mistral(),
    Together(),
)
"""In the order in which they are asked whether a record is theirs."""

NAMES = tuple(dialect.name for dialect in DIALECTS)


def dialect_named(name: str) -> Dialect:
    """The dialect of that name. Raises UsageError with the known names."""
    for dialect in DIALECTS:
        if dialect.name == name:
            return dialect
    raise UsageError(f"There is no dialect {name!r}; known are {', '.join(NAMES)}.")


__all__ = ["DEFAULT", "DIALECTS", "NAMES", "Dialect", "dialect_named"]
