from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwatch.history.diff.change import ABSENT, Change, changed_paths
from kwatch.history.diff.compare import diff


def words(old: Any, new: Any, **options: Any) -> list[str]:
    return [change.words for change in diff(old, new, **options)]


def container(name: str, **fields: Any) -> dict[str, Any]:
    return {"name": name, **fields}


def test_a_field_by_its_path() -> None:
    assert words({"spec": {"replicas": 3}}, {"spec": {"replicas": 5}}) == ["spec.replicas 3 -> 5"]


def test_an_image_shows_only_the_tag_that_changed() -> None:
    old = {"spec": {"template": {"spec": {"containers": [container("web", image="reg.io:5000/shop/web:1.4.2")]}}}}
    new = {"spec": {"template": {"spec": {"containers": [container("web", image="reg.io:5000/shop/web:1.5.0")]}}}}
    assert words(old, new) == ["spec.template.spec.containers[web].image 1.4.2 -> 1.5.0"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("a/web:1", "b/web:1", "a/web:1 -> b/web:1"),
        ("Pending", "Running", "Pending -> Running"),
        ("", "x", '"" -> x'),
        (None, 1, "null -> 1"),
        (True, 1, "true -> 1"),
        ("web:1@sha256:" + "a" * 64, "web:1@sha256:" + "b" * 64, f"1@sha256:{'a' * 12}… -> 1@sha256:{'b' * 12}…"),
        ({"a": 1}, [1, 2], "{a: 1} -> [1, 2]"),
        (
            None,
            {"type": "Ready", "status": "False", "reason": "ContainersNotReady", "message": "one two", "more": 1},
            "null -> {type: Ready, status: False, reason: ContainersNotReady, …}",
        ),
        (1, {"spec": {"a": 1}, "none": {}, "list": [{}]}, "1 -> {spec: {…}, none: {}, list: [1 item]}"),
        (None, [{"type": "PodScheduled", "status": "True"}, {"type": "X"}], "null -> [PodScheduled: True, X]"),
        (None, [{"name": "web", "image": "web:1"}, {"name": "b"}], "null -> [web, b]"),
        (None, [{"name": "web"}, {"port": 1}], "null -> [2 items]"),
        (None, [{"port": 1, "range": {"from": 2}}], "null -> [{port: 1, range: {…}}]"),
        (
            None,
            [{"key": "down", "effect": "NoSchedule"}, {"key": "for", "value": "gpu", "effect": "NoExecute"}],
            "null -> [down:NoSchedule, for=gpu:NoExecute]",
        ),
    ],
)
def test_values_in_words(old: Any, new: Any, expected: str) -> None:
    assert words({"x": old}, {"x": new}) == [f"x {expected}"]


def test_long_texts_are_shown_where_they_part() -> None:
    old, new = "a" * 200 + "old" + "b" * 200, "a" * 200 + "new" + "b" * 200
    (change,) = diff({"data": {"file": old}}, {"data": {"file": new}})
    assert "old" in change.words
    assert "new" in change.words
    assert len(change.words) < 160


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        ("containers", [container("a"), container("b", tty=True)], [container("b"), container("a")],
         ["x.containers[b].tty removed, was true"]),
        ("ports", [{"containerPort": 80}], [{"containerPort": 443, "protocol": "TCP"},
         {"containerPort": 80, "name": "h"}],
         ["x.ports[443/TCP] added {containerPort: 443, protocol: TCP}", "x.ports[80/TCP].name added h"]),
        ("env", [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}], [{"name": "B", "value": "3"}],
         ["x.env[B].value 2 -> 3", "x.env[A] removed, was {value: 1}"]),
        ("conditions", [{"type": "Ready", "status": "False"}], [{"type": "New"}, {"type": "Ready", "status": "True"}],
         ["x.conditions[New] added {type: New}", "x.conditions[Ready].status False -> True"]),
        ("volumeMounts", [{"name": "v", "mountPath": "/a"}], [{"name": "v", "mountPath": "/b"},
         {"name": "w", "mountPath": "/a"}],
         ["x.volumeMounts[/b] added {name: v}", "x.volumeMounts[/a].name v -> w"]),
        ("ownerReferences", [{"uid": "1", "name": "a"}], [{"uid": "2", "name": "a"}],
         ["x.ownerReferences[2] added {name: a}", "x.ownerReferences[1] removed, was {name: a}"]),
        ("taints", [{"key": "k", "effect": "NoSchedule"}], [{"key": "k", "effect": "NoExecute"}],
         ["x.taints[k/NoExecute] added {key: k, effect: NoExecute}",
          "x.taints[k/NoSchedule] removed, was {key: k, effect: NoSchedule}"]),
        ("tolerations", [{"operator": "Exists"}, {"key": "k"}], [{"key": "k", "value": "v"}, {"operator": "Exists"}],
         ["x.tolerations[k/Equal/v] added {key: k, value: v}", "x.tolerations[k/Equal] removed, was {key: k}"]),
        ("finalizers", ["a", "b"], ["b", "c"], ["x.finalizers[c] added c", "x.finalizers[a] removed, was a"]),
        ("things", [{"name": "n", "v": 1}], [{"name": "m", "v": 1}, {"name": "n", "v": 2}],
         ["x.things[m] added {v: 1}", "x.things[n].v 1 -> 2"]),
        ("args", ["a", "b", "c"], ["z", "a", "b", "d"], ["x.args[0] added z", "x.args[3] c -> d"]),
        ("containers", [container("a", n=1), container("a", n=2)], [container("a", n=1), container("a", n=3)],
         ["x.containers[1].n 2 -> 3"]),
    ],
)  # fmt: skip
def test_items_of_lists_are_matched_by_what_identifies_them(
    name: str, old: list[Any], new: list[Any], expected: list[str]
) -> None:
    assert words({"x": {name: old}}, {"x": {name: new}}) == expected


