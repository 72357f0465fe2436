"""Lines to values and back, and what is lost on the way."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.records.codec import (
    BYTE_ORDER_MARK,
    DEEPEST_NESTING,
    Malformed,
    compact,
    decode,
    decode_exactly,
    encode,
    line_body,
    losses,
    strings,
)

READ_ON_PURPOSE = {
    "n_number_NaN.json": "NaN is not JSON; other programs may refuse the line",
    "n_number_infinity.json": "Infinity is not JSON; other programs may refuse the line",
    "n_number_minus_infinity.json": "-Infinity is not JSON; other programs may refuse the line",
}
"""Texts that RFC 8259 forbids and that are read nevertheless: Python writes them, and people keep the records."""

NOT_UTF8 = {
    "i_string_UTF-16LE_with_BOM.json",
    "i_string_UTF-8_invalid_sequence.json",
    "i_string_UTF8_surrogate_U+D800.json",
    "i_string_invalid_utf-8.json",
    "i_string_iso_latin_1.json",
    "i_string_lone_utf8_continuation_byte.json",
    "i_string_not_in_unicode_range.json",
    "i_string_overlong_sequence_2_bytes.json",
    "i_string_overlong_sequence_6_bytes.json",
    "i_string_overlong_sequence_6_bytes_null.json",
    "i_string_truncated-utf-8.json",
    "i_string_utf16BE_no_BOM.json",
    "i_string_utf16LE_no_BOM.json",
}
"""Of the texts that a reader may take or leave: those that are left."""


def joined(text: str) -> str:
    """The text without surrogates that would become one character when they are written side by side."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


texts = st.text(st.characters(exclude_categories=()), max_size=20).map(joined)
numbers = st.integers() | st.integers(1 << 64, 1 << 200).flatmap(lambda n: st.sampled_from([n, -n]))
values = st.recursive(
    st.none() | st.booleans() | numbers | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(texts, inner, max_size=5),
    max_leaves=30,
)


def json_test_suite(shared_data: Path, prefix: str) -> list[Path]:
    paths = sorted((shared_data / "json_test_suite" / "test_parsing").glob(f"{prefix}_*.json"))
    assert paths
    return paths


def test_every_json_text_that_readers_must_take_is_decoded_as_python_does(shared_data: Path) -> None:
    for path in json_test_suite(shared_data, "y"):
        assert decode(path.read_bytes()) == decode_exactly(path.read_bytes()) == json.loads(path.read_bytes()), (
            path.name
        )


def test_every_text_that_readers_must_refuse_is_malformed_or_read_on_purpose(shared_data: Path) -> None:
    taken = {}
    for path in json_test_suite(shared_data, "n"):
        value = decode(path.read_bytes())
        assert isinstance(decode_exactly(path.read_bytes()), Malformed) == isinstance(value, Malformed), path.name
        if isinstance(value, Malformed):
            assert value.code in ("CUR033", "CUR034"), path.name
            assert value.reason, path.name
            assert value.column >= 1, path.name
        else:
            (taken[path.name],) = losses(path.read_bytes())
    assert taken == READ_ON_PURPOSE


def test_of_the_texts_that_readers_may_take_only_those_that_are_not_utf8_are_left(shared_data: Path) -> None:
    left = {}
    for path in json_test_suite(shared_data, "i"):
        value = decode(path.read_bytes())
        if isinstance(value, Malformed):
            left[path.name] = value.code
    assert left == dict.fromkeys(NOT_UTF8, "CUR034")


def test_every_text_of_the_suite_that_is_taken_comes_back_from_its_encoding(shared_data: Path) -> None:
    for path in (shared_data / "json_test_suite" / "test_parsing").iterdir():
        value = decode_exactly(path.read_bytes())
        if not isinstance(value, Malformed):
            assert repr(decode_exactly(encode(value))) == repr(value), path.name


@given(value=values)
def test_a_value_comes_back_from_its_encoding(value: Any) -> None:
    assert decode_exactly(encode(value)) == value
    assert [*strings(decode_exactly(encode(value)))] == [*strings(value)]


