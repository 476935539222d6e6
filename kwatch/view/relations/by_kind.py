"""What an object of each kind is related to, apart from owners: nodes and volumes, services and their pods, what pods
use and what uses it, roles and bindings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kwatch.catalog.indices import (
    CLAIM_INDEX,
    CONFIG_MAP_INDEX,
    SECRET_INDEX,
    SERVICE_ACCOUNT_INDEX,
    claim_index,
    config_map_index,
    secret_index,
    service_account_index,
)
from kwatch.catalog.tree import Tree
from kwatch.informer.index import LABEL_INDEX, NODE_INDEX, IndexFunc
from kwatch.informer.selectors import field_is
from kwatch.view.relations.relation import Around, Find, Relation, by_index, by_labels, selects, where


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


_SERVICE_NAME = "kubernetes.io/service-name"


def of_service(around: Around) -> Iterator[Relation | None]:
    """Its pods by the selector, its slices, the ingresses that lead to it."""
    name = around.obj.name
    yield around.ask("selects", "pods", by_labels(around.namespace, around.tree.at("spec", "selector")))
    slices = by_index(LABEL_INDEX, f"{_SERVICE_NAME}={name}")
    yield around.ask("endpoints", "endpointslices.discovery.k8s.io", _here(around, slices))
    ingresses = where(around.namespace, lambda tree: name in _services(tree))
    yield around.ask("reached through", "ingresses.networking.k8s.io", ingresses)


def of_endpoints(around: Around) -> Iterator[Relation | None]:
    """The service of the same name, and the pods behind the addresses."""
    yield around.one("of service", "services", around.obj.name)
    for subset in around.tree["subsets"]:
        for key in ("addresses", "notReadyAddresses"):
            for address in subset[key]:
                target = address["targetRef"]
                if target["kind"].text() == "Pod":
                    yield around.one("endpoint", "pods", target["name"].text())


def of_endpoint_slice(around: Around) -> Iterator[Relation | None]:
    """The service, and the pods that are its endpoints."""
    if not around.obj.owners:
        yield around.one("of service", "services", around.obj.labels.get(_SERVICE_NAME, ""))
    for endpoint in around.tree["endpoints"]:
        target = endpoint["targetRef"]
        if target["kind"].text() == "Pod":
            yield around.one("endpoint", "pods", target["name"].text())


def of_ingress(around: Around) -> Iterator[Relation | None]:
    """The services it leads to, its certificates, its class."""
    for name in dict.fromkeys(_services(around.tree)):
        yield around.one("leads to", "services", name)
    for entry in around.tree.at("spec", "tls"):
        yield around.one("certificate", "secrets", entry["secretName"].text())
    ingress_class = around.tree.at("spec", "ingressClassName").text()
    yield around.one("class", "ingressclasses.networking.k8s.io", ingress_class)


def selected_pods(around: Around) -> Iterator[Relation | None]:
    """The pods that a policy or a budget is about; an empty selector means all of them."""
    spec = around.tree["spec"]
    selector = spec["podSelector"] if "podSelector" in (spec.value or {}) else spec["selector"]
    yield around.ask("selects", "pods", by_labels(around.namespace, selector, empty_is_all=True))


def selecting_pod(around: Around) -> Iterator[Relation | None]:
    """The services and budgets whose selectors select the pod."""
    labels = around.obj.labels
    services = where(around.namespace, lambda tree: selects(tree.at("spec", "selector"), labels))
    yield around.ask("served by", "services", services)
    yield around.ask("protected by", "poddisruptionbudgets.policy", services)


def _services(ingress: Tree) -> list[str]:
    spec = ingress["spec"]
    paths = (path for rule in spec["rules"] for path in rule.at("http", "paths"))
    found = [path.at("backend", "service", "name").text() for path in paths]
    found.append(spec.at("defaultBackend", "service", "name").text())
    return [name for name in found if name]


def _here(around: Around, find: Find) -> Find:
    """Only what is in the object's namespace: a label's index knows none."""
    prefix = f"{around.namespace}/"
    return lambda cache: [key for key in find(cache) if key.startswith(prefix)]


_USERS = ("pods", "deployments.apps", "statefulsets.apps", "daemonsets.apps", "cronjobs.batch")
_USED = (
    ("serviceaccounts", service_account_index, "runs as"),
    ("configmaps", config_map_index, "uses"),
    ("secrets", secret_index, "uses"),
    ("persistentvolumeclaims", claim_index, "mounts"),
)
_INDEX_OF = {
    "configmaps": CONFIG_MAP_INDEX,
    "secrets": SECRET_INDEX,
    "serviceaccounts": SERVICE_ACCOUNT_INDEX,
    "persistentvolumeclaims": CLAIM_INDEX,
}


def used(around: Around) -> Iterator[Relation | None]:
    """What the pod, or the pods of the workload, cannot do without."""
    for resource, index, title in _USED:
        for reference in _references(index, around):
            yield around.one(title, resource, reference.rpartition("/")[2])


def users(around: Around) -> Iterator[Relation | None]:
    """Pods and workloads that refer to the object."""
    index = _INDEX_OF[around.resource.name]
    title = "mounted by" if index == CLAIM_INDEX else "used by"
    for resource in _USERS:
        yield around.ask(title, resource, by_index(index, around.obj.key), index=index)


def _references(index: IndexFunc, around: Around) -> Sequence[str]:
    try:
        return index(around.obj)
    except TypeError:
        # A field that the index needs is of another type: what it refers to is unknown.
        return ()


_GROUP = "rbac.authorization.k8s.io"


def of_role(around: Around) -> Iterator[Relation | None]:
    """The bindings that grant it."""
    wanted = (around.resource.kind, around.obj.name)

    def is_meant(binding: Tree) -> bool:
        role = binding["roleRef"]
        return (role["kind"].text(), role["name"].text()) == wanted

    yield around.ask("granted by", f"rolebindings.{_GROUP}", where(around.namespace, is_meant))
    if not around.namespace:
        yield around.ask("granted by", f"clusterrolebindings.{_GROUP}", where("", is_meant))


def of_binding(around: Around) -> Iterator[Relation | None]:
    """The role, and the service accounts it is granted to."""
    role = around.tree["roleRef"]
    yield around.one("grants", f"{role['kind'].text()}.{_GROUP}", role["name"].text())
    for subject in around.tree["subjects"]:
        if subject["kind"].text() == "ServiceAccount":
            namespace = subject["namespace"].text() or None
            yield around.one("to", "serviceaccounts", subject["name"].text(), namespace)


def of_service_account(around: Around) -> Iterator[Relation | None]:
    """The bindings that grant it something."""
    wanted = (around.namespace, around.obj.name)

    def is_meant(binding: Tree) -> bool:
        own = binding.at("metadata", "namespace").text()
        accounts = (each for each in binding["subjects"] if each["kind"].text() == "ServiceAccount")
        return any((each["namespace"].text(own), each["name"].text()) == wanted for each in accounts)

    yield around.ask("granted by", f"rolebindings.{_GROUP}", where(around.namespace, is_meant))
    yield around.ask("granted by", f"clusterrolebindings.{_GROUP}", where("", is_meant))
