from dataclasses import fields, replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.analysis.prices import Edition, ModelPrice, PriceBook, UnknownEdition, UnknownModel, load_price_book
from curator.errors import UsageError

CL, P5, O2 = "cl100k_base", "p50k_base", "o200k_base"

# id: aliases, base, encoding, input, cached input, output, training, unit, context, longest example, uncertain
Row = tuple[
    str, str | None, str, str, str | None, str, str | None, str | None, int, int | None, str | None
]  # decimals as text

AUGUST_2023: dict[str, Row] = {
    "gpt-3.5-turbo": ("gpt-3.5-turbo-0613", None, CL, "1.50", None, "2.00", None, None, 4096, None, None),
    "ft:gpt-3.5-turbo": ("", "gpt-3.5-turbo", CL, "12", None, "16", "8", "1M tokens", 4096, None, None),
    "gpt-3.5-turbo-16k": ("gpt-3.5-turbo-16k-0613", None, CL, "3", None, "4", None, None, 16385, None, None),
    "gpt-4": ("gpt-4-0613", None, CL, "30", None, "60", None, None, 8192, None, None),
    "babbage-002": ("", None, CL, "0.40", None, "0.40", None, None, 16384, None, None),
    "ft:babbage-002": ("", "babbage-002", CL, "1.60", None, "1.60", "0.40", "1M tokens", 16384, None, None),
    "davinci-002": ("", None, CL, "2", None, "2", None, None, 16384, None, None),
    "ft:davinci-002": ("", "davinci-002", CL, "12", None, "12", "6", "1M tokens", 16384, None, None),
    "text-davinci-003": ("", None, P5, "20", None, "20", None, None, 4096, None, None),
}

# base id: alias, encoding, base prices, training, unit, fine-tuned prices, context, longest example, uncertain
Pair = tuple[str, str, tuple[str, str | None, str], str, str, tuple[str, str | None, str], int, int, str | None]

M, H = "1M tokens", "hour"
PAIRS_2026: dict[str, Pair] = {
    "gpt-4.1-2025-04-14": (
        *("gpt-4.1", O2, ("2", "0.50", "8"), "25", M, ("3", "0.75", "12")),
        *(128_000, 65_536, "context"),
    ),
    "gpt-4.1-mini-2025-04-14": (
        *("gpt-4.1-mini", O2, ("0.40", "0.10", "1.60"), "5", M, ("0.80", "0.20", "3.20")),
        *(128_000, 65_536, "context"),
    ),
    "gpt-4.1-nano-2025-04-14": (
        *("gpt-4.1-nano", O2, ("0.10", "0.025", "0.40"), "1.50", M, ("0.20", "0.05", "0.80")),
        *(128_000, 65_536, "context"),
    ),
    "gpt-4o-2024-08-06": (
        *("gpt-4o", O2, ("2.50", "1.25", "10"), "25", M, ("3.75", "1.875", "15")),
        *(128_000, 65_536, None),
    ),
    "gpt-4o-mini-2024-07-18": (
        *("gpt-4o-mini", O2, ("0.15", "0.075", "0.60"), "3", M, ("0.30", "0.15", "1.20")),
        *(128_000, 65_536, None),
    ),
    "gpt-3.5-turbo-0125": (
        *("gpt-3.5-turbo", CL, ("0.50", None, "1.50"), "8", M, ("3", None, "6")),
        *(16_385, 16_385, None),
    ),
    "o4-mini-2025-04-16": (
        *("o4-mini", O2, ("1.10", "0.275", "4.40"), "100", H, ("4", "1", "16")),
        *(200_000, 65_536, "longest_example"),
    ),
}
