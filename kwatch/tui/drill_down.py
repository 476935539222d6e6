"""Where Enter leads from an object: to what it consists of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource
from kwatch.tui.place import Place

_BY_SELECTOR = frozenset(
    {
        "deployments.apps",
        "replicasets.apps",
        "statefulsets.apps",
        "daemonsets.apps",
        "jobs.batch",
        "services",
        "replicationcontrollers",
        "poddisruptionbudgets.policy",
    }
)


@dataclass(frozen=True, slots=True)
class Destination:
    """A resource by name, the namespace (None: all), and a filter in the filter language."""

    resource: str
    namespace: str | None
    filter: str = ""

    def place(self, resource: Resource) -> Place:
        """Once the name is resolved."""
        return Place(resource, self.namespace if resource.namespaced else None, filter=self.filter)


def drill_down(resource: Resource, obj: KubeObject | None) -> Destination | None:
    """The place to go to; None where the object itself is as deep as it gets."""
    if obj is None:
        return None
    name = str(resource)
    if name in _BY_SELECTOR:
        terms = selector_terms(_mapping(_mapping(obj.get("spec")).get("selector")))
        return Destination("pods", obj.namespace, terms) if terms else None
    if name == "nodes":
        return Destination("pods", None, f"node:{obj.name}")
    if name == "namespaces":
        return Destination("pods", obj.name)
    if name == "cronjobs.batch":
        return Destination("jobs.batch", obj.namespace, f"owner:cronjob/{obj.name}")
    if name == "customresourcedefinitions.apiextensions.k8s.io":
        return Destination(obj.name, None)
    return None


def selector_terms(selector: Mapping[str, Any]) -> str:
    """A label selector, as services and as workloads write it, in the filter language; empty if it selects nothing."""
    labels = selector.get("matchLabels", selector if "matchExpressions" not in selector else {})
    terms = [f"{key}={value}" for key, value in _mapping(labels).items()]
    expressions = selector.get("matchExpressions")
    for expression in expressions if isinstance(expressions, list) else ():
        term = _expression(_mapping(expression))
        if term:
            terms.append(term)
    return " ".join(terms)


def _expression(expression: Mapping[str, Any]) -> str:
    key = expression.get("key", "")
    values = ",".join(map(str, expression.get("values") or ()))
    forms = {
        "In": f"{key} in ({values})",
        "NotIn": f"{key} notin ({values})",
        "Exists": f"-l {key}",
        "DoesNotExist": f"-l !{key}",
    }
    return forms.get(str(expression.get("operator")), "")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
