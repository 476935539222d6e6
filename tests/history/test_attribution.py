from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kwatch.history.attribution import UNKNOWN, Writer, attribute, writers
from kwatch.history.diff.compare import diff

WIRE = Path(__file__).parent.parent / "wire"


def entry(manager: str, time: str, fields: Any, operation: str = "Update", subresource: str = "") -> dict[str, Any]:
    made = {"manager": manager, "operation": operation, "apiVersion": "apps/v1", "time": time, "fieldsV1": fields}
    return made | ({"subresource": subresource} if subresource else {})


def obj(fields: list[dict[str, Any]], **parts: Any) -> dict[str, Any]:
    return {"metadata": {"name": "web", "managedFields": fields, **parts.pop("metadata", {})}, **parts}


def who(old: dict[str, Any] | None, new: dict[str, Any] | None) -> dict[str, str]:
    changes = diff(old, new)
    return {change.path: str(writer) for change, writer in zip(changes, attribute(old, new, changes), strict=True)}


REPLICAS: dict[str, Any] = {"f:spec": {"f:replicas": {}}}
PHASE: dict[str, Any] = {"f:status": {"f:phase": {}}}


def test_the_manager_whose_entry_moved() -> None:
    old = obj([entry("kubectl", "t1", REPLICAS), entry("controller", "t1", PHASE, subresource="status")],
              spec={"replicas": 3}, status={"phase": "A"})  # fmt: skip
    new = obj([entry("kubectl", "t1", REPLICAS), entry("controller", "t2", PHASE, subresource="status")],
              spec={"replicas": 3}, status={"phase": "B"})  # fmt: skip
    changes = diff(old, new)
    assert attribute(old, new, changes) == (Writer("controller", "Update", "status", "t2"),)


def test_a_new_manager_takes_the_field_from_another() -> None:
    old = obj([entry("kubectl", "t1", {"f:spec": {"f:replicas": {}, "f:paused": {}}})], spec={"replicas": 3})
    new = obj(
        [entry("kubectl", "t1", {"f:spec": {"f:paused": {}}}), entry("hpa", "t2", REPLICAS, subresource="scale")],
        spec={"replicas": 9},
    )
    assert who(old, new) == {"spec.replicas": "hpa"}


def test_several_writers_between_two_versions() -> None:
    old = obj([entry("kubectl", "t1", REPLICAS), entry("controller", "t1", PHASE)], spec={"replicas": 3},
              status={"phase": "A"})  # fmt: skip
    new = obj([entry("kubectl", "t2", REPLICAS), entry("controller", "t3", PHASE)], spec={"replicas": 4},
              status={"phase": "B"})  # fmt: skip
    assert who(old, new) == {"spec.replicas": "kubectl", "status.phase": "controller"}


def test_nobody_moved_and_nobody_is_named() -> None:
    old = obj([entry("kubectl", "t1", REPLICAS), entry("other", "t9", PHASE)], spec={"replicas": 3})
    new = obj([entry("kubectl", "t1", REPLICAS), entry("other", "t9", PHASE)], spec={"replicas": 4})
    assert who(old, new) == {"spec.replicas": "unknown"}


def test_two_owners_that_both_moved_decide_nothing() -> None:
    old = obj([entry("a", "t1", REPLICAS, "Apply"), entry("b", "t1", REPLICAS, "Apply")], spec={"replicas": 3})
    new = obj([entry("a", "t2", REPLICAS, "Apply"), entry("b", "t2", REPLICAS, "Apply")], spec={"replicas": 4})
    assert who(old, new) == {"spec.replicas": "unknown"}


def test_a_second_write_within_a_second_is_its_owners_though_others_wrote_then_too() -> None:
    fields = [entry("manager", "t2", REPLICAS), entry("manager", "t2", PHASE, subresource="status")]
    old, new = obj(fields, spec={"replicas": 3}), obj(fields, spec={"replicas": 4})
    changes = diff(old, new)
    assert attribute(old, new, changes) == (Writer("manager", "Update", "", "t2"),)


def test_a_second_write_within_a_second_is_its_owners() -> None:
    old = obj([entry("early", "t1", PHASE), entry("kubectl", "t2", REPLICAS)], spec={"replicas": 3})
    new = obj([entry("early", "t1", PHASE), entry("kubectl", "t2", REPLICAS)], spec={"replicas": 4})
    assert who(old, new) == {"spec.replicas": "kubectl"}


