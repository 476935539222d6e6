"""Whose logs are wanted: objects of any kind, by name, selectors and filter; and the pods that are theirs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kwatch.catalog.registry import generic_kind, kind_for
from kwatch.catalog.tree import Tree
from kwatch.informer.errors import Closed
from kwatch.informer.index import NAMESPACE_INDEX, NODE_INDEX
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.metadata import join_key
from kwatch.informer.resource import Resource
from kwatch.informer.selectors import field_is
from kwatch.query.syntax import QuerySyntaxError
from kwatch.session.logs import LogPlace
from kwatch.session.ports import Watched
from kwatch.view.freshness import obstacle
from kwatch.view.projection import Projection
from kwatch.view.relations import Around, owned, resources_below
from kwatch.view.relations.by_kind import of_autoscaler, of_ingress
from kwatch.view.relations.relation import Find, Relation, by_index, by_labels, selector_text

if TYPE_CHECKING:
    from kwatch.catalog.names import ResourceNames
    from kwatch.informer.clock import Clock
    from kwatch.query.query import Query
    from kwatch.session.informer_pool import Feed
    from kwatch.session.session import Session

_LEADING = {("autoscaling", "horizontalpodautoscalers"): of_autoscaler, ("networking.k8s.io", "ingresses"): of_ingress}
"""Kinds that lead to others that have pods."""
_WITHOUT_PODS = ("secrets", "ingressclasses")
_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class LogChoice:
    """Objects whose pods' logs are wanted. `namespace` None: of all; `name`, selectors and filter narrow further."""

    resource: Resource
    namespace: str | None = None
    name: str | None = None
    label_selector: str | None = None
    field_selector: str | None = None
    query: Query | None = None

    def __str__(self) -> str:
        if self.name:
            return f"{self.resource}/{self.name}"
        selectors = (("-l", self.label_selector), ("--field-selector", self.field_selector))
        narrowed = [f"{flag} {each}" for flag, each in selectors if each]
        return " ".join([str(self.resource), *narrowed, *([str(self.query)] if self.query else [])])


@dataclass(frozen=True, slots=True)
class _Question:
    """What is to be watched, and which keys of it are meant."""

    watched: Watched
    find: Find


