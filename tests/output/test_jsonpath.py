"""Templates as kubectl takes them."""

from __future__ import annotations

import pytest

from kwatch.catalog.jsonpath import JSONPathError
from kwatch.output.jsonpath import JsonPathPrinter, JsonPathTemplate
from kwatch.output.printer import Masking
from tests.output.changes import change, pod

TREE = {
    "metadata": {"name": "web", "labels": {"a.b/c": "d"}},
    "spec": {"replicas": 3, "ratio": 2.0, "paused": True, "containers": [{"name": "x"}, {"name": "y"}], "n": None},
}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{.metadata.name}", "web"),
        ("name={.metadata.name}!", "name=web!"),
        ("{.spec.replicas} {.spec.ratio} {.spec.paused}", "3 2 true"),
        ("{.spec.containers[*].name}", "x y"),
        ('{range .spec.containers[*]}{.name}{"\\n"}{end}', "x\ny\n"),
        ("{range .spec.containers[*]}{.name}{'\\t'}{end}", "x\ty\t"),
        (r"{.metadata.labels.a\.b/c}", "d"),
        ("{.spec.containers[0]}", '{"name":"x"}'),
        ("{.nothing.here}", ""),
        ('{"{}"}', "{}"),
        ("", ""),
    ],
)
def test_renders(template: str, expected: str) -> None:
    assert JsonPathTemplate(template).render(TREE) == expected


@pytest.mark.parametrize("template", ["{.metadata.name", "{end}", "{range .items[*]}{.x}", "{.a[}", '{"\\q"}'])
def test_a_broken_template_is_told(template: str) -> None:
    with pytest.raises(JSONPathError):
        JsonPathTemplate(template)


def test_a_final_list_and_single_changes() -> None:
    printer = JsonPathPrinter("{.items[*].metadata.name}", Masking())
    assert printer.initial([change(pod("a")), change(pod("b"))], final=True) == "a b"
    single = JsonPathPrinter("{.metadata.name}", Masking())
    assert single.initial([change(pod("a")), change(pod("b"))], final=False) == "a\nb\n"
