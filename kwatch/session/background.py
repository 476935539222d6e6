"""The background watch: what explains other things is watched without being asked for, in the namespaces in view.

One thread begins with one kind after the other, whenever no view waits for its first list, and then only looks now and
then whether what is watched is still in its bounds. The informers are those of the pool: a view that wants one of them
shares it, with all that it has seen.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from math import inf
from typing import TYPE_CHECKING

from kwatch.base.limits import INDEXED_COST, MB, size_text
from kwatch.base.namespaces import asked_of_server
from kwatch.base.threads import Thread
from kwatch.informer.clock import Clock
from kwatch.informer.errors import ApiError, Closed
from kwatch.informer.protocol import Form, ListOptions
from kwatch.informer.resource import Resource
from kwatch.informer.status import InformerStatus, Phase
from kwatch.informer.waiting import join_all
from kwatch.session.memory import object_bytes
from kwatch.session.ports import Cluster, Watched

if TYPE_CHECKING:
    from kwatch.catalog.names import ResourceNames
    from kwatch.session.informer_pool import InformerPool, OpenInformer

PURPOSE = "background"
BACKGROUND_NAMESPACES = 4
"""Up to so many namespaces are watched one by one; with more, all namespaces are watched at once."""
KINDS = (
    "deployments.apps",
    "replicasets.apps",
    "statefulsets.apps",
    "daemonsets.apps",
    "events",
    "nodes",
    "services",
    "endpointslices.discovery.k8s.io",
    "configmaps",
    "secrets",
    "persistentvolumeclaims",
    "resourcequotas",
    "horizontalpodautoscalers.autoscaling",
    "jobs.batch",
    "cronjobs.batch",
    "serviceaccounts",
    "networkpolicies.networking.k8s.io",
    "limitranges",
    "rolebindings.rbac.authorization.k8s.io",
    "roles.rbac.authorization.k8s.io",
    "clusterrolebindings.rbac.authorization.k8s.io",
    "mutatingwebhookconfigurations.admissionregistration.k8s.io",
    "validatingwebhookconfigurations.admissionregistration.k8s.io",
)
"""In the order in which they are begun with: what explains most comes first."""
DIGESTED = frozenset({"configmaps", "secrets"})
"""Of them no data is kept."""
PAUSE = 0.5
"""Seconds that a view has been there, and complete, before its background begins: who only passes leaves no trace."""
LOOK = 10.0
"""Seconds between looks at the bounds."""
RETRY = 30.0
"""Seconds after which what failed is tried again."""
RECONSIDER = 300.0
"""Seconds after which what was refused, is not offered or was left out is looked at again."""
EVERYWHERE = "across all namespaces"
_GIVEN_UP = "the memory limit is reached"


@dataclass(frozen=True, slots=True)
class Bounds:
    """`kinds` as one types them; `objects` at most of one kind, `bytes` of all together."""

    kinds: Sequence[str] = KINDS
    objects: int = 10_000
    bytes: int = 32 * MB


class Standing(Enum):
    """How it stands with a kind."""

    WAITING = "waits for its turn"
    WATCHED = "watched"
    ELSEWHERE = "watched whole by a view"
    FORBIDDEN = "forbidden"
    NOT_OFFERED = "not offered by the server"
    TOO_MANY = "left out: too many objects"
    NO_ROOM = "left out: no room"
    FAILED = "failed"


LEFT_OUT = frozenset({Standing.FORBIDDEN, Standing.TOO_MANY, Standing.NO_ROOM, Standing.FAILED})


@dataclass(frozen=True, slots=True)
class BackgroundKind:
    """One kind. `why` is more than `standing` says."""

    name: str
    standing: Standing = Standing.WAITING
    why: str = ""
    watched: Watched | None = None
    objects: int | None = None
    """How many there are, as far as that is known of what is not watched."""
    again_at: float = inf
    """When it is tried again, on the monotonic clock."""

    @property
    def words(self) -> str:
        return f"{self.standing.value}: {self.why}" if self.why else self.standing.value


class BackgroundWatch:
    """Thread-safe; `begin` starts its thread, and nothing else blocks."""

    def __init__(self, bounds: Bounds, clock: Clock) -> None:
        self.bounds = bounds
        self._clock = clock
        self._stop = threading.Event()
        self._again = threading.Event()
        self._namespace: tuple[str | None] | None = None
        """The namespace of the view, None for all; nothing before there is a view."""
        self._tended: tuple[str | None] | None = None
        self._kinds: dict[str, BackgroundKind] = {name: BackgroundKind(name) for name in bounds.kinds}
        self._held: dict[str, OpenInformer] = {}
        """Changed in the thread alone."""
        self._measured: dict[str, tuple[int, int]] = {}
        """Of a kind: objects and bytes when they were last counted."""
        self._is_given_up = False
        self._thread: Thread | None = None

    def begin(self, pool: InformerPool, cluster: Cluster, names: Callable[[], ResourceNames | None]) -> None:
        """Once, when connected."""
        self._pool, self._cluster, self._names = pool, cluster, names
        self._thread = Thread("kwatch-background", self._run, until=self._stop, wait=self._clock.wait)
        self._thread.start()

    def look_at(self, namespace: str | None) -> None:
        """A view of this namespace is opened, None for all of them."""
        if self._namespace != (namespace,):
            self._namespace = (namespace,)
            self._again.set()

    def give_up(self) -> bool:
        """For want of memory; whether there was anything to give up."""
        was_given_up, self._is_given_up = self._is_given_up, True
        self._again.set()
        return not was_given_up and bool(self._held)

    @property
    def kinds(self) -> tuple[BackgroundKind, ...]:
        """How it stands with each kind, in their order."""
        return tuple(self._kinds.values())

    def of(self, resource: Resource) -> BackgroundKind | None:
        """How it stands with a resource; None if it is not among the kinds."""
        found = (each for each in self.kinds if each.watched is not None and each.watched.resource == resource)
        return next(found, self._kinds.get(str(resource)))

    def close(self) -> None:
        """Begin with nothing more, from any thread; the pool ends what runs."""
        self._stop.set()
        self._again.set()

    def join(self, timeout: float) -> list[str]:
        return join_all([self._thread], timeout) if self._thread is not None else []

    def _run(self) -> None:
        while True:
            # Before the look: what comes during it is looked at the next time. close() sets _stop before _again.
            self._again.clear()
            if self._stop.is_set():
                return
            try:
                wait = self._look()
            except Closed:
                return
            self._clock.wait(self._again, wait)

    def _look(self) -> float:
        """Do what is to be done now; the seconds until the next look."""
        if self._is_given_up:
            for name in self._kinds:
                if name in self._held:
                    self._leave(name, Standing.NO_ROOM, _GIVEN_UP)
                else:
                    self._say(name, Standing.NO_ROOM, _GIVEN_UP)
            return LOOK
        scope = self._namespace
        if scope is None or (scope != self._tended and self._clock.wait(self._again, PAUSE)):
            return LOOK
        self._tended = scope
        slots = self._slots(scope[0])
        self._forget_others(slots)
        for slot, (name, namespace) in slots.items():
            if self._is_over(scope):
                return 0.0
            before = self._kinds.get(slot)
            self._tend(slot, name, namespace)
            after = self._kinds.get(slot)
            if after is not None and after is not before and after.standing is Standing.FAILED:
                return LOOK  # a server that does not answer is not asked for everything else at once
        self._keep_within_bounds()
        return 0.0 if self._is_over(scope) or self._slots(scope[0]).keys() != slots.keys() else LOOK

    def _slots(self, namespace: str | None) -> dict[str, tuple[str, str | None]]:
        """What is to be watched for a view, by what it is called here: a kind, and where. What is of no namespace, or
        is watched in the first of several, goes by its kind. What may not be listed across all namespaces is watched
        where views are watched one by one.
        """
        names, places = self._names(), [each.namespace for each in asked_of_server(namespace)]
        first, *others = places if len(places) <= BACKGROUND_NAMESPACES else [None]
        slots = {name: (name, first) for name in self.bounds.kinds}
        for name in self.bounds.kinds:
            resource = names.watched(name) if names is not None else None
            if resource is not None and resource.namespaced:
                is_refused = places == [None] and self._kinds[name].standing is Standing.FORBIDDEN
                slots |= {f"{name} in {each}": (name, each) for each in (self._seen_in() if is_refused else others)}
        return slots

    def _seen_in(self) -> Sequence[str]:
        """The namespaces that views are watched in one by one."""
        views = [each for each in self._pool.running() if _is_of_a_view(each) and each.informer.status.synced]
        return sorted({each.watched.namespace for each in views if each.watched.namespace is not None})[
            :BACKGROUND_NAMESPACES
        ]

    def _forget_others(self, slots: Container[str]) -> None:
        for slot in [each for each in self._kinds if each not in slots]:
            if slot in self._held:
                self._leave(slot, Standing.WAITING)
            del self._kinds[slot]

    def _is_over(self, scope: tuple[str | None]) -> bool:
        """Whether this round is: another view was opened, or everything ends."""
        return self._stop.is_set() or self._is_given_up or self._namespace != scope

    def _tend(self, name: str, kind: str, namespace: str | None) -> None:
        """Begin with a kind that is to be watched and is not, or end what is not to be watched any more."""
        known, now = self._kinds.get(name) or BackgroundKind(name), self._clock.monotonic()
        names = self._names()
        resource = names.watched(kind) if names is not None else None
        if resource is None:
            if name in self._held:
                self._leave(name, Standing.NOT_OFFERED)
            self._say(name, Standing.NOT_OFFERED)
            return
        wanted = Watched(resource, namespace if resource.namespaced else None, digested=str(resource) in DIGESTED)
        held = self._held.get(name)
        whole = self._held.get(kind)
        if name != kind and whole is not None and whole.watched.namespace is None:
            self._say(name, Standing.ELSEWHERE, watched=wanted)
            return
        if held is not None and held.watched in (wanted, replace(wanted, namespace=None)):
            if wanted.digested and self._is_seen_whole(wanted):
                self._leave(name, Standing.ELSEWHERE, watched=wanted)
            return
        if held is not None:
            self._leave(name, Standing.WAITING, watched=wanted)
        elif known.watched == wanted and known.again_at > now:
            return
        if wanted.digested and self._is_seen_whole(wanted):
            self._say(name, Standing.ELSEWHERE, watched=wanted)
        elif self._await_turn():
            self._start(name, wanted)

    def _start(self, name: str, wanted: Watched) -> None:
        count = self._counted(name, wanted)
        if count is None:
            return
        bounds = self.bounds
        if count > bounds.objects:
            self._leave_out(name, wanted, count)
            return
        held = self._held[name] = self._pool.hold(wanted, PURPOSE)
        self._say(name, Standing.WATCHED, watched=wanted)
        status = held.informer.status
        while _is_on_its_way(status) and not held.informer.settled.is_set():
            if self._stop.is_set() or self._is_given_up:
                return
            if status.received > bounds.objects:
                self._leave(name, Standing.TOO_MANY)
                self._leave_out(name, wanted, status.received)
                return
            held.informer.settled.on_set(self._again.set)
            self._clock.wait(self._again, PAUSE)
            held.informer.settled.forget(self._again.set)
            self._again.clear()
            status = held.informer.status
        self._keep_within_bounds()

    def _counted(self, name: str, wanted: Watched) -> int | None:
        """How many objects there are, 0 if the server does not say; None if they cannot be had, which is noted."""
        door = self._cluster.lister_watcher(wanted.resource, wanted.namespace, None, None, Form.METADATA)
        try:
            page = door.list(ListOptions(limit=1))
        except ApiError as error:
            if error.status == 403:
                why = EVERYWHERE if wanted.resource.namespaced and wanted.namespace is None else ""
                self._say(name, Standing.FORBIDDEN, why, watched=wanted)
            elif error.status in (404, 405):
                self._say(name, Standing.NOT_OFFERED, watched=wanted)
            else:
                self._say(name, Standing.FAILED, error.message, watched=wanted, seconds=RETRY)
            return None
        return len(page.items) + (page.remaining_item_count or 0)

    def _keep_within_bounds(self) -> None:
        """Of what is watched the last in the order goes while there is too much."""
        for name, held in [*self._held.items()]:
            objects = len(held.informer.indexer)
            if objects > self.bounds.objects:
                self._leave(name, Standing.TOO_MANY)
                self._leave_out(name, held.watched, objects)
            elif held.informer.status.refused:
                # What may be listed and not watched would be listed again and again.
                self._leave(name, Standing.FORBIDDEN)
        while self._held and (size := self._bytes()) > self.bounds.bytes:
            name = next(each for each in reversed(self._kinds) if each in self._held)
            most = f"with it {size_text(size)}, at most {size_text(self.bounds.bytes)}"
            self._leave(name, Standing.NO_ROOM, most)

    def _bytes(self) -> int:
        """What all of it takes, the beginnings of its history included, but not what a view shares."""
        total = 0
        for name, held in self._held.items():
            if held.users > 1:
                continue
            objects = len(held.informer.indexer)
            known, size = self._measured.get(name, (0, 0))
            if abs(objects - known) * 20 > objects:
                size = object_bytes(held.informer.indexer) + objects * INDEXED_COST
                self._measured[name] = objects, size
            total += size
        return total

    def _await_turn(self) -> bool:
        """Wait until no view waits for its first list; False if this round is over."""
        scope = self._tended
        while scope is not None and not self._is_over(scope):
            waiting = next(self._unsettled(), None)
            if waiting is None:
                return True
            waiting.informer.settled.on_set(self._again.set)
            self._clock.wait(self._again, PAUSE)
            waiting.informer.settled.forget(self._again.set)
            self._again.clear()
        return False

    def _unsettled(self) -> Iterator[OpenInformer]:
        """The informers of views that are on their way."""
        for each in self._pool.running():
            if _is_of_a_view(each) and _is_on_its_way(each.informer.status):
                yield each

    def _is_seen_whole(self, wanted: Watched) -> bool:
        """Whether a view has the same with its data."""
        whole = {replace(wanted, digested=False), Watched(wanted.resource)}
        return any(each.watched in whole and each.users for each in self._pool.running())

    def _leave(self, name: str, standing: Standing, why: str = "", *, watched: Watched | None = None) -> None:
        held = self._held.pop(name)
        self._measured.pop(name, None)
        self._say(name, standing, why, watched=watched or held.watched)
        self._pool.let_go(held, PURPOSE)

    def _leave_out(self, name: str, wanted: Watched, count: int) -> None:
        most = f"{count:,}, at most {self.bounds.objects:,}"
        self._say(name, Standing.TOO_MANY, most, watched=wanted, objects=count)

    def _say(
        self,
        name: str,
        standing: Standing,
        why: str = "",
        *,
        watched: Watched | None = None,
        objects: int | None = None,
        seconds: float = RECONSIDER,
    ) -> None:
        """Note how it stands with a kind."""
        is_settled = standing not in (Standing.WAITING, Standing.WATCHED, Standing.ELSEWHERE)
        again_at = self._clock.monotonic() + seconds if is_settled else -inf
        self._kinds[name] = BackgroundKind(name, standing, why, watched, objects, again_at)


def _is_of_a_view(shared: OpenInformer) -> bool:
    return bool(shared.users) and any(purpose != PURPOSE for purpose in shared.purposes)


def _is_on_its_way(status: InformerStatus) -> bool:
    """Whether a first list is to be expected, and nothing is in its way."""
    return not status.synced and status.phase in (Phase.STARTING, Phase.LISTING, Phase.STREAMING, Phase.WATCHING)
