"""YAML is read as kubectl reads it: kubectl itself is asked."""

from __future__ import annotations

import itertools
import json
import math
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kwatch.base.yaml_nodes import YAMLProblem, first_document

KUBECTL = Path(sys.executable).parent / "kubectl"
HEAD = "apiVersion: example.com/v1\nkind: Any\nmetadata: {name: a}\n"
WORDS = re.findall(
    r"\S+",
    """
    y Y n N yes Yes YES yEs no on On off OFF true tRue False ~ null Null NULL nUll = <<x a _1 0x 0x_ 0b 0o 0b2 0o8 08
    2024-01-01 2024-13-45 2024-01-01T00:00:00Z 1:30 12:30:45 1e400 -1e400 18446744073709551615 18446744073709551616
    -9223372036854775808 09.5 1__0 1_ +_ 0X1F 0B11 0O17 0xg 1e 1e+ e3 +.5 -.5e-3 . .. ...x + +a 0_7 0x_1f
    """,
)
DIGITS = ("0", "7", "017", "12", "1_000")
NUMBERS = map("".join, itertools.product(("", "_-", "+"), DIGITS, ("", ".", ".5", "._"), ("", "e3", "E-2")))
SCALARS = ["", *WORDS, "9" * 19, "9" * 20, "9" * 30, "9" * 5000, *(each.removeprefix("_") for each in NUMBERS)]
TAGGED = ["!!str 12", "!!str", "!!int 017", "!!float 3", "!!bool y", "!!null ~", "!!binary YWJj", "!x 12", "! 12"]
QUOTED = ['"1"', "'y'", '""', '"a\\tb"', "|-\n    12", ">-\n    1\n    2", "a\n    b"]
TREES = [
    "a: &x {b: 1}\nc: *x\nd: *x",
    "base: &x {b: 1, c: 2}\nd: {<<: *x, b: 3}\ne: {b: 3, <<: *x}",
    "d: {<<: [{b: 1}, {b: 2, c: 3}]}",
    "a: &x 1\nb: &x 2\nc: *x",
    "1: a\ntrue: b\n1.5: c\ny: d\n0x10: e",
    "a: 1\na: 2",
    "a: {b: !!python/object:os.system x}",
    "a: [b, {c: d, e: }, [], {}]",
]


@pytest.mark.skipif(not KUBECTL.exists(), reason="the kubectl of the test dependencies is not installed")
@pytest.mark.parametrize("text", [pytest.param(text, id=text[:20]) for text in TREES])
def test_trees(text: str) -> None:
    spec = "".join(f"  {line}\n" for line in text.splitlines())
    agree(f"{HEAD}spec:\n{spec}")


@pytest.mark.skipif(not KUBECTL.exists(), reason="the kubectl of the test dependencies is not installed")
def test_scalars() -> None:
    agree(f"{HEAD}spec:\n" + "".join(f"- {text}\n" for text in (*SCALARS, *TAGGED, *QUOTED)))
    agree(f"{HEAD}spec: []\n---\nsecond: [\n")
    agree("\ufeff" + HEAD + "spec: [ä, \U0001f600]\n...\n@@@")


def agree(text: str) -> None:
    done = subprocess.run(
        [str(KUBECTL), "annotate", "--local", "-f", "-", "x=y", "-o", "json"],
        input=text.partition("\n---\n")[0].partition("\n...\n")[0].encode(),
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    theirs, ours = json.loads(done.stdout)["spec"], first_document(text.encode())["spec"]
    assert isinstance(theirs, list) == isinstance(ours, list)
    if isinstance(theirs, dict):
        assert alike(ours) == alike(theirs)
        return
    assert len(theirs) == len(ours)
    assert [(their, our) for their, our in zip(theirs, ours, strict=True) if alike(their) != alike(our)] == []


def alike(value: Any) -> Any:
    """With types told apart, but 3.0 and 3 are one to JSON; kubectl makes floats of what 63 bits do not hold."""
    if isinstance(value, dict):
        return {key: alike(each) for key, each in value.items()}
    if isinstance(value, list):
        return [alike(each) for each in value]
    if type(value) in (int, float) and value == math.floor(value):
        return "int", int(float(value))
    return type(value).__name__, value


@pytest.mark.parametrize(
    ("text", "problem", "line"),
    [
        (b"a: [", "did not find expected node content", 2),
        (b"a: *nope", "the anchor 'nope' is not known", 1),
        (b"a: &x [*x]", "contains itself", 1),
        (b"a: {<<: 1}", "what is merged is no mapping", 1),
        (b"%YAML 1.2\n---\na: b", "says that it is YAML 1.2", None),
        (b"a: !!binary '?'", "not followed by base64", 1),
        (b"\xff\xfe\xfa", "truncated|surrogate|UTF|text", None),
        (b"a: " + b"[" * 50_000, "nest", None),
    ],
)
def test_what_cannot_be_read(text: bytes, problem: str, line: int | None) -> None:
    with pytest.raises(YAMLProblem, match=problem) as caught:
        first_document(text)
    assert line is None or caught.value.line == line


@pytest.mark.parametrize("text", [b"", b"# nothing\n", b"--- \n---\na: b", b"null"])
def test_nothing(text: bytes) -> None:
    assert first_document(text) is None
