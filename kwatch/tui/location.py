"""Where one is: a resource, narrowed and ordered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kwatch.base.namespaces import is_one
from kwatch.informer.resource import Resource
from kwatch.tui.features.time_travel.moment import Replay

if TYPE_CHECKING:
    from kwatch.session.ports import Watched
    from kwatch.session.session import Session
    from kwatch.view.source import ViewScope


_LONG = 24
"""Letters from which on what was asked for stands in the place of several names."""
_MANY = 4


@dataclass(frozen=True, slots=True)
class Location:
    """What a table shows. `namespace` is a word of kwatch.base.namespaces; `filter` is the text of the filter bar."""

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
    contexts: tuple[str, ...] = ()
    """The contexts whose objects are in the same table, where there are several; by name."""

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
    def names(self) -> tuple[str, ...]:
        """Those of the resources, which are the same in every cluster."""
        return tuple(map(str, self.resources))

    @property
    def parts(self) -> tuple[Resource, ...]:
        """The resource of each part of the table, by its place: those of one context after those of another."""
        return self.resources * (len(self.contexts) or 1)

    @property
    def contexts_of_parts(self) -> tuple[str, ...]:
        """Where each part is; empty where all are in one context."""
        return tuple(context for context in self.contexts for _ in self.resources)

    @property
    def is_mixed(self) -> bool:
        """Whether rows are of several parts."""
        return len(self.parts) > 1

    @property
    def namespaced(self) -> bool:
        """Whether anything that is shown is in a namespace."""
        return any(resource.namespaced for resource in self.resources)

    @property
    def shows_namespaces(self) -> bool:
        """Whether what is shown may be of different namespaces."""
        return self.namespaced and not is_one(self.namespace)

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

    @staticmethod
    def of_watched(watched: Watched) -> Location:
        """What an informer watches."""
        return Location(watched.resource, watched.namespace, watched.label_selector, watched.field_selector)


@dataclass(frozen=True, slots=True)
class StartView:
    """What the command line asked to see first; names are resolved once discovery is done."""

    resource: str = "pods"
    """As typed: one or several, with commas."""
    namespace: str | None = None
    """None: the context's own."""
    all_namespaces: bool = False
    contexts: tuple[str, ...] = ()
    """Several, or none: the one that the user's files name."""
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


def sort_of(text: str) -> tuple[str, bool] | None:
    """`AGE`, or `-AGE` for descending, as a place has it; None for nothing."""
    column = text.removeprefix("-")
    return (column.casefold(), column != text) if column else None


def place_of(session: Session, resource: str, key: str) -> Location | None:
    """The place of an object (`pods`, `deployments.apps`; namespace/name); None if there is no such resource."""
    namespace = key.rpartition("/")[0] or None
    running = [each for each in session.informers() if str(each.watched.resource) == resource and each.watched.is_whole]
    holding = [each.watched for each in running if each.informer.indexer.get_by_key(key) is not None]
    seeing = [each.watched for each in running if _sees(each.watched, namespace)]
    for watched in (*holding, *seeing):
        return Location.of_watched(watched)
    known = session.names.resources if session.names is not None else ()
    found = next((each for each in known if str(each) == resource), None)
    return Location(found, namespace if found.namespaced else None) if found is not None else None


def _sees(watched: Watched, namespace: str | None) -> bool:
    """Whether it would see any object there."""
    is_whole = not watched.label_selector and not watched.field_selector
    return is_whole and watched.namespace in (None, namespace)
