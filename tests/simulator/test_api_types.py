from __future__ import annotations

from kwatch.simulator.api_types import types_of_definition
from tests.simulator.objects import widget_definition


def test_a_type_a_served_version_the_stored_one_first() -> None:
    definition = widget_definition()
    [v1] = definition["spec"]["versions"]
    definition["spec"]["versions"] = [
        {"name": "v1beta1", "served": True, "storage": False},
        v1,
        {"name": "v1alpha1", "served": False, "storage": False},
    ]
    first, second = types_of_definition(definition)
    assert (first.version, second.version) == ("v1", "v1beta1")
    assert [each.name for each in first.subresources] == ["status"]
    assert second.subresources == ()
    assert first.kind_of_list == "WidgetList" and first.custom and first.has_generation


def test_defaults() -> None:
    definition = widget_definition()
    definition["spec"]["names"] = {"plural": "widgets", "kind": "Widget"}
    definition["spec"]["scope"] = "Cluster"
    [widget] = types_of_definition(definition)
    assert (widget.singular_name, widget.kind_of_list, widget.namespaced) == ("widget", "WidgetList", False)
    assert widget.group_resource == "widgets.example.com"
