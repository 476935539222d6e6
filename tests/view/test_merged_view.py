from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import GroupVersionResource, Resource
from kwatch.query import parse
from kwatch.query.completion import complete
from kwatch.query.row import QualifiedKeys, located, namespace_of, qualified, qualify
from kwatch.query.syntax import QuerySyntaxError
from kwatch.view.exploration import available_facets, explore
from kwatch.view.indexes_on_demand import demand_indices
from kwatch.view.merged import BY_KIND, BY_NAMESPACE
from kwatch.view.union_kind import union_kind
from tests.query.cluster import NOW, pod
from tests.view.mixed import KINDS, Mixed, kind_of
from tests.view.relations.world import make


def deployment(key: str, *, ready: int = 1, replicas: int = 1, **parts: object) -> KubeObject:
    status = {"replicas": replicas, "readyReplicas": ready, "availableReplicas": ready, "updatedReplicas": ready}
    return make("Deployment", key, spec={"replicas": replicas}, status=status, **parts)  # type: ignore[arg-type]


def node(name: str) -> KubeObject:
    return make("Node", name, status={"conditions": [{"type": "Ready", "status": "True"}]})


WEB = deployment("shop/web", ready=1, replicas=2, labels={"app": "web"})
OBJECTS = [
    pod("shop/web-1", labels={"app": "web"}, node="node-1", restarts=3),
    pod("data/db-0", labels={"app": "db"}, node="node-2", phase="Failed", owner=("StatefulSet", "db")),
    WEB,
    deployment("data/web", labels={"app": "web"}),
    node("node-1"),
    make("Widget", "shop/gadget", labels={"app": "web"}),
]


def filtered(mixed: Mixed, text: str) -> list[str]:
    mixed.view.set_query(parse(text))
    return mixed.names()


def test_rows_come_kind_by_kind_then_by_namespace_and_name() -> None:
    assert Mixed(*OBJECTS).names() == [
        "Pod/db-0", "Pod/web-1", "Deployment/web", "Deployment/web", "Node/node-1", "Widget/gadget",
    ]  # fmt: skip


def test_the_order_of_the_kinds_is_the_one_asked_for() -> None:
    assert Mixed(*OBJECTS, kinds=("Node", "Pod")).names() == ["Node/node-1", "Pod/db-0", "Pod/web-1"]


def test_columns_of_one_title_are_one_and_blank_where_a_kind_has_none() -> None:
    mixed = Mixed(*OBJECTS)
    titles = [column.title for column in mixed.kind.columns]
    assert titles[:6] == ["Kind", "Name", "Ready", "Status", "Restarts", "Age"]
    assert len(titles) == len(set(titles))
    shown = mixed.shown(mixed.key(OBJECTS[0]))
    assert [shown[title] for title in ("Kind", "Name", "Ready", "Restarts")] == ["Pod", "web-1", "1/1", "3"]
    assert mixed.shown(mixed.key(WEB)).keys() >= {"Kind", "Name", "Ready", "Up-to-date"}
    assert "Status" not in mixed.shown(mixed.key(WEB))
    assert mixed.shown(mixed.key(OBJECTS[4]))["Status"] == "Ready"


def test_what_few_kinds_have_stands_after_the_age_and_takes_no_room_from_others() -> None:
    columns = {column.title: column for column in Mixed(*OBJECTS).kind.columns}
    titles = list(columns)
    assert titles.index("Up-to-date") > titles.index("Age")
    assert columns["Up-to-date"].optional and not columns["Ready"].optional and not columns["Restarts"].optional


def test_a_cell_is_judged_as_in_its_own_kind() -> None:
    mixed = Mixed(*OBJECTS)
    ready = mixed.kind.column_index("ready")
    own = mixed.alone[1]
    key, column = WEB.key, own.kind.column_index("ready")
    level = mixed.kind.columns[ready].level(mixed.view.values(mixed.key(WEB))[ready])
    assert level is own.kind.columns[column].level(own.values(key)[column])


