"""Which namespaces one can go to, as far as anybody knows."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple, Protocol

from kwatch.base.namespaces import HIDING, named, read_namespaces
from kwatch.informer.errors import Closed
from kwatch.informer.index import NAMESPACE_INDEX
from kwatch.view.freshness import absence, obstacle

if TYPE_CHECKING:
    from kwatch.catalog.names import ResourceNames
    from kwatch.informer.resource import Resource
    from kwatch.session.informer_pool import Feed, OpenInformer
    from kwatch.session.ports import ContextEntry
    from kwatch.session.state import SessionState


class Asking(Protocol):
    """What of a session tells of namespaces."""

    names: ResourceNames | None
    state: SessionState
    contexts: tuple[ContextEntry, ...]

    @property
    def context(self) -> str: ...
    def informers(self) -> tuple[OpenInformer, ...]: ...
    def open(self, resource: Resource, *, purpose: str) -> Feed: ...


_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_COMMANDS = frozenset({"ns", "namespace"})


class Namespace(NamedTuple):
    """`how` it is known, where it was not listed."""

    name: str
    how: str = ""


class Namespaces:
    """Of one session; watched from the first time somebody asks. Thread-safe."""

    def __init__(self, session: Asking) -> None:
        self.session = session
        self.asked: str | None = None
        """What the command line asked for."""
        self._typed: dict[str, None] = {}
        self._lock = threading.Lock()
        """Held while the feed is opened."""
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
    def is_settled(self) -> bool:
        """Whether `known`, which was called before, says all it ever will."""
        names, feed = self.session.names, self._feed
        if feed is None:
            return names is not None and names.watched("namespaces") is None
        return feed.status.synced or bool(obstacle(feed.status))

    @property
    def are_all(self) -> bool:
        """Whether every one is known, without asking now."""
        return self._feed is not None and self._feed.status.synced

    def lacks(self, name: str) -> bool:
        """Whether it is known that there is no such namespace."""
        return self.are_all and self._feed is not None and self._feed.indexer.get_by_key(name) is None

    def phase(self, name: str) -> str:
        """What its object says: Active, Terminating; empty where it was not listed."""
        found = self._feed.indexer.get_by_key(name) if self._feed is not None else None
        try:
            status = found.get("status") if found is not None else None
        except (ValueError, RecursionError):
            return ""
        return str(status.get("phase") or "") if isinstance(status, Mapping) else ""

    def remember(self, name: str) -> None:
        """It was typed."""
        self._typed[name] = None

    def _elsewhere(self, commands: Iterable[str]) -> Iterator[tuple[str, str]]:
        session = self.session
        yield session.state.namespace, "the context's"
        for name in named(self.asked):
            yield name, "asked for"
        here = next((each for each in session.contexts if each.name == session.context), None)
        for entry in session.contexts:
            if here is not None and entry.cluster == here.cluster:
                yield entry.namespace, f"of the context {entry.name}"
        for informer in session.informers():
            yield informer.watched.namespace or "", "watched"
            if NAMESPACE_INDEX in informer.informer.indexer.index_names:
                for name in informer.informer.indexer.index_counts(NAMESPACE_INDEX):
                    yield name, "seen in objects"
        for name in [*self._typed]:
            yield name, "typed before"
        for command in commands:
            word, _, name = command.partition(" ")
            for each in name.split(",") if word in _COMMANDS else ():
                if is_namespace(each.strip()):
                    yield each.strip(), "typed before"

    def _listing(self) -> Feed | None:
        """None where there is nothing to ask."""
        names = self.session.names
        with self._lock:
            if self._feed is None and names is not None:
                resource = names.watched("namespaces")
                with suppress(Closed):
                    if resource is not None:  # whole: nearly all of a namespace is its metadata
                        self._feed = self.session.open(resource, purpose="the prompt for namespaces")
        return self._feed


def read_typed(text: str) -> tuple[str, str]:
    """What was typed, as a word of kwatch.base.namespaces; and what is wrong with it, in a sentence."""
    try:
        namespaces = read_namespaces(text.replace(" ", ""))
    except ValueError as error:
        return "", f"{error}."
    for each in namespaces.split(","):
        name = each.removeprefix(HIDING)
        if not is_namespace(name):
            return "", f"{name} is no name for a namespace."
    return namespaces, ""


def is_namespace(name: str) -> bool:
    """Whether a namespace may be called so."""
    return _NAME.fullmatch(name) is not None and name != "all"
