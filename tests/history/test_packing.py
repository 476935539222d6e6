from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from kwatch.history.packing import (
    LONGEST,
    MOST_CHANGES,
    apply_patch,
    distance_of,
    make_patch,
    pack_version,
    unpack_version,
)

edits = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 300), st.binary(max_size=300)), max_size=12)
BASE = bytes(random.Random(7).choices(b'{}[]":,abcdef0123456789', k=3000)) * 2


def _edited(base: bytes, script: list[tuple[float, int, bytes]]) -> bytes:
    for where, left_out, put_in in script:
        at = int(where * len(base))
        base = base[:at] + put_in + base[at + left_out :]
    return base


@settings(max_examples=300)
@given(edits, st.sampled_from([b"", b"a", BASE[:255], BASE[:257], BASE]))
def test_a_patch_makes_the_text_of_its_base(script: list[tuple[float, int, bytes]], base: bytes) -> None:
    text = _edited(base, script)
    patch = make_patch(text, base)
    assert patch is None or apply_patch(patch, base) == text


@settings(max_examples=200)
@given(st.binary(max_size=600), st.binary(max_size=600), st.integers(1, 64))
def test_any_version_comes_back(text: bytes, base: bytes, distance: int) -> None:
    packed = pack_version(text, base, distance)
    assert distance_of(packed) == distance
    assert unpack_version(packed, base) == text


def test_what_hardly_differs_takes_little() -> None:
    text = BASE[:100] + b"7" + BASE[101:2000] + b"inserted" + BASE[2000:4000] + BASE[4010:]
    patch = make_patch(text, BASE)
    assert patch is not None
    assert patch[0] == 3
    assert len(patch) < 40
    assert apply_patch(patch, BASE) == text


def test_what_differs_all_over_or_is_too_long_is_no_patch() -> None:
    text = bytes(byte ^ (not place % 100) for place, byte in enumerate(BASE))
    assert len(BASE) // 100 > MOST_CHANGES
    assert make_patch(text, BASE) is None
    assert make_patch(b"x" * (LONGEST + 1), BASE) is None
    long = BASE * 20
    assert unpack_version(pack_version(long + b"!", long, 1), long) == long + b"!"