class ChosenPods:
    """A kwatch.session.logs.PodSource. What is watched already is shared, else as little as will do is watched.

    Raise QuerySyntaxError for a filter that means nothing for its resource.
    """

    def __init__(self, session: Session, choices: Sequence[LogChoice], clock: Clock) -> None:
        self._session = session
        self._choices = choices
        self._clock = clock
        self._feeds: dict[Watched, Feed] = {}
        self._views: dict[LogChoice, Projection] = {}
        self._found: set[LogChoice] = set()
        """Choices of one object that was there."""
        self._is_settled = False
        self._ended = ""
        self._looked = False

    @property
    def is_settled(self) -> bool:
        return self._is_settled

    @property
    def is_final(self) -> bool:
        """Whether no container will write any more: pods were named, and each has ended or is gone."""
        if not self._is_settled or any(each.name is None or each.resource.name != "pods" for each in self._choices):
            return False
        found = [pod for each in self._choices for pod in self._pods_of(each)]
        return all(Tree(pod.tree()).at("status", "phase").text() in ("Succeeded", "Failed") for pod in found)

    @property
    def trouble(self) -> str:
        if self._ended:
            return self._ended
        if self._is_settled:
            missing = [each for each in self._choices if each.name is not None and each not in self._found]
            where = f" in {missing[0].namespace}" if missing and missing[0].namespace else ""
            return f"{missing[0]} was not found{where}" if missing else ""
        obstacles = ((feed.resource, obstacle(feed.status)) for feed in self._feeds.values())
        return next((f"{resource}: {why}" for resource, why in obstacles if why), "")

    def look(self) -> list[KubeObject] | None:
        changed = False
        for watched, feed in self._feeds.items():
            dirty = feed.drain()
            if dirty:
                changed = True
                for choice, view in self._views.items():
                    if self._watched_of(choice) == watched:
                        view.apply(dirty)
        all_synced = all(feed.status.synced for feed in self._feeds.values())
        if self._looked and not changed and (self._is_settled or not all_synced):
            return None
        before = len(self._feeds)
        self._looked = True
        try:
            pods = {(pod.namespace, pod.name): pod for choice in self._choices for pod in self._pods_of(choice)}
        except Closed:
            self._ended = "not connected"
            return None
        self._ended = ""
        all_synced = all(feed.status.synced for feed in self._feeds.values())
        self._is_settled = self._is_settled or (all_synced and len(self._feeds) == before)
        return list(pods.values())

    def release(self) -> None:
        for view in self._views.values():
            view.close()
        for feed in self._feeds.values():
            feed.release()
        self._views.clear()
        self._feeds.clear()

    def _pods_of(self, choice: LogChoice) -> Iterator[KubeObject]:
        feed = self._open(self._watched_of(choice))
        names = self._session.names
        if not feed.status.synced or names is None:
            return
        for obj in self._objects(choice, feed):
            if choice.name is not None:
                self._found.add(choice)
            yield from self._pods_below(choice, choice.resource, obj, names, _DEEPEST)

    def _watched_of(self, choice: LogChoice) -> Watched:
        by_name = field_is("metadata.name", choice.name) if choice.name is not None else None
        fields = ",".join(each for each in (choice.field_selector, by_name) if each) or None
        namespace = choice.namespace if choice.resource.namespaced else None
        narrow = Watched(choice.resource, namespace, choice.label_selector, fields)
        if choice.label_selector or choice.field_selector:
            return narrow  # what a field selector selects only the server knows
        return self._shared(narrow)

    def _objects(self, choice: LogChoice, feed: Feed) -> Iterator[KubeObject]:
        indexer = feed.indexer
        if choice.query:
            view = self._views.get(choice)
            if view is None:
                kind = kind_for(choice.resource) or generic_kind(choice.resource)
                here = (self._session.context,)
                view = Projection(indexer, kind, clock=self._clock, resource=choice.resource, contexts=here)
                view.set_query(choice.query)
                view.rebuild()
                self._views[choice] = view
            keys: Sequence[str] = [*view.order]
        elif choice.name is not None:
            keys = [join_key(choice.namespace or "", choice.name)]
        else:
            keys = indexer.list_keys()
        for key in keys:
            obj = indexer.get_by_key(key)
            if not isinstance(obj, KubeObject) or (choice.name is not None and obj.name != choice.name):
                continue
            if choice.namespace is None or not obj.namespace or obj.namespace == choice.namespace:
                yield obj

    def _pods_below(
        self, choice: LogChoice, resource: Resource, obj: KubeObject, names: ResourceNames, deepest: int
    ) -> Iterator[KubeObject]:
        if (resource.group, resource.name) == ("", "pods"):
            yield obj
            return
        for question in self._questions(resource, obj, names) if deepest else ():
            # Of many objects one watch is less than one for each.
            several = Watched(question.watched.resource, choice.namespace)
            feed = self._open(question.watched if choice.name is not None else self._shared(several))
            if not feed.status.synced:
                continue
            for each in [feed.indexer.get_by_key(key) for key in question.find(feed.indexer)]:
                if isinstance(each, KubeObject):
                    yield from self._pods_below(choice, feed.resource, each, names, deepest - 1)

    def _questions(self, resource: Resource, obj: KubeObject, names: ResourceNames) -> Iterator[_Question]:
        which, namespace = (resource.group, resource.name), obj.namespace
        around = Around(resource, obj, names)
        pods = names.watched("pods")
        if which in _LEADING:
            relations = [each for each in _LEADING[which](around) if each is not None]
            yield from (self._asked(each) for each in relations if each.resource.name not in _WITHOUT_PODS)
        elif pods is None:
            return
        elif which == ("", "nodes"):
            on_it = self._shared(Watched(pods, None, None, field_is("spec.nodeName", obj.name)))
            yield _Question(on_it, by_index(NODE_INDEX, obj.name))
        elif which == ("", "namespaces"):
            yield _Question(Watched(pods, obj.name), by_index(NAMESPACE_INDEX, obj.name))
        elif which != ("batch", "jobs") and (selector := selector_text(around.tree.at("spec", "selector"))):
            # Of jobs there may be many below a cron job, each with a selector of its own.
            watched = self._shared(Watched(pods, namespace or None, selector))
            yield _Question(watched, by_labels(namespace, around.tree.at("spec", "selector")))
        elif pods in resources_below(resource, names):
            yield from (self._asked(each) for each in owned(around) if each is not None)

    def _asked(self, relation: Relation) -> _Question:
        narrow = Watched(relation.resource, relation.namespace, None, relation.field_selector or None)
        return _Question(self._shared(narrow), relation.find)

    def _open(self, watched: Watched) -> Feed:
        feed = self._feeds.get(watched)
        if feed is None:
            feed = self._feeds[watched] = self._session.open(
                watched.resource,
                watched.namespace,
                watched.label_selector,
                watched.field_selector,
                purpose="logs",
            )
        return feed

    def _shared(self, narrow: Watched) -> Watched:
        """What is watched already and holds all of it, else only that."""
        running = {each.watched for each in self._session.informers()} | self._feeds.keys()
        wider = (Watched(narrow.resource), Watched(narrow.resource, narrow.namespace))
        if narrow in self._feeds:
            return narrow
        return next((each for each in wider if each in running), narrow)


ChoicesOf = Mapping["Session", Sequence[LogChoice]]
"""What is wanted of each of several contexts, or of one."""


def log_places(choices: ChoicesOf, clock: Clock) -> list[LogPlace]:
    """Where the logs are had; each says its context where there are several. Raise QuerySyntaxError."""
    places: list[LogPlace] = []
    try:
        for session, chosen in choices.items():
            context = session.context if len(choices) > 1 else ""
            places.append(LogPlace(session.logs, ChosenPods(session, chosen, clock), context))
    except QuerySyntaxError:
        for each in places:
            each.pods.release()
        raise
    return places


def has_pods(resource: Resource, names: ResourceNames) -> bool:
    """Whether logs may be asked for of such an object: it may have pods."""
    which = (resource.group, resource.name)
    if which in _LEADING or which in (("", "pods"), ("", "nodes"), ("", "namespaces"), ("", "services")):
        return True
    return any((each.group, each.name) == ("", "pods") for each in resources_below(resource, names))
