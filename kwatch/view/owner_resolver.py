"""Who owns the owners of a view's objects: a live join over the caches of the owners' kinds.

A pod names its replica set, and only that names the deployment. So while a filter or facet asks for owners, the owners
of the view's objects are watched too, and theirs; what changes there becomes keys for the view to look at again.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from time import perf_counter
from typing import Protocol

from kwatch.catalog.indices import NAMED_AFTER_OWNER, OWNER_NAME_INDEX, owner_behind, owners_of
from kwatch.informer.index import OWNER_INDEX, Index
from kwatch.informer.kube_object import OwnerReference
from kwatch.informer.metadata import namespace_of, uid_of
from kwatch.informer.protocol import Object
from kwatch.query.context import ANY_KIND, IndexAccess

PATIENCE = 0.004
"""Seconds of one look spent on owners that changed; a large first list takes several looks."""
_GENERATIONS = 5
"""How far up owners are followed: a chain of owners may be a circle."""
_NEVER_OWNED = frozenset({"Node", "Namespace"})


class OwnerCache(Protocol):
    """The objects of one kind, as they are watched."""

    @property
    def index(self) -> IndexAccess:
        """The cache."""
        ...

    @property
    def is_complete(self) -> bool:
        """Whether everything is there."""
        ...

    @property
    def complaint(self) -> str:
        """Why it will not be; empty while it may."""
        ...

    def drain(self) -> AbstractSet[str]:
        """The keys that changed since the last time; all of them the first time."""
        ...

    def release(self) -> None:
        """Let go of it."""
        ...


OpenOwners = Callable[[str, str], OwnerCache | None]
"""Begins to watch a kind, given its apiVersion and name; None if nothing of that kind can be watched."""
_Kind = tuple[str, str]


class _Watched:
    """A kind of owners. It answers once each of its first objects was looked at."""

    def __init__(self, cache: OwnerCache) -> None:
        self.cache = cache
        self.answers = False
        self.waiting: deque[str] = deque()
        self.uids: dict[str, str] = {}


class OwnerResolver:
    """For the objects of one view. `look` and what it calls run on the UI thread, `values` in any thread."""

    def __init__(self, index: IndexAccess, open_owners: OpenOwners) -> None:
        self._index = index
        self._open = open_owners
        self._lock = threading.Lock()
        self._holds: list[_Hold] = []
        self._seen: dict[_Kind, str] = {}
        """Kinds of owners that objects name, with an apiVersion of each."""
        self._watched: dict[_Kind, _Watched | None] = {}
        self._above = Index(lambda obj: ())
        """The uids of owners, filed under all that is above them."""
        self.version = 0
        """Grows whenever a whole kind begins or ceases to answer."""
        self.notice = ""

    def values(self, obj: Object) -> Sequence[str]:
        """`Kind/name` of every owner of an object, then of theirs."""
        found: dict[str, None] = {}
        self._climb(obj, found, _GENERATIONS)
        return tuple(found)

    def above(self) -> Mapping[str, Collection[str]]:
        """What owns owners -> the uids of the owners below it."""
        with self._lock:
            return {value: tuple(uids) for value, uids in self._above.keys_by_value.items()}

    @property
    def known_by_name(self) -> AbstractSet[str]:
        """Kinds of owners' owners that are known from the names of owners only."""
        known = [*self._watched.items()]
        answering = {kind for (_, kind), watched in known if watched is not None and watched.answers}
        return frozenset(above for kind, above in NAMED_AFTER_OWNER.items() if kind not in answering)

    def hold(self, kinds: Iterable[str]) -> _Hold:
        """Have owners of these kinds watched; ANY_KIND: of all."""
        hold = _Hold(self, frozenset(kinds))
        self._holds.append(hold)
        self._find_kinds()
        self.look()
        hold.version = self.version
        return hold

    def look(self) -> None:
        """Take in what happened to owners, for a moment."""
        self._open_wanted()
        deadline = perf_counter() + PATIENCE
        for kind, watched in [*self._watched.items()]:
            if watched is not None:
                self._take_in(kind, watched, deadline)
        self._say_what_is_wrong()

    def drop(self, hold: _Hold) -> None:
        """End a hold; with the last one the owners are let go."""
        self._holds.remove(hold)
        if self._holds:
            return
        for watched in self._watched.values():
            if watched is not None:
                watched.cache.release()
        self._watched.clear()
        with self._lock:
            self._above = Index(lambda obj: ())
        self.notice = ""

    def _climb(self, obj: Object, found: dict[str, None], generations: int) -> None:
        for owner in owners_of(obj):
            found[f"{owner.kind}/{owner.name}"] = None
            kind = _kind(owner)
            if kind not in self._seen:
                self._seen[kind] = owner.api_version
            watched = self._watched.get(kind)
            if watched is not None and watched.answers:
                parent = _find(watched.cache.index, owner, namespace_of(obj))
                if parent is not None and generations:
                    self._climb(parent, found, generations - 1)
            elif (behind := owner_behind(owner.kind, owner.name, obj)) is not None:
                found["/".join(behind)] = None

    def _find_kinds(self) -> None:
        """The kinds of owners, from one object of each owner that the index knows."""
        try:
            owners = self._index.index_counts(OWNER_NAME_INDEX)
            kinds = {value.partition("/")[0]: value for value in owners}
            for value in kinds.values():
                for key in self._index.index_key_set(OWNER_NAME_INDEX, (value,)):
                    obj = self._index.get_by_key(key)
                    self._seen.update({_kind(owner): owner.api_version for owner in owners_of(obj or {})})
                    break
        except KeyError:
            return  # there is no index yet: every object will be asked for its values, and so are its owners seen

    def _open_wanted(self) -> None:
        wanted = frozenset().union(*(hold.kinds for hold in self._holds)) - _NEVER_OWNED
        for kind, api_version in [*self._seen.items()]:
            is_wanted = kind[1] in wanted or (ANY_KIND in wanted and kind[1] not in _NEVER_OWNED)
            if is_wanted and kind not in self._watched:
                cache = self._open(api_version, kind[1])
                self._watched[kind] = _Watched(cache) if cache is not None else None

    def _take_in(self, kind: _Kind, watched: _Watched, deadline: float) -> None:
        if not watched.answers and not watched.cache.is_complete:
            return
        watched.waiting.extend(watched.cache.drain())
        while watched.waiting and perf_counter() < deadline:
            self._refile(watched, watched.waiting.popleft(), _GENERATIONS)
        if not watched.waiting and not watched.answers:
            watched.answers = True
            self.version += 1
            # What is below was filed before it was known what is above.
            for other in self._watched.values():
                if other is not None and other is not watched:
                    other.waiting.extend(other.uids)

    def _refile(self, watched: _Watched, key: str, generations: int) -> None:
        """File one owner under what is above it now; if that changed, what is below is touched."""
        obj = watched.cache.index.get_by_key(key)
        uid, old_uid = uid_of(obj) if obj is not None else "", watched.uids.get(key, "")
        if uid:
            watched.uids[key] = uid
        else:
            watched.uids.pop(key, None)
        above = self.values(obj) if obj is not None else ()
        with self._lock:
            same = uid == old_uid and self._above.values_by_key.get(uid, ()) == above
            if old_uid and old_uid != uid:
                self._above.remove(old_uid)
            if uid:
                self._above.put(uid, above)
        # While the kind does not answer it is not followed, and when it begins to, everything is looked at again.
        if not same and watched.answers:
            self._tell_below([each for each in {uid, old_uid} if each], generations)

    def _tell_below(self, uids: Sequence[str], generations: int) -> None:
        for hold in self._holds:
            hold.touched |= self._index.index_key_set(OWNER_INDEX, uids)
        for other in [*self._watched.values()]:
            if other is not None and generations:
                for key in other.cache.index.index_key_set(OWNER_INDEX, uids):
                    self._refile(other, key, generations - 1)

    def _say_what_is_wrong(self) -> None:
        complaints = [
            f"{kind[1]}: {watched.cache.complaint}"
            for kind, watched in self._watched.items()
            if watched is not None and not watched.answers and watched.cache.complaint
        ]
        notice = f"by names, because owners cannot be watched: {'; '.join(complaints)}" if complaints else ""
        if notice != self.notice:
            self.notice = notice
            self.version += 1