def test_an_object_of_a_kind_nobody_expects_is_a_row_all_the_same() -> None:
    mixed = Mixed(kinds=("Pod", "Node"))
    values = mixed.kind.read(make("Widget", "shop/stray"))
    assert values[:2] == ("Widget", "stray") and set(values[2:]) == {None}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("app=web", ["Pod/web-1", "Deployment/web", "Deployment/web", "Widget/gadget"]),
        ("ns:data", ["Pod/db-0", "Deployment/web"]),
        ("kind:deploy", ["Deployment/web", "Deployment/web"]),
        ("!kind:pod,deploy", ["Node/node-1", "Widget/gadget"]),
        ("node:node-1", ["Pod/web-1"]),
        ("!node:node-1 ns:shop", ["Deployment/web", "Widget/gadget"]),
        ("restarts>2", ["Pod/web-1"]),
        ("!restarts>2 ns:shop", ["Deployment/web", "Widget/gadget"]),
        ("ready=1/2", ["Deployment/web"]),
        ("up-to-date<5", ["Deployment/web", "Deployment/web"]),
        (".spec.replicas>1", ["Deployment/web"]),
        ("status:Ready", ["Node/node-1"]),
        ("owner:sts/db", ["Pod/db-0"]),
        ("unhealthy", ["Pod/db-0", "Deployment/web"]),
        ("Deployment", ["Deployment/web", "Deployment/web"]),
        ("age<2h", ["Pod/db-0", "Pod/web-1"]),
        ("image:nginx", ["Pod/db-0", "Pod/web-1"]),
    ],
)
def test_filters(text: str, expected: list[str]) -> None:
    for on_demand in (False, True):
        assert filtered(Mixed(*OBJECTS, on_demand=on_demand), text) == expected


def test_what_no_kind_has_is_a_mistake() -> None:
    mixed = Mixed(*OBJECTS)
    with pytest.raises(QuerySyntaxError, match="no column restart"):
        mixed.view.set_query(parse("restart>3"))
    with pytest.raises(QuerySyntaxError, match="no about"):
        mixed.view.set_query(parse("about:pod/web-1"))


def test_changes_are_asked_of_each_journal() -> None:
    mixed = Mixed(*OBJECTS)
    mixed.journals[0].changes.append(("shop/web-1", "status.phase", "Pending", "Running", NOW - 10))
    mixed.journals[1].changes.append(("shop/web", "spec.replicas", "1", "2", NOW - 1000))
    mixed.journals[2].changes.append(("node-1", "status.phase", "a", "b", NOW - 10))
    assert filtered(mixed, "~") == ["Pod/web-1", "Deployment/web", "Node/node-1"]
    assert filtered(mixed, "~status.phase") == ["Pod/web-1", "Node/node-1"]
    assert filtered(mixed, "~ since:1m") == ["Pod/web-1", "Node/node-1"]
    mixed.journals[1].graves["shop/gone"] = deployment("shop/gone")
    assert filtered(mixed, "deleted") == ["Deployment/gone"]


def test_marked() -> None:
    mixed = Mixed(*OBJECTS)
    mixed.marks.update({mixed.key(WEB)})
    assert filtered(mixed, "marked") == ["Deployment/web"]


def test_a_change_moves_its_own_row_only_and_a_deleted_one_lingers() -> None:
    mixed = Mixed(*OBJECTS)
    key = mixed.key(WEB)
    mixed.view.values(key)
    mixed.put(deployment("shop/web", ready=2, replicas=2))
    changes = mixed.view.apply({key})
    assert changes.changed == {key} and not changes.moved
    assert mixed.shown(key)["Ready"] == "2/2"
    row = mixed.view.row(key)
    assert row is not None
    assert mixed.kind.column_index("ready") in mixed.recent.cells(row, mixed.clock.time())
    mixed.caches[mixed.resources[1]].remove("shop/web")
    mixed.view.apply({key})
    assert key in mixed.view.gone and len(mixed.names()) == len(OBJECTS)
    mixed.clock.now += 9
    mixed.view.apply(frozenset())
    assert len(mixed.names()) == len(OBJECTS) - 1


def test_any_column_sorts_across_kinds() -> None:
    mixed = Mixed(*OBJECTS)
    view = mixed.view
    view.set_sort(mixed.kind.column_index("name"))
    assert mixed.names() == [
        "Pod/db-0", "Widget/gadget", "Node/node-1", "Deployment/web", "Deployment/web", "Pod/web-1",
    ]  # fmt: skip
    view.set_sort(BY_KIND, descending=True)
    assert mixed.names()[:2] == ["Widget/gadget", "Node/node-1"]
    view.set_sort(BY_NAMESPACE)
    assert mixed.names()[:3] == ["Node/node-1", "Pod/db-0", "Deployment/web"]
    for column in range(len(mixed.kind.columns)):
        view.set_sort(column)
        assert sorted(view.order) == sorted(mixed.source.list_keys())


def test_facets_count_over_all_kinds() -> None:
    mixed = Mixed(*OBJECTS, on_demand=False)
    context = mixed.view.context
    found = {each.id: each.facet for each in explore(context, None, {"kind", "ns", "status", "image"})}
    values = {
        name: {value.value: value.total for value in facet.values} for name, facet in found.items() if facet is not None
    }
    assert values["kind"] == {"Pod": 2, "Deployment": 2, "Node": 1, "Widget": 1}
    assert values["ns"] == {"shop": 3, "data": 2}


