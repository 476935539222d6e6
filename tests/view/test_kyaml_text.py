"""KYAML beside the real kubectl's: the same bytes for thousands of texts, keys and shapes."""

from __future__ import annotations

import json
import random
import string
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from kwatch.base.printable import is_unsafe
from kwatch.view.kyaml_text import to_kyaml
from tests.view.test_yaml_text import TEXTS, WORDS, config_map, kubectl, random_texts, values

MEANT = (" a", "\ta", "x\n\ty\n  z", "a\n\n  b\n", "\n a", "a\tb\tc\n")
MISWRITTEN = "\r\v\f\x85\xa0\u2028\u2029"
"""At the beginning of a line kubectl puts a backslash before their escapes, which then says something else."""


def is_miswritten(text: str) -> bool:
    return "\n" in text and any(line[:1] in MISWRITTEN for line in text.split("\n") if line)


def random_keys(count: int) -> list[str]:
    dice = random.Random(2026)
    letters = string.ascii_letters + string.digits + "-._/ éx0"
    return ["".join(dice.choices(letters, k=dice.randint(1, 8))) for _ in range(count)] + [
        "".join(dice.choices("0123456789-_.xXeEobp", k=dice.randint(1, 7))) for _ in range(count)
    ]


def differing(ours: str, theirs: str) -> list[tuple[str, str]]:
    return [pair for pair in zip(ours.split("\n"), theirs.split("\n"), strict=True) if pair[0] != pair[1]]


def test_values_are_written_byte_for_byte_as_kubectl_writes_them() -> None:
    texts = [each for each in (*WORDS, *TEXTS, *MEANT, *random_texts(3000)) if not is_miswritten(each)]
    tree = values(texts)
    assert differing(to_kyaml(tree), kubectl(json.dumps(tree), "kyaml")) == []


def test_keys_are_quoted_where_kubectl_quotes_them() -> None:
    keys = {
        *WORDS,
        *random_keys(3000),
        *("Ⅷ", "ａ", "²", "०१", "true", "0x1p5", "0x.8p1", "1e400", "0b2", "2024-02-29"),
    }
    keys |= {"2023-02-29", "0000-02-29", "2024-13-1", "2024-1-31", "2024-04-31", "a\tb", "a\nb", 'a"b', "t", "F", "_"}
    tree = config_map(dict.fromkeys(sorted(keys), "v"))
    assert differing(to_kyaml(tree), kubectl(json.dumps(tree), "kyaml")) == []


def test_every_shape_is_written_as_kubectl_writes_it() -> None:
    shapes: list[Any] = [
        [1, [2, 3], [], [[]]],
        {"a": {"b": [{"c": 1, "d": []}, {}, "m\nn"]}, "e": {}},
        ["t\nu\n", ["x y", "p\nq"]],
        [{"a": 1}, [2]],
        [None, True, False, 0, -1, 1.5, 1234567.5, 0.0001, 1e-9, 1.5e300, 2**63 - 1, -(2**63)],
        {"": {"": ""}, "k" * 130: "x" * 300},
    ]
    tree = config_map({}, x=shapes)
    assert differing(to_kyaml(tree), kubectl(json.dumps(tree), "kyaml")) == []


@settings(max_examples=300)
@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_any_text_is_read_back_and_moves_no_cursor(text: str) -> None:
    written = to_kyaml({"k": [text, {text: text}]})
    assert yaml.load(written, Loader=yaml.CSafeLoader) == {"k": [text, {text: text}]}
    assert not [each for each in written if each not in "\n\t" and is_unsafe(each)]


def test_half_a_pair_of_surrogates_can_be_printed() -> None:
    assert to_kyaml({"k": "\ud800"}) == '---\n{\n  k: "\\ufffd",\n}\n'
