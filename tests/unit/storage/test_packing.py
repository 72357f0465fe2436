"""Each compression: what comes out is what went in, and what is damaged is told with its place."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.storage.packed_sizes import unpacked_size
from curator.storage.packing import (
    PACKINGS,
    PLAIN_BLOCK,
    DamagedError,
    PackedOutput,
    Packing,
    Unpacking,
    packing_of_name,
    packing_of_start,
)

packings = pytest.mark.parametrize("packing", PACKINGS, ids=lambda one: one.name)
contents = st.binary(max_size=2000) | st.builds(lambda part, times: part * times, st.binary(max_size=30), st.just(5000))


def packed(content: bytes, packing: Packing) -> bytes:
    file = io.BytesIO()
    out = PackedOutput(file, packing)
    out.write(content)
    out.finish()
    return file.getvalue()


def unpacked(data: bytes, packing: Packing) -> bytes:
    return b"".join(Unpacking(io.BytesIO(data), packing, "x").blocks())


@packings
@given(parts=st.lists(contents, min_size=1, max_size=3), zeros=st.sampled_from([0, 4]))
def test_what_went_in_comes_out_of_all_streams(packing: Packing, parts: list[bytes], zeros: int) -> None:
    data = b"".join(packed(part, packing) for part in parts) + bytes(zeros)
    assert packing_of_start(data[:8]) is packing
    assert unpacked(data, packing) == b"".join(parts)


@packings
def test_no_block_is_larger_than_said_however_well_it_was_packed(packing: Packing) -> None:
    data = packed(bytes(20_000_000), packing)
    blocks = [len(one) for one in Unpacking(io.BytesIO(data), packing, "x").blocks()]
    assert sum(blocks) == 20_000_000 and max(blocks) <= PLAIN_BLOCK


@packings
@given(content=st.binary(min_size=1, max_size=500), data=st.data())
def test_what_is_cut_short_is_told_and_what_came_before_is_sound(
    packing: Packing, content: bytes, data: st.DataObject
) -> None:
    whole = packed(content, packing)
    end = data.draw(st.integers(1, len(whole) - 1))
    found = b""
    with pytest.raises(DamagedError, match=f"after {end:,} bytes"):
        for block in Unpacking(io.BytesIO(whole[:end]), packing, "x").blocks():
            found += block
    assert content.startswith(found)


@packings
@given(content=st.binary(min_size=20, max_size=500), data=st.data())
def test_damage_never_gives_other_content(packing: Packing, content: bytes, data: st.DataObject) -> None:
    whole = bytearray(packed(content, packing))
    at = data.draw(st.integers(len(packing.magic), len(whole) - 1))
    whole[at] ^= 1 << data.draw(st.integers(0, 7))
    found = b""
    try:
        for block in Unpacking(io.BytesIO(bytes(whole)), packing, "x").blocks():
            found += block
    except DamagedError:
        return
    assert found == content, "a change that no checksum covers changes nothing"


@packings
def test_what_stands_behind_is_told(packing: Packing) -> None:
    data = packed(b"one\n", packing)
    with pytest.raises(DamagedError, match=f"from byte {len(data):,} on, stands something else; the 4 bytes before"):
        unpacked(data + b"and more of another kind", packing)


@packings
def test_names_ask_for_a_compression(packing: Packing) -> None:
    assert packing_of_name(Path(f"x.jsonl{packing.suffix}")) is packing
    assert packing_of_name(Path(f"X.JSONL{packing.suffix.upper()}")) is packing
    assert packing_of_name(Path("x.jsonl")) is None


@pytest.mark.parametrize("size", [0, 1, 255, 256, 70_000, 3_000_000])
def test_the_size_is_told_where_it_stands_in_the_file(size: int) -> None:
    zstd = pytest.importorskip("backports.zstd")
    gzip, _, bzip2, xz = PACKINGS
    content = bytes(size)
    assert unpacked_size(io.BytesIO(packed(content, gzip)), gzip) == size
    assert unpacked_size(io.BytesIO(packed(content, xz)), xz) == size
    assert unpacked_size(io.BytesIO(zstd.compress(content)), PACKINGS[1]) == size
    assert unpacked_size(io.BytesIO(packed(content, bzip2)), bzip2) == 0, "bzip2 does not say it"
