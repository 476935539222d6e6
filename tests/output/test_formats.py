"""Lines for jq."""

from __future__ import annotations

import base64
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kwatch.base.printable import is_unsafe
from kwatch.history.coverage import Gap
from kwatch.informer.kube_object import KubeObject
from kwatch.output.formats import JsonLinesPrinter
from kwatch.output.printer import Masking, json_text
from tests.output.changes import PODS, change, pod


def only_line(text: str) -> dict[str, Any]:
    assert text.endswith("\n") and text.count("\n") == 1
    line: dict[str, Any] = json.loads(text)
    return line


def test_what_is_there_at_first_is_added() -> None:
    line = only_line(JsonLinesPrinter(Masking()).initial([change(pod("web"))], final=False))
    assert line["type"] == "ADDED"
    assert line["time"] == "1970-01-01T00:00:01.500000Z"
    assert line["object"]["metadata"]["name"] == "web"
    assert (line["object"]["kind"], line["object"]["apiVersion"]) == ("Pod", "v1")
    assert "old_resource_version" not in line


def test_a_change_names_the_paths_that_differ() -> None:
    old, new = pod("web", phase="Pending", version="7"), pod("web", phase="Running", version="8")
    line = only_line(JsonLinesPrinter(Masking()).change(change(new, "MODIFIED", old)))
    assert line["old_resource_version"] == "7"
    assert line["changed"] == ["status.phase"]


def test_a_gap_is_a_line() -> None:
    line = only_line(JsonLinesPrinter(Masking()).gap(Gap("ctx", str(PODS), 1.0, 2.5, "connection refused")))
    assert (line["type"], line["cause"]) == ("GAP", "connection refused")
    assert (line["since"], line["until"]) == ("1970-01-01T00:00:01.000000Z", "1970-01-01T00:00:02.500000Z")


def test_secret_data_is_masked_unless_asked_for() -> None:
    value = base64.b64encode(b"hunter2").decode()
    secret = KubeObject.of(
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "n"}, "data": {"password": value}}
    )
    assert value not in JsonLinesPrinter(Masking()).change(change(secret))
    assert value in JsonLinesPrinter(Masking(show=True)).change(change(secret))


HOSTILE = 'a\x1b[31m\x07\x7f\x80\x9b2J\x9d0;t\x9c\u202eb\u2066\u2028\u200b\ufeff\U000e0041 é世\u00a0\ue000😀\\"\n'


def test_nothing_in_json_is_obeyed_by_a_terminal_and_all_of_it_reads_back() -> None:
    thing = pod("web", annotations={HOSTILE: HOSTILE})
    text = JsonLinesPrinter(Masking()).change(change(thing))
    assert not [each for each in text.removesuffix("\n") if is_unsafe(each)]
    assert only_line(text)["object"] == thing.tree()
    assert "é世\u00a0\ue000😀" in text, "what is harmless stands as it is"
    assert "\\u009b" in text and "\\u007f" in text and "\\u202e" in text and "\\udb40\\udc41" in text


@given(st.recursive(st.none() | st.floats(allow_nan=False, allow_infinity=False) | st.integers() | st.text(), st.lists))
def test_any_value_is_one_safe_line(value: Any) -> None:
    text = json_text([value])
    assert "\n" not in text and not any(map(is_unsafe, text))
    assert json.loads(text) == [value]
