"""Nodes, volumes, autoscalers and events: what is related by a name written in a field."""

from __future__ import annotations

from collections.abc import Iterator

from kwatch.catalog.overview.tree import Tree
from kwatch.informer.index import NODE_INDEX
from kwatch.informer.selectors import field_is
from kwatch.view.relations.finders import by_index, where
from kwatch.view.relations.relation import Around, Relation


def of_pod(around: Around) -> Iterator[Relation | None]:
    """The node it runs on."""
    yield around.one("runs on", "nodes", around.obj.node)


def of_node(around: Around) -> Iterator[Relation | None]:
    """Its pods, and the lease it renews."""
    yield around.one("lease", "leases.coordination.k8s.io", around.obj.name, "kube-node-lease")
    on_it = field_is("spec.nodeName", around.obj.name)
    yield around.ask("runs", "pods", by_index(NODE_INDEX, around.obj.name), anywhere=True, field_selector=on_it)


def of_claim(around: Around) -> Iterator[Relation | None]:
    """The volume that is bound to it, and its class."""
    spec = around.tree["spec"]
    yield around.one("bound to", "persistentvolumes", spec["volumeName"].text())
    yield around.one("class", "storageclasses.storage.k8s.io", spec["storageClassName"].text())


def of_volume(around: Around) -> Iterator[Relation | None]:
    """The claim it is bound to, and its class."""
    spec = around.tree["spec"]
    claim = spec["claimRef"]
    yield around.one("claimed by", "persistentvolumeclaims", claim["name"].text(), claim["namespace"].text())
    yield around.one("class", "storageclasses.storage.k8s.io", spec["storageClassName"].text())


def of_storage_class(around: Around) -> Iterator[Relation | None]:
    """The volumes of the class."""
    name = around.obj.name
    volumes = where("", lambda tree: tree.at("spec", "storageClassName").text() == name)
    yield around.ask("class of", "persistentvolumes", volumes)


def of_autoscaler(around: Around) -> Iterator[Relation | None]:
    """What it scales."""
    yield _named_by(around, "scales", around.tree.at("spec", "scaleTargetRef"))


def of_scaled(around: Around) -> Iterator[Relation | None]:
    """The autoscalers that scale the workload."""
    wanted = (around.resource.kind, around.obj.name)

    def is_meant(tree: Tree) -> bool:
        target = tree.at("spec", "scaleTargetRef")
        return (target["kind"].text(), target["name"].text()) == wanted

    yield around.ask("scaled by", "horizontalpodautoscalers.autoscaling", where(around.namespace, is_meant))


def of_event(around: Around) -> Iterator[Relation | None]:
    """What it is about."""
    tree = around.tree
    yield _named_by(around, "about", tree["involvedObject"] or tree["regarding"])


def _named_by(around: Around, title: str, reference: Tree) -> Relation | None:
    kind, group = reference["kind"].text(), reference["apiVersion"].text().rpartition("/")[0]
    if not kind:
        return None
    namespace = reference["namespace"].text() or None
    return around.one(title, f"{kind}.{group}" if group else kind, reference["name"].text(), namespace)
