"""YAML as kubectl prints it."""

from __future__ import annotations

import yaml

from kwatch.output.formats import YamlPrinter
from kwatch.output.printer import Masking
from kwatch.view.yaml_text import to_yaml
from tests.output.changes import change, pod

MANAGED = [{"manager": "kubectl", "operation": "Update"}]


def test_what_is_there_is_a_list_without_managed_fields() -> None:
    text = YamlPrinter(Masking()).initial([change(pod("web", managedFields=MANAGED))], final=True)
    read = yaml.safe_load(text)
    assert (read["kind"], [item["metadata"]["name"] for item in read["items"]]) == ("List", ["web"])
    assert "managedFields" not in text


def test_one_object_asked_for_by_name_stands_alone() -> None:
    text = YamlPrinter(Masking(), single=True).initial([change(pod("web"))], final=True)
    assert yaml.safe_load(text)["kind"] == "Pod"


def test_managed_fields_on_demand() -> None:
    text = YamlPrinter(Masking(), managed_fields=True).change(change(pod("web", managedFields=MANAGED), "MODIFIED"))
    assert text.startswith("--- # MODIFIED\n")
    assert yaml.safe_load(text)["metadata"]["managedFields"] == MANAGED


def test_quotes_and_blocks_are_kubectls() -> None:
    tree = {
        "time": "2026-11-23T06:25:01Z",
        "number": "0",
        "truth": "true",
        "text": "a\nb\n",
        "plain": "web-1",
        "none": None,
    }
    text = to_yaml(tree)
    assert text.splitlines() == [
        "none: null",
        'number: "0"',
        "plain: web-1",
        "text: |",
        "  a",
        "  b",
        'time: "2026-11-23T06:25:01Z"',
        'truth: "true"',
    ]
    assert yaml.safe_load(text) == tree


def test_kyaml_is_the_same_in_other_words() -> None:
    printer = YamlPrinter(Masking(), kyaml=True)
    text = printer.initial([change(pod("web", managedFields=MANAGED))], final=True)
    assert text.startswith('---\n{\n  apiVersion: "v1",\n  items: [{\n    apiVersion: "v1",\n')
    assert yaml.safe_load(text) == yaml.safe_load(YamlPrinter(Masking()).initial([change(pod("web"))], final=True))
    changed = printer.change(change(pod("web"), "MODIFIED"))
    assert changed.startswith("--- # MODIFIED\n{\n") and yaml.safe_load(changed)["kind"] == "Pod"
