"""YAML beside the real kubectl's: the same bytes for thousands of texts, and both read back what was written."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from kwatch.base.printable import is_unsafe
from kwatch.view.yaml_text import quoted, to_yaml, yaml_lines

KUBECTL = shutil.which("kubectl", path=str(Path(sys.executable).parent)) or shutil.which("kubectl")
_WORDS = """
y n Y N yes No on OFF oN true True tRUE false null Null ~ nil .nan .NaN .NAN .nAn .inf -.inf +.INF -.Inf
+.nan 0 -0 +1 1. .5 1.5 1e3 1E3 1e 12345e7 1e+5 1.5e-7 0x1F 0X1f 0x 0xg 0o7 0O7 0o8 017 08 09.5 0b101
-0b11 0b2 1_000 1__0 1_ _1 -1_0 12:30:45 1:2 190:20:30.15 1:99 01:02 -1:30 9223372036854775808
123456789012345678901234567890 1e400 2001-01-01 2001-1-1 2001-13-01 2001-02-30 2001-12-14T21:59:43Z
2001-12-14t21:59:43.1-05:00 2001-12-14T 2001-12 -a --a --- ---a ... ...x ?a :a :: a: a:b a#b #a %a @a `a
'a' "a" a"b a'b {a} [a] a,b !a &a *a | > |- >+ = << < >> \\ a\\b é 世界 v1.2.3 10.0.0.1 10m 1Gi 50% /a/b a=b
1,2 0.0 -.5 +.5 .5. 1.2.3 infinity NaN Inf
"""
WORDS = _WORDS.split()
TEXTS = (
    "\u00a0x", "\ue000",
    "", " ", "  ", "- a", "-  a", "? a", "a: b", "a : b", "a #b", " lead", "trail ", "a\tb", "\ta", "a\t", "\n", "\n\n",
    "a\n", "a\n\n", "a\nb", "a \nb", "a\n b", " a\nb", "\na", "a\n ", "a\n\n\nb\n\n", "a\rb", "a\r\nb", "\0", "a\0b",
    "\x07\x08\x0b\x0c\x1b", "😀 smile", "x" * 200, "word " * 60, "word  word " * 30, " word" * 40, "a: " + "word " * 40,
    '"' + "word " * 40, "'" + "word " * 40, "\t" + "word " * 40, "\t" + "word   word " * 20, "word " * 40 + "\nword",
    "x" * 79 + " y z", "x" * 80 + " y", "x" * 81 + " y", "世" * 90 + " a b", "k" * 128, "k" * 129, "é" * 65, "\ufffd",
    "2001-12-14 21:59:43", "2001-12-14  21:59:43", "1 000", "~ ", "null ", "#!/bin/sh\nset -e\n\techo hi\n",
    '{"a": "b"}\n', "[1, 2]", "a, b", "-----BEGIN X-----\nabc=\n-----END X-----\n", "line\n\n  indented\n\nend",
)  # fmt: skip
LETTERS = [*"abynotN01279-+.:_eExX#,[]{}&*!|>'\"%@`~=<\\éZT/? ", "  ", "\n", "\t", "世", "😀", "\u00a0", "word " * 20]
ONLY_HERE = frozenset({"=", "<<"})
"""kubectl leaves them plain, and its own readers then take the second one, as a key, for a merge."""
READ_BY_OTHERS = (".5_", "2001-12-14 21:59:43.10 -5", "._5", "1_.5_", "0x_", "-0b__")
"""What only Python would take for a number or a time."""


def random_texts(count: int) -> list[str]:
    dice = random.Random(2026)
    return ["".join(dice.choices(LETTERS, k=dice.randint(1, 12))) for _ in range(count // 2)] + [
        "".join(dice.choices("0123456789+-._:eExXoObBTZ ", k=dice.randint(1, 8))) for _ in range(count // 2)
    ]


def config_map(data: dict[str, str], **more: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"annotations": {}, "name": "x"}, "data": data, **more}


def kubectl(document: str, output: str) -> str:
    """What kubectl makes of a document, without any server."""
    if KUBECTL is None:
        pytest.skip("kubectl is not installed")
    command = [KUBECTL, "annotate", "--local", "-f", "-", "-o", output, "nothing-"]
    done = subprocess.run(command, input=document, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr[:500]
    return done.stdout


def values(texts: Sequence[str]) -> dict[str, Any]:
    return config_map({f"k{number:05}": text for number, text in enumerate(texts)})


def test_values_are_written_byte_for_byte_as_kubectl_writes_them() -> None:
    texts = [text for text in (*WORDS, *TEXTS, *random_texts(3000)) if text not in ONLY_HERE]
    tree = values(texts)
    theirs, ours = kubectl(json.dumps(tree), "yaml").split("\n"), to_yaml(tree).split("\n")
    assert len(theirs) == len(ours)
    different = [line for line, other in zip(theirs, ours, strict=True) if line != other]
    assert not [line for line in different if not is_misread(line.partition(": ")[2])]
    assert len(different) < 10


def is_misread(scalar: str) -> bool:
    """Whether Python takes it for something else, or for nothing, though kubectl wrote a text."""
    try:
        return not isinstance(yaml.safe_load(scalar), str)
    except ValueError:
        return True


def test_keys_are_written_and_ordered_as_kubectl_does() -> None:
    # Longer ones of several digits are in no order that is one: kubectl's depends on how it sorts.
    words = [word for word in WORDS if word not in ONLY_HERE and not word[:1].isdecimal()]
    keys = [*words, *(text for text in TEXTS if text), *(f"a{number}" for number in range(30)), "a-1", "a.1", "A", "aB"]
    tree = config_map(dict.fromkeys(keys, "v"))
    assert kubectl(json.dumps(tree), "yaml") == to_yaml(tree)


def test_every_shape_is_written_as_kubectl_writes_it() -> None:
    shapes: list[Any] = [
        [1, [2, 3], [], [[]]],
        {"a": {"b": [{"c": 1, "d": []}, {}, "m\nn"]}, "e": {}},
        ["t\nu\n", ["x y", "p\nq"]],
        {"k" * 130: {"a": 1, "b": [1]}, "l" * 130: [1, {"a": 2}], "z" * 129: "a\nb", "m" * 129: {}, "": {"": ""}},
        [None, True, False, 0, -1, 1.5, 1234567.5, 0.0001, 2**63 - 1, -(2**63)],
    ]
    tree = config_map({}, x=shapes)
    assert kubectl(json.dumps(tree), "yaml") == to_yaml(tree)


def test_kubectl_reads_back_what_was_written_control_characters_too() -> None:
    unsafe = [chr(code) for code in (*range(32), *range(0x7F, 0xA0), 0xAD, 0x200B, 0x202E, 0x2028, 0x2066, 0xFEFF)]
    texts = [*WORDS, *TEXTS, *READ_BY_OTHERS, *unsafe, *(f"a{each}b\nc" for each in unsafe), *random_texts(1000)]
    tree = values(texts)
    written = to_yaml(tree)
    assert not [each for each in written if each != "\n" and is_unsafe(each)]
    assert json.loads(kubectl(written, "json"))["data"] == tree["data"]
    assert yaml.load(written, Loader=yaml.CSafeLoader) == tree
    keys = config_map({text: "v" for text in texts if text})
    assert json.loads(kubectl(to_yaml(keys), "json"))["data"] == keys["data"]


@settings(max_examples=300)
@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_any_text_is_read_back_on_one_line_and_broken(text: str) -> None:
    assert yaml.safe_load(quoted(text)) == text
    assert yaml.load(to_yaml({text: [text, {"k": text}]}), Loader=yaml.CSafeLoader) == {text: [text, {"k": text}]}


def test_on_a_screen_nothing_is_sorted_or_broken() -> None:
    lines = ["".join(piece.text for piece in line) for line in yaml_lines({"z": "word " * 50 + "end", "a": 1, "b": []})]
    assert lines == ["z: " + "word " * 50 + "end", "a: 1", "b: []"]
    assert ["".join(piece.text for piece in line) for line in yaml_lines({})] == ["{}"]
