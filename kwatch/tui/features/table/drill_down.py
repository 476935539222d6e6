"""Where Enter leads from an object: to what it consists of; whose logs are shown of several; and two side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kwatch.base.namespaces import asked_of_server
from kwatch.base.printable import printable
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource
from kwatch.informer.selectors import Operator, Requirement
from kwatch.query.parser import parse
from kwatch.query.row import qualified
from kwatch.query.syntax import quoted_value
from kwatch.query.terms.label import Labels
from kwatch.session.log_pods import LogChoice
from kwatch.tui.features.object.comparisons import Compared, ComparedObjects
from kwatch.tui.features.object.tabs import WITH_PODS
from kwatch.tui.location import Location

if TYPE_CHECKING:
    from kwatch.session.session import Session

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

_OPERATORS = {
    "In": Operator.IN,
    "NotIn": Operator.NOT_IN,
    "Exists": Operator.EXISTS,
    "DoesNotExist": Operator.DOES_NOT_EXIST,
}
_BY_REFERENCE = {"persistentvolumeclaims": "pvc", "configmaps": "cm", "secrets": "secret", "serviceaccounts": "sa"}
"""Resources that pods refer to, and the filter's name for the index of such references."""


@dataclass(frozen=True, slots=True)
class Destination:
    """A resource by name, the namespace (None: all), and a filter in the filter language."""

    resource: str
    namespace: str | None
    filter: str = ""

    def within(self, context: str) -> Destination:
        """Only in that one of several contexts."""
        return replace(self, filter=f"ctx:{quoted_value(context)} {self.filter}".rstrip()) if context else self

    def place(self, resource: Resource) -> Location:
        """Once the name is resolved."""
        return Location(resource, self.namespace if resource.namespaced else None, filter=self.filter)


def drill_down(resource: Resource, obj: KubeObject | None) -> Destination | None:
    """The place to go to; None where the object itself is as deep as it gets."""
    if obj is None:
        return None
    name = str(resource)
    if name in _BY_SELECTOR:
        terms = selector_terms(_mapping(_mapping(obj.get("spec")).get("selector")))
        return Destination("pods", obj.namespace, terms) if terms else None
    if name in _BY_REFERENCE:
        return Destination("pods", obj.namespace, f"{_BY_REFERENCE[name]}:{quoted_value(obj.key)}")
    if name == "nodes":
        return Destination("pods", None, f"node:{quoted_value(obj.name)}")
    if name == "namespaces":
        return Destination("pods", obj.name)
    if name == "persistentvolumes":
        claim = _mapping(_mapping(obj.get("spec")).get("claimRef"))
        return (
            Destination("persistentvolumeclaims", None, f".spec.volumeName={quoted_value(obj.name)}") if claim else None
        )
    if name == "cronjobs.batch":
        return Destination("jobs.batch", obj.namespace, f"owner:{quoted_value(f'cronjob/{obj.name}')}")
    if name == "customresourcedefinitions.apiextensions.k8s.io":
        return Destination(obj.name, None)
    return None


def use(screen: Any, *_: str) -> None:
    """To what refers to the object that the cursor is on. In a namespace one is from now on, and stays at the list."""
    subject = screen.subject()
    if subject is not None and str(subject.resource) == "namespaces":
        screen.navigation.use_namespace(subject.name)
    else:
        screen.drill_down()


def show_replica_sets(screen: Any, *_: str) -> None:
    """Of a deployment."""
    subject = screen.subject()
    resource = screen.navigation.resolve("replicasets.apps")
    if subject is not None and resource is not None:
        terms = f"owner:{quoted_value(f'deployment/{subject.name}')}"
        screen.navigation.go(Destination("replicasets.apps", subject.namespace, terms).place(resource))


def be_in_its_namespace(screen: Any) -> None:
    """The same resources, in the namespace of the object alone."""
    subject, place = screen.subject(), screen.place
    if subject is None or place is None:
        return
    if not subject.namespace:
        screen.kwatch.say_once(f"{subject.name} is in no namespace.")
    elif place.namespace == subject.namespace:
        screen.kwatch.say_once(f"What is shown is all of {subject.namespace} already.")
    else:
        screen.navigation.use_namespace(subject.namespace)
        screen.table.move_cursor_to(subject.key)


def copy_namespace(screen: Any) -> None:
    subject = screen.subject()
    if subject is None or not subject.namespace:
        screen.kwatch.say_once("It is in no namespace.")
        return
    screen.app.copy_to_clipboard(printable(subject.namespace))
    screen.notify(f"Copied {printable(subject.namespace)}.", markup=False, timeout=2)