def test_an_index_answers_only_once_every_cache_has_it() -> None:
    mixed = Mixed(*OBJECTS, on_demand=False)
    pods, deployments = mixed.caches[mixed.resources[0]], mixed.caches[mixed.resources[1]]
    demand_indices(pods, {"image": lambda obj: ("mine",)}).make()
    assert "image" in pods.index_names and "image" not in mixed.source.index_names
    demand_indices(mixed.source, {"image": lambda obj: ("mine",)}).make()
    assert "image" in deployments.index_names and "image" in mixed.source.index_names
    assert deployments.index_counts("image") == {}  # by the deployments' own function, not by the one given
    with pytest.raises(KeyError):
        mixed.source.index_counts("nothing")


def test_the_kinds_are_completed_and_only_offered_where_there_are_several() -> None:
    mixed = Mixed(*OBJECTS)
    texts = {each.text: each.count for each in complete("kind:", 5, mixed.view.context).suggestions}
    assert texts["Deployment"] == 2
    assert "kind" in {each.name for each in available_facets(mixed.view.context)}
    assert "kind" not in {each.name for each in available_facets(mixed.alone[0].context)}


names = st.sampled_from(["a", "web", "web-1", "z"])
spaces = st.sampled_from(["a", "a-b", "shop"])
labels = st.dictionaries(st.sampled_from(["app", "tier"]), st.sampled_from(["", "x", "web"]), max_size=2)
objects = st.one_of(
    st.builds(
        lambda space, name, given_labels, phase: pod(f"{space}/{name}", labels=given_labels, phase=phase, node="n"),
        spaces, names, labels, st.sampled_from(["Running", "Failed"]),
    ),
    st.builds(
        lambda space, name, given_labels, ready: deployment(
            f"{space}/{name}", labels=given_labels, ready=ready, replicas=2
        ),
        spaces, names, labels, st.integers(0, 2),
    ),
    st.builds(node, names),
    st.builds(lambda space, name, given_labels: make("Widget", f"{space}/{name}", labels=given_labels),
              spaces, names, labels),
)  # fmt: skip
terms = st.sampled_from(
    ["app=web", "!app=web", "tier", "app in (x,web)", "ns:a*", "web", "/^web/", ".metadata.name=z", "owner:x", "!zzz",
     "unhealthy", "!unhealthy", "name~we", "label:app", "age<2h"]
)  # fmt: skip
queries = st.lists(terms, max_size=3).map(" ".join)


@settings(max_examples=150)
@given(st.lists(objects, max_size=12), st.lists(objects, max_size=6), queries)
def test_a_mixed_view_shows_what_the_views_of_its_kinds_show(
    before: list[KubeObject], changed: list[KubeObject], query: str
) -> None:
    mixed = Mixed(*before)
    for view in (mixed.view, *mixed.alone):
        view.set_query(parse(query) if query else None)
    for obj in changed:
        mixed.put(obj)
    mixed.view.apply({mixed.key(obj) for obj in changed})
    for kind, view in zip(KINDS, mixed.alone, strict=True):
        view.apply({obj.key for obj in changed if obj.kind == kind})
    expected = [key for place, view in enumerate(mixed.alone) for key in qualify(place, view.order)]
    assert list(mixed.view.order) == expected


@given(st.integers(0, 999), st.from_regex(r"([a-z-]+/)?[^/\n]+", fullmatch=True))
def test_keys_there_and_back(place: int, key: str) -> None:
    there = qualified(place, key)
    assert located(there) == (place, key) and located(key) is None
    assert namespace_of(there) == namespace_of(key) == key.rpartition("/")[0]
    assert there.rpartition("/")[2] == key.rpartition("/")[2]


def test_qualified_keys_are_remembered_but_not_for_ever() -> None:
    keys = QualifiedKeys(2)
    assert list(keys.of(["shop/a", "b"])) == ["002:shop/a", "002:/b"]
    assert keys["shop/a"] is keys["shop/a"]
    keys.LIMIT = 2
    assert keys["shop/c"] == "002:shop/c" and len(keys) == 1


def test_kinds_of_one_name_are_told_apart_by_their_groups() -> None:
    ours = Resource(GroupVersionResource("", "v1", "events"), "Event", namespaced=True)
    theirs = Resource(GroupVersionResource("events.k8s.io", "v1", "events"), "Event", namespaced=True)
    kind = union_kind([(each, kind_of(each)) for each in (ours, theirs)])
    objects = [
        KubeObject.of({"apiVersion": each.api_version, "kind": "Event", "metadata": {"name": "e", "namespace": "a"}})
        for each in (ours, theirs)
    ]
    assert [kind.read(obj)[0] for obj in objects] == ["Event", "Event.events.k8s.io"]
