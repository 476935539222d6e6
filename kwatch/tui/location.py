"""Where one is: a resource, narrowed and ordered; and which namespaces one can go to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from kwatch.informer.errors import Closed
from kwatch.informer.index import NAMESPACE_INDEX
from kwatch.informer.resource import Resource
from kwatch.tui.features.time_travel.moment import Replay
from kwatch.view.freshness import absence

if TYPE_CHECKING:
    from kwatch.session.informer_pool import Feed
    from kwatch.session.ports import Watched
    from kwatch.session.session import Session
    from kwatch.view.source import ViewScope


_LONG = 24
"""Letters from which on what was asked for stands in the place of several names."""
_MANY = 4


@dataclass(frozen=True, slots=True)
class Location:
    """What a table shows. `namespace` None is all of them; `filter` is the text of the filter bar."""

    resource: Resource
    namespace: str | None = None
    label_selector: str | None = None
    field_selector: str | None = None
    filter: str = ""
    sort: tuple[str, bool] | None = None
    """Column id and whether descending; None: by name."""
    wide: bool = False
    columns: tuple[str, ...] = ()
    """Shown beside the usual ones: `NODE:.spec.nodeName`, or the title of one; `-TITLE` is one that is not."""
    others: tuple[Resource, ...] = ()
    """The resources shown in the same table beside the first one."""
    asked: str = ""
    """What was typed for several resources: `all`."""

    @staticmethod
    def of(resources: Sequence[Resource], namespace: str | None, asked: str = "") -> Location:
        """A table of one resource or several; the namespace is for those that have any."""
        first, *others = resources
        namespaced = any(resource.namespaced for resource in resources)
        return Location(first, namespace if namespaced else None, others=tuple(others), asked=asked if others else "")

    @property
    def resources(self) -> tuple[Resource, ...]:
        return (self.resource, *self.others)

    @property
    def namespaced(self) -> bool:
        """Whether anything that is shown is in a namespace."""
        return any(resource.namespaced for resource in self.resources)

    @property
    def shows_namespaces(self) -> bool:
        """Whether what is shown may be of different namespaces."""
        return self.namespaced and self.namespace is None

    @property
    def title(self) -> str:
        """`pods`, `deployments.apps`, `pods,services`; of many what was asked for: `all`."""
        if not self.others:
            return str(self.resource)
        names = ",".join(resource.name for resource in self.resources)
        return names if len(names) <= _LONG or not self.asked else self.asked

    @property
    def things(self) -> str:
        """In a sentence: `pods`, `pods, jobs and services`; of many, `objects`."""
        *rest, last = [resource.name for resource in self.resources]
        if len(rest) >= _MANY:
            return "objects"
        return f"{', '.join(rest)} and {last}" if rest else last

    @property
    def scope(self) -> ViewScope:
        """Which objects of its resource belong here; of several, ask the place of each alone."""
        from kwatch.view.source import ViewScope

        return ViewScope(self.namespace, self.label_selector, self.field_selector)

    def alone(self, resource: Resource) -> Location:
        """One of its resources, watched as it is here."""
        namespace = self.namespace if resource.namespaced else None
        return Location(resource, namespace, self.label_selector, self.field_selector)


@dataclass(frozen=True, slots=True)
class StartView:
    """What the command line asked to see first; names are resolved once discovery is done."""

    resource: str = "pods"
    """As typed: one or several, with commas."""
    namespace: str | None = None
    """None: the context's own."""
    all_namespaces: bool = False
    label_selector: str | None = None
    field_selector: str | None = None
    name: str | None = None
    """One object to open at once."""
    filter: str = ""
    sort_by: str = ""
    """A column title, or a path as kubectl's --sort-by takes it."""
    descending: bool = False
    wide: bool = False
    columns: tuple[str, ...] = ()
    """Added to the usual ones, as in a saved view."""
    label_columns: tuple[str, ...] = ()
    """Label keys shown as columns of their own (-L)."""
    show_labels: bool = False
    replay: Replay = field(default_factory=Replay)
    """How a recording begins."""