@pytest.mark.parametrize(
    ("fields", "old", "new", "path"),
    [
        ({"f:spec": {"f:containers": {'k:{"name":"web"}': {"f:image": {}}}}},
         {"spec": {"containers": [{"name": "web", "image": "a:1"}]}},
         {"spec": {"containers": [{"name": "x", "image": "z"}, {"name": "web", "image": "a:2"}]}},
         "spec.containers[web].image"),
        ({"f:spec": {"f:ports": {'k:{"containerPort":80,"protocol":"TCP"}': {"f:name": {}}}}},
         {"spec": {"ports": [{"containerPort": 80, "name": "a"}]}},
         {"spec": {"ports": [{"containerPort": 80, "name": "b"}]}},
         "spec.ports[80/TCP].name"),
        ({"f:metadata": {"f:finalizers": {".": {}, 'v:"keep"': {}}}},
         {"metadata": {"finalizers": ["other"]}}, {"metadata": {"finalizers": ["other", "keep"]}},
         "metadata.finalizers[keep]"),
        ({"f:spec": {"f:args": {"i:1": {}}}}, {"spec": {"args": ["a", "b"]}}, {"spec": {"args": ["a", "c"]}},
         "spec.args[1]"),
        ({"f:spec": {"f:selector": {}}}, {"spec": {"selector": {"app": "a"}}}, {"spec": {"selector": {"app": "b"}}},
         "spec.selector.app"),
        ({"f:metadata": {"f:labels": {".": {}, "f:app.kubernetes.io/name": {}}}},
         {"metadata": {"labels": {"app.kubernetes.io/name": "a"}}},
         {"metadata": {"labels": {"app.kubernetes.io/name": "b"}}},
         "metadata.labels[app.kubernetes.io/name]"),
        ({"f:status": {"f:loadBalancer": {".": {}, "f:ingress": {}}}}, {"status": {}},
         {"status": {"loadBalancer": {"ingress": [{"ip": "1.2.3.4"}]}}}, "status.loadBalancer"),
    ],
)  # fmt: skip
def test_every_spelling_of_a_field_set(fields: Any, old: dict[str, Any], new: dict[str, Any], path: str) -> None:
    before = obj([entry("kubectl", "t1", fields), entry("other", "t1", {})], **old)
    after = obj([entry("kubectl", "t2", fields), entry("other", "t1", {"f:nothing": {}})], **new)
    assert who(before, after)[path] == "kubectl"


def test_what_was_removed_was_removed_by_the_only_writer() -> None:
    both: dict[str, Any] = {"f:spec": {"f:replicas": {}, "f:paused": {}}}
    old = obj([entry("kubectl", "t1", both)], spec={"replicas": 3, "paused": True})
    assert who(old, obj([entry("kubectl", "t2", REPLICAS)], spec={"replicas": 3})) == {"spec.paused": "kubectl"}
    assert who(old, obj([entry("kubectl", "t1", REPLICAS)], spec={"replicas": 3})) == {"spec.paused": "unknown"}


def test_the_creator_is_who_wrote_when_it_was_created() -> None:
    created = obj(
        [entry("kubectl", "t1", REPLICAS), entry("controller", "t1", PHASE, subresource="status")],
        metadata={"creationTimestamp": "t1"},
    )
    assert who(None, created) == {"": "kubectl"}


def test_a_deletion_leaves_no_evidence() -> None:
    assert who(obj([entry("kubectl", "t1", REPLICAS)]), None) == {"": "unknown"}


@pytest.mark.parametrize("fields", [None, "x", [None, 5, {"manager": 7}], [{"manager": "m", "fieldsV1": "nonsense"}]])
def test_odd_managed_fields_are_no_evidence(fields: Any) -> None:
    old = {"metadata": {"managedFields": fields}, "spec": {"a": 1}}
    new = {"metadata": {"managedFields": fields}, "spec": {"a": 2}}
    assert who(old, new) == {"spec.a": "unknown"}


def test_a_line_names_everybody_once() -> None:
    a, b = Writer("a", "Update"), Writer("b", "Apply")
    assert writers([a, UNKNOWN, b, a]) == (a, b)


def test_changes_recorded_from_a_real_server() -> None:
    events = json.loads((WIRE / "watch-changes.json").read_text())["exchanges"][0]["events"]
    versions = [event["object"] for event in events if event["type"] == "MODIFIED"]
    old, new = versions[0], versions[1]
    changes = diff(old, new)
    assert [change.path for change in changes] == ["status"]
    # Its manager really is called so: it wrote without a user agent.
    assert attribute(old, new, changes) == (Writer("unknown", "Update", "status", "2026-11-23T03:49:29Z"),)
