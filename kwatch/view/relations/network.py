"""Services and the pods behind them, ingresses, endpoint slices, policies and budgets."""

from __future__ import annotations

from collections.abc import Iterator

from kwatch.catalog.overview.tree import Tree
from kwatch.informer.index import LABEL_INDEX
from kwatch.view.relations.finders import by_index, by_labels, selects, where
from kwatch.view.relations.relation import Around, Find, Relation

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