@given(value=values)
def test_an_encoding_is_one_line_of_utf8(value: Any) -> None:
    body = encode(value)
    assert b"\n" not in body
    assert body.decode("utf-8")


@given(value=values)
def test_what_the_encoder_wrote_has_no_losses_but_those_it_was_given(value: Any) -> None:
    text = compact(value)
    told = losses(encode(value))
    lone = any("\ud800" <= character <= "\udfff" for character in text)
    assert any("surrogate" in one for one in told) == lone
    assert not any("number" in one or "key" in one for one in told)


@given(
    body=st.binary(max_size=60)
    | values.map(encode).flatmap(lambda one: st.integers(0, len(one)).map(lambda n: one[:n]))
)
def test_no_bytes_stop_the_decoder(body: bytes) -> None:
    value = decode(body)
    assert isinstance(decode_exactly(body), Malformed) == isinstance(value, Malformed)
    assert isinstance(losses(body), list)
    if isinstance(value, Malformed):
        assert value.reason
        assert not value.reason.endswith(".")
        assert losses(body) == []


@given(digits=st.integers(1 << 53, 1 << 300), sign=st.sampled_from(["", "-"]))
def test_integers_of_any_size_are_exact_where_a_record_is_edited(digits: int, sign: str) -> None:
    body = f'{{"id":{sign}{digits}}}'.encode()
    assert encode(decode_exactly(body)) == body


def test_the_audit_reads_integers_beyond_64_bits_as_floats() -> None:
    assert decode(b"[18446744073709551616]") == [1.8446744073709552e19]
    assert decode(b"[18446744073709551615, -9223372036854775808]") == [18446744073709551615, -9223372036854775808]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b'{"a": 1, "b": 2}', []),
        (b'{"a": 1.10, "b": 1E5, "c": "\\u00e9", "d": 0e99999999999999999999}', []),
        (b'{"id": "12345678901234567890123"}', []),
        (b'{"id": "' + b"9" * 5000 + b'"}', []),
        (b'{"a": 1, "b": 2, "a": 3}', ['the key "a" stands 2 times in one object; only the last is kept']),
        (b'[{"a": 1}, {"a": 1}]', []),
        (
            b'{"id": 18446744073709551616}',
            ["the integer 18446744073709551616 is beyond 64 bits; other programs may round it"],
        ),
        (b'{"id": 18446744073709551615, "n": -9223372036854775808}', []),
        (
            b"[-9223372036854775809]",
            ["the integer -9223372036854775809 is beyond 64 bits; other programs may round it"],
        ),
        (b"[NaN, NaN, NaN]", ["NaN is not JSON; other programs may refuse the line"]),
        (b"[-Infinity]", ["-Infinity is not JSON; other programs may refuse the line"]),
        (b"[1e400]", ["the number 1e400 does not fit 64 bits; it would be written as Infinity"]),
        (b"[1e-400]", ["the number 1e-400 does not fit 64 bits; it would be written as 0.0"]),
        (
            b"[0.1234567890123456789]",
            ["the number 0.1234567890123456789 does not fit 64 bits; it would be written as 0.12345678901234568"],
        ),
        (
            b'["\\ud83d"]',
            ["a lone surrogate (half of a character) stands in a string; other programs may refuse the line"],
        ),
        (
            b'{"\\udc00": 1}',
            ["a lone surrogate (half of a character) stands in a string; other programs may refuse the line"],
        ),
        (b'["\\ud83d\\ude00"]', []),
        (BYTE_ORDER_MARK + b"{}", ["the line starts with a byte order mark"]),
        (b"{not json", []),
        (b"\xff", []),
        (b"[" * 100_000, []),
    ],
)
def test_what_re_encoding_would_change_is_told(body: bytes, told: list[str]) -> None:
    assert losses(body) == told


def test_one_duplicate_among_very_many_keys_is_found() -> None:
    body = b"{" + b",".join(b'"%d":0' % number for number in range(100_000)) + b',"7":1}'
    assert losses(body) == ['the key "7" stands 2 times in one object; only the last is kept']