MOST_MARKED = 200
"""Marked rows whose logs are shown together."""


def open_logs(screen: Any, keys: Sequence[str] | None) -> None:
    """The logs of some rows of a TableScreen, or of all that match the filter: then those that come to match join. Of
    several contexts they are merged, and say where each line comes from.
    """
    place, live = screen.place, screen.live
    if place is None or live is None:
        return
    choices: dict[Session, list[LogChoice]] = {}
    if keys is None:
        query = parse(place.filter) or None
        for source in live.sources:
            for where in _where(place.alone(source.resource)) if str(source.resource) in WITH_PODS else ():
                choices.setdefault(source.session, []).append(LogChoice(**where, query=query))
        title = " ".join(part for part in (place.title, f"/{place.filter}" if place.filter else "") if part)
    else:
        marked = [(source, key) for source, key in map(live.sources.locate, keys) if str(source.resource) in WITH_PODS]
        if len(marked) > MOST_MARKED:
            screen.notify(f"Logs of {len(marked):,} marked rows are too many; {MOST_MARKED} at most.", markup=False)
            return
        for source, key in marked:
            namespace, _, name = key.rpartition("/")
            choices.setdefault(source.session, []).append(LogChoice(source.resource, namespace or None, name))
        title = f"{len(marked)} marked {place.things}"
    if choices:
        screen.open_screen("logs", choices, title)


def _where(place: Location) -> Iterator[dict[str, Any]]:
    for namespace, fields in asked_of_server(place.namespace, place.field_selector):
        yield {
            "resource": place.resource,
            "namespace": namespace,
            "label_selector": place.label_selector,
            "field_selector": fields,
        }


def compare(screen: Any) -> None:
    """Two marked rows side by side; else the object under the cursor with those of its name in other contexts."""
    marks, place, live, cursor = sorted(screen.table.marks), screen.place, screen.live, screen.table.cursor_key
    if place is None or live is None or cursor is None:
        return
    if len(marks) == 2:
        first, *others = marks
        if live.sources.locate(first)[0].resource.name != live.sources.locate(others[0])[0].resource.name:
            screen.notify(
                "Two objects of one kind can be compared; these are of two.", severity="warning", markup=False
            )
            return
    elif marks or not place.contexts:
        screen.notify("Mark two rows with Space: = shows the two side by side.", severity="warning", markup=False)
        return
    else:
        source, plain = live.sources.locate(cursor)
        parts = [number for number, each in enumerate(live.sources) if each.resource.name == source.resource.name]
        first, others = cursor, [key for number in parts if (key := qualified(number, plain)) != cursor]
    found = [_compared(live, key) for key in (first, *others)]
    there = [each for each in found if each is not None]
    if found[0] is None or len(there) < 2:
        screen.notify("No other context has an object of that name.", severity="warning", markup=False)
        return
    screen.open_screen("diff", ComparedObjects(there[0], there[1:]))


def _compared(live: Any, key: str) -> Compared | None:
    """As it is at the moment that is shown."""
    source, plain = live.sources.locate(key)
    obj = live.projection.source.get_by_key(key)
    return Compared(source.context, str(source.resource), plain, obj) if isinstance(obj, KubeObject) else None


def deepest_tab(resource: Resource) -> str:
    """Which tab tells what an object consists of that leads nowhere else."""
    return "containers" if str(resource) == "pods" else "history"


def selector_terms(selector: Mapping[str, Any]) -> str:
    """A label selector, as services and as workloads write it, as a term of a filter; empty if it selects nothing."""
    labels = selector.get("matchLabels", selector if "matchExpressions" not in selector else {})
    pairs = _mapping(labels).items()
    found = [Requirement(key, Operator.EQUALS, (str(value),)) for key, value in pairs]
    expressions = selector.get("matchExpressions")
    for expression in expressions if isinstance(expressions, list) else ():
        found += _requirement(_mapping(expression))
    return str(Labels(tuple(found), explicit=True)) if found else ""


def _requirement(expression: Mapping[str, Any]) -> Sequence[Requirement]:
    operator = _OPERATORS.get(str(expression.get("operator")))
    if operator is None:
        return ()
    values = expression.get("values")
    texts = tuple(str(value) for value in values) if isinstance(values, list) else ()
    return (Requirement(str(expression.get("key", "")), operator, texts),)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