class _Hold:
    """A request that owners of some kinds are watched."""

    def __init__(self, resolver: OwnerResolver, kinds: AbstractSet[str]) -> None:
        self.kinds = kinds
        self.touched: set[str] = set()
        self.version = 0
        self._resolver = resolver
        self._released = False

    def look(self) -> bool:
        """Take in what happened to owners; whether there is something to take."""
        self._resolver.look()
        return bool(self.touched) or self.is_outdated

    def take(self) -> set[str]:
        """The keys to look at again."""
        touched, self.touched = self.touched, set()
        return touched

    @property
    def is_outdated(self) -> bool:
        """Whether a whole kind of owners began or ceased to answer since this was made."""
        return self._resolver.version != self.version

    def release(self) -> None:
        """Let go. Idempotent."""
        if not self._released:
            self._released = True
            self._resolver.drop(self)


def _kind(owner: OwnerReference) -> _Kind:
    return owner.api_version.rpartition("/")[0], owner.kind


def _find(index: IndexAccess, owner: OwnerReference, namespace: str) -> Object | None:
    """The owner itself, and not another one that has its name by now; it is in the namespace or in none."""
    for key in (f"{namespace}/{owner.name}", owner.name):
        found = index.get_by_key(key)
        if found is not None and uid_of(found) == owner.uid:
            return found
    return None