def test_lone_surrogates_are_written_as_the_escapes_that_they_were() -> None:
    assert encode(decode(b'{"\\ud800": "a\\udfffb"}')) == b'{"\\ud800":"a\\udfffb"}'


def test_nan_and_infinity_are_written_as_they_were() -> None:
    value: Any = decode(b"[NaN,Infinity,-Infinity]")
    assert isinstance(value, list) and math.isnan(value[0])
    assert encode(value) == b"[NaN,Infinity,-Infinity]"


def test_the_last_of_duplicate_keys_counts() -> None:
    assert decode(b'{"a": 1, "a": 2}') == decode_exactly(b'{"a": 1, "a": 2}') == {"a": 2}


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":[1,'])
def test_a_value_at_the_deepest_nesting_is_read_and_written(opening: str) -> None:
    closing = "".join("]" if one == "[" else "}" for one in reversed(opening) if one in "[{")
    times = DEEPEST_NESTING // len(closing)
    body = f"{opening * times}0{closing * times}".encode()
    value = decode(body)
    assert not isinstance(value, Malformed)
    assert encode(value) == body
    assert list(strings(value)) == ["a"] * ('"' in opening) * times


@pytest.mark.parametrize("levels", [DEEPEST_NESTING + 2, 5000, 200_000])
def test_deeper_nesting_is_malformed(levels: int) -> None:
    expected = Malformed("CUR033", "nested more than 1,024 levels deep", 1)
    assert decode(b"[" * levels + b"]" * levels) == expected
    assert decode(b"[NaN," * levels + b"0" + b"]" * levels) == expected


def test_an_integer_of_thousands_of_digits_is_malformed_in_plain_words() -> None:
    expected = Malformed("CUR033", "holds an integer of more than 4,300 digits", 1)
    assert decode(b"[" + b"1" * 5000 + b"]") == decode_exactly(b"[" + b"1" * 5000 + b"]") == expected


@pytest.mark.parametrize(
    ("body", "column", "reason"),
    [
        (b'{"a": 1,}', 9, "not JSON: a key in double quotes is expected|not JSON: a trailing comma stands"),
        (b"{'a': 1}", 2, "not JSON: a key in double quotes is expected at column 2, found \"'a': 1}\""),
        ('{"ä": “x”}'.encode(), 7, "not JSON: a value is expected at column 7"),
        (b'{"a": "b', 7, "not JSON: a string without its closing quote starts at column 7"),
        (b'{"a": 1', 8, "not JSON: the line ends too early; a comma or a closing bracket is expected"),
        (b"{} {}", 4, "not JSON: there is more behind the end of the value at column 4, found '{}'"),
        (b"", 1, "not JSON: the line ends too early; a value is expected"),
        (b'{"a": "\xe9"}', 8, r"byte 8 \(E9 22 7D\) is not UTF-8"),
    ],
)
def test_a_malformed_line_says_what_is_wrong_and_where(body: bytes, column: int, reason: str) -> None:
    found = decode(body)
    assert isinstance(found, Malformed)
    assert found.code == ("CUR034" if "UTF-8" in reason else "CUR033")
    if "trailing" not in reason:
        assert found.column == column
    assert re.match(reason, found.reason)


@pytest.mark.parametrize(
    ("line", "body"),
    [
        (b"a", b"a"),
        (b"a\n", b"a"),
        (b"a\r\n", b"a"),
        (b"a\r", b"a"),
        (b"a\n\n", b"a\n"),
        (b"a\r\r\n", b"a\r"),
        (b"", b""),
    ],
)
def test_a_line_without_its_end(line: bytes, body: bytes) -> None:
    assert line_body(line) == body


def test_strings_of_a_value_are_keys_and_values() -> None:
    assert sorted(strings({"a": ["b", {"c": "d"}], "e": 1, "f": None})) == ["a", "b", "c", "d", "e", "f"]