def place_of(session: Session, resource: str, key: str) -> Location | None:
    """The place of an object (`pods`, `deployments.apps`; namespace/name); None if there is no such resource."""
    namespace = key.rpartition("/")[0] or None
    running = [each for each in session.informers() if str(each.watched.resource) == resource and each.watched.is_whole]
    holding = [each.watched for each in running if each.informer.indexer.get_by_key(key) is not None]
    seeing = [each.watched for each in running if _sees(each.watched, namespace)]
    for watched in (*holding, *seeing):
        return Location(watched.resource, watched.namespace, watched.label_selector, watched.field_selector)
    known = session.names.resources if session.names is not None else ()
    found = next((each for each in known if str(each) == resource), None)
    return Location(found, namespace if found.namespaced else None) if found is not None else None


def _sees(watched: Watched, namespace: str | None) -> bool:
    """Whether it would see any object there."""
    is_whole = not watched.label_selector and not watched.field_selector
    return is_whole and watched.namespace in (None, namespace)


_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_COMMANDS = frozenset({"ns", "namespace"})


class Namespace(NamedTuple):
    """`how` it is known, where it was not listed."""

    name: str
    how: str = ""


class Namespaces:
    """Of one session; watched from the first time somebody asks. Used on the UI thread."""

    def __init__(self, session: Session, asked: str | None = None) -> None:
        """`asked` is the namespace of the command line."""
        self.session = session
        self._asked = asked
        self._typed: dict[str, None] = {}
        self._feed: Feed | None = None

    def known(self, commands: Iterable[str] = ()) -> tuple[Namespace, ...]:
        """By name; `commands` are what was typed after `:` so far."""
        feed = self._listing()
        if feed is not None and feed.status.synced:
            return tuple(Namespace(name) for name in sorted(feed.indexer.list_keys()))
        found: dict[str, str] = {}
        for name, how in self._elsewhere(commands):
            if name:
                found.setdefault(name, how)
        return tuple(Namespace(name, found[name]) for name in sorted(found))

    @property
    def reason(self) -> str:
        """Why not all are known, in a sentence; empty where they are."""
        feed = self._listing()
        if feed is None:
            if self.session.state.is_recording:
                return "Namespaces were not recorded: these are those of the objects."
            return "The server tells of no namespaces: these are known from elsewhere."
        if feed.status.synced:
            return ""
        first, *more = absence(feed.status, "namespaces")
        if more:
            return f"{first.removesuffix(' here')}: these are known from elsewhere, and any name can be typed."
        return first

    @property
    def are_all(self) -> bool:
        """Whether every one is known, without asking now."""
        return self._feed is not None and self._feed.status.synced

    def lacks(self, name: str) -> bool:
        """Whether it is known that there is no such namespace."""
        return self.are_all and self._feed is not None and self._feed.indexer.get_by_key(name) is None

    def remember(self, name: str) -> None:
        """It was typed."""
        self._typed[name] = None

    def _elsewhere(self, commands: Iterable[str]) -> Iterator[tuple[str, str]]:
        session = self.session
        yield session.state.namespace, "the context's"
        yield self._asked or "", "asked for"
        here = next((each for each in session.contexts if each.name == session.context), None)
        for entry in session.contexts:
            if here is not None and entry.cluster == here.cluster:
                yield entry.namespace, f"of the context {entry.name}"
        for informer in session.informers():
            yield informer.watched.namespace or "", "watched"
            if NAMESPACE_INDEX in informer.informer.indexer.index_names:
                for name in informer.informer.indexer.index_counts(NAMESPACE_INDEX):
                    yield name, "seen in objects"
        for name in self._typed:
            yield name, "typed before"
        for command in commands:
            word, _, name = command.partition(" ")
            if word in _COMMANDS and is_namespace(name.strip()):
                yield name.strip(), "typed before"

    def _listing(self) -> Feed | None:
        """None where there is nothing to ask."""
        names = self.session.names
        if self._feed is None and names is not None:
            resource = names.watched("namespaces")
            with suppress(Closed):
                if resource is not None:  # whole: nearly all of a namespace is its metadata
                    self._feed = self.session.open(resource, purpose="the prompt for namespaces")
        return self._feed


def is_namespace(name: str) -> bool:
    """Whether a namespace may be called so."""
    return _NAME.fullmatch(name) is not None and name != "all"
