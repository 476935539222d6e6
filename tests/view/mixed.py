"""Pods, deployments, nodes and widgets in one view, and each of them in a view of its own."""

from __future__ import annotations

from collections.abc import Iterable

from kwatch.catalog.kind import Kind
from kwatch.catalog.registry import generic_kind, kind_for
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource
from kwatch.query.context import JournalAccess
from kwatch.query.row import qualified
from kwatch.view.merged import MergedSource, changes_in, orders_of_several
from kwatch.view.projection import Projection
from kwatch.view.recent import RecentChanges
from kwatch.view.source import ViewScope
from kwatch.view.union_kind import union_kind
from tests.query.cluster import FakeClock
from tests.query.journal import FakeJournal
from tests.view.relations.world import RESOURCES, World

KINDS = ("Pod", "Deployment", "Node", "Widget")


def kind_of(resource: Resource) -> Kind:
    return kind_for(resource) or generic_kind(resource)


class Mixed:
    def __init__(self, *objects: KubeObject, kinds: Iterable[str] = KINDS, on_demand: bool = True) -> None:
        self.resources = [RESOURCES[kind] for kind in kinds]
        self.caches = World(*objects, on_demand=on_demand).caches
        self.clock = FakeClock()
        self.journals = [FakeJournal() for _ in self.resources]
        self.recent = RecentChanges()
        self.marks: set[str] = set()
        self.source = MergedSource([(each, self.caches[each]) for each in self.resources])
        self.kind = union_kind([(each, kind_of(each)) for each in self.resources])
        self.view = self._projection(
            self.resources, self.kind, changes_in([(each, ViewScope()) for each in self.journals])
        )
        self.alone = [
            self._projection([each], kind_of(each), journal)
            for each, journal in zip(self.resources, self.journals, strict=True)
        ]

    def key(self, obj: KubeObject) -> str:
        return qualified([each.kind for each in self.resources].index(obj.kind), obj.key)

    def put(self, obj: KubeObject) -> None:
        self.caches[RESOURCES[obj.kind]].add(obj)

    def names(self) -> list[str]:
        """`Pod/web-1` for every row that is shown."""
        return [f"{row.values[0]}/{row.name}" for row in self.view.rows()]

    def shown(self, key: str) -> dict[str, str]:
        now = self.clock.time()
        texts = self.kind.texts(self.view.values(key), now)
        return {column.title: text for column, text in zip(self.kind.columns, texts, strict=True) if text}

    def _projection(self, resources: list[Resource], kind: Kind, journal: JournalAccess) -> Projection:
        is_mixed = len(resources) > 1
        projection = Projection(
            self.source if is_mixed else self.caches[resources[0]],
            kind,
            clock=self.clock,
            resource=resources[0],
            others=tuple(resources[1:]),
            extras=orders_of_several() if is_mixed else None,
            journal=journal,
            recent=self.recent,
            marked=self.marks,
            retention=8.0 if is_mixed else 0.0,
        )
        projection.rebuild()
        return projection