def test_noise_is_folded_unless_asked_for() -> None:
    def node(version: str, beat: str, ready: str) -> dict[str, Any]:
        condition = {"type": "Ready", "status": ready, "lastHeartbeatTime": beat}
        metadata = {"resourceVersion": version, "managedFields": [{"time": beat}], "generation": int(version)}
        return {"metadata": metadata, "status": {"observedGeneration": int(version), "conditions": [condition]}}

    old, new = node("1", "t1", "True"), node("2", "t2", "False")
    assert words(old, new) == ["status.conditions[Ready].status True -> False"]
    assert len(diff(old, new, noise=True)) == 6
    assert [change.path for change in diff(old, new, noise=True) if not change.noise] == [
        "status.conditions[Ready].status"
    ]


def test_a_lease_that_was_renewed_is_noise() -> None:
    assert (
        words({"spec": {"renewTime": "1", "holderIdentity": "a"}}, {"spec": {"renewTime": "2", "holderIdentity": "a"}})
        == []
    )


def test_kind_and_api_version_are_no_change() -> None:
    assert diff({"metadata": {}}, {"kind": "Pod", "apiVersion": "v1", "metadata": {}}) == ()
    assert words({"roleRef": {"kind": "Role"}}, {"roleRef": {"kind": "ClusterRole"}}) == [
        "roleRef.kind Role -> ClusterRole"
    ]


def test_names_that_are_no_words_stand_in_brackets() -> None:
    old = {"metadata": {"labels": {"app.kubernetes.io/name": "a"}}}
    new = {"metadata": {"labels": {"app.kubernetes.io/name": "b", "tier": "web"}}}
    assert [change.path for change in diff(old, new)] == [
        "metadata.labels[app.kubernetes.io/name]",
        "metadata.labels.tier",
    ]


def test_the_object_itself_comes_and_goes() -> None:
    assert words(None, {"a": 1}) == ["created"]
    assert words({"a": 1}, None) == ["deleted"]
    assert diff(None, None) == ()


def test_signs_say_what_colour_does() -> None:
    changes = diff({"a": 1, "b": 1}, {"b": 2, "c": 1})
    assert {change.path: change.sign for change in changes} == {"a": "-", "b": "~", "c": "+"}


def test_a_line_names_the_first_changes_and_counts_the_rest() -> None:
    changes = diff({"a": 1, "b": 1, "c": 1}, {"a": 2, "b": 2, "c": 2})
    assert changed_paths(changes, 2) == "a 1 -> 2, b 1 -> 2, 1 more"


def test_true_is_not_one() -> None:
    assert words({"a": [True, {"b": 0}]}, {"a": [1, {"b": False}]}) == ["a[0] true -> 1", "a[1].b 0 -> false"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["a", "b", "web:1", "web:2", ""]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["name", "type", "image", "containers", "env", "x.y"]), inner, max_size=4)
    ),
    max_leaves=20,
)
objects = st.dictionaries(st.sampled_from(["metadata", "spec", "status", "data"]), json_values, max_size=4)


@given(objects)
def test_nothing_differs_from_itself(obj: dict[str, Any]) -> None:
    assert diff(obj, obj, noise=True) == ()


@given(objects, objects)
def test_what_differs_is_found_and_said(old: dict[str, Any], new: dict[str, Any]) -> None:
    changes = diff(old, new, noise=True)
    if not changes:
        assert _canonical(old) == _canonical(new)
    for change in changes:
        assert isinstance(change, Change)
        assert "\n" not in change.words
        assert (change.old is ABSENT) + (change.new is ABSENT) < 2


@given(objects, objects)
def test_a_change_back_is_the_change_turned_round(old: dict[str, Any], new: dict[str, Any]) -> None:
    there, back = diff(old, new, noise=True), diff(new, old, noise=True)
    assert bool(there) == bool(back)


def _canonical(value: Any) -> Any:
    """Up to the order of lists whose items have identities, which means nothing."""
    if isinstance(value, dict):
        return {name: _canonical(child) for name, child in value.items()}
    if isinstance(value, list):
        return sorted((_canonical(item) for item in value), key=repr)
    return (type(value).__name__, value)


def test_a_part_that_came_is_told_without_its_own_name_and_without_noise() -> None:
    condition = {"type": "Ready", "status": "False", "lastProbeTime": None, "observedGeneration": 3, "reason": "Init"}
    assert words({"status": {"conditions": []}}, {"status": {"conditions": [condition]}}) == [
        "status.conditions[Ready] added {status: False, reason: Init}"
    ]
