"""Whatever stands in an object's fields, everything that reads objects has an answer: cells, health, overview, indices,
usage. Examples are objects of every kind with one subtree replaced by anything that JSON can say.
"""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kwatch.catalog.health import assess
from kwatch.catalog.indices import indexers_for, indexers_on_demand
from kwatch.catalog.kind import Kind
from kwatch.catalog.overview import describe, describe_related
from kwatch.catalog.registry import generic_kind, kind_for
from kwatch.informer.indexer import Indexer
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource
from kwatch.view.containers import containers_of
from kwatch.view.usage import Amount, Usage, measurable, with_usage
from tests.catalog.recorded import printed_objects
from tests.catalog.test_generated_rows import GENERATED

NOW = 1_800_000_000.0
EXAMPLES: list[tuple[Resource, dict[str, Any]]] = [
    *((row.resource, row.object) for row in GENERATED),
    *((printed.resource, printed.object) for printed in printed_objects()),
]
ODD_TEXTS = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        ["", " ", "\0", "\x1b[31m", "a=b,c", "é\u202e", "-1", "1e999", "NaN", "10Gi", "9" * 400, "0001-01-01T00:00:00Z"]
    ),
    st.sampled_from(["2026-02-30T00:00:00Z", "9999-12-31T23:59:59Z", "2026-01-01T00:00:00+99:99", "True", "<none>"]),
)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(allow_nan=False, allow_infinity=False), ODD_TEXTS
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(ODD_TEXTS, inner, max_size=3)),
    max_leaves=8,
)


class _Measured:
    version = 1

    def of(self, key: str) -> Usage | None:
        return Usage(Amount(1.0, 1.0))


def _paths(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    found = []
    for key, value in items:
        found += [(*path, key), *_paths(value, (*path, key))]
    return found


_NEEDED = {("metadata",), ("metadata", "name"), ("metadata", "namespace"), ("kind",), ("apiVersion",)}


@st.composite
def _damaged(draw: st.DrawFn) -> tuple[Resource, dict[str, Any], dict[str, Any]]:
    resource, intact = draw(st.sampled_from(EXAMPLES))
    tree = copy.deepcopy(intact)
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from([path for path in _paths(tree) if path not in _NEEDED]))
        place: Any = tree
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = draw(ANYTHING)
    if draw(st.booleans()):
        tree["metadata"]["labels"] = draw(st.dictionaries(ODD_TEXTS, SCALARS, max_size=3))
    return resource, intact, tree


def _show(kind: Kind, obj: KubeObject) -> None:
    values = kind.read(obj)
    assert len(values) == len(kind.columns)
    name = values[kind.column_index("Name")]
    assert isinstance(name, str) and name.startswith(obj.name)
    for column, value in zip(kind.columns, values, strict=True):
        assert isinstance(column.text(value, NOW), str)
        order = column.order(value)
        assert order is None or order == order, "not a number, which nothing can be sorted by"
        column.level(value)
    assert kind.read(obj) == values
    kind.table_cells(values, NOW)


def _sort(kind: Kind, intact: KubeObject, damaged: KubeObject) -> None:
    for column, ours, theirs in zip(kind.columns, kind.read(intact), kind.read(damaged), strict=True):
        sorted([order for order in (column.order(ours), column.order(theirs)) if order is not None])


@given(_damaged())
@settings(max_examples=300)
def test_everything_that_reads_objects_has_an_answer(damaged: tuple[Resource, dict[str, Any], dict[str, Any]]) -> None:
    resource, intact, tree = damaged
    obj = KubeObject.of(tree)
    kind = kind_for(resource) or generic_kind(resource)
    _show(kind, obj)
    _sort(kind, KubeObject.of(intact), obj)
    if measurable(resource):
        _show(with_usage(kind, resource, _Measured()), obj)
    for problem in assess(resource, obj).all_at(NOW):
        assert problem.reason
        assert "\n" not in problem.reason
    for section in describe(resource, obj):
        for fact in section.facts:
            assert isinstance(fact.text(NOW), str)
    kin = {name: [obj] for name in ("pods", "leases", "endpointslices", "replicasets")}
    for section in describe_related(resource, obj, kin):
        assert section.facts
    if resource.name == "pods":
        containers_of(obj)
    indexer = Indexer(indexers={**indexers_for(resource), **indexers_on_demand(resource)})
    indexer.add(obj)
    assert len(indexer) == 1
    for name in indexer.index_names:
        for value in indexer.list_index_func_values(name):
            assert indexer.index_keys(name, value)
