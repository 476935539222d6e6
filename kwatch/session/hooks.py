"""Acting on what comes to be: a filter that an object begins to match, and what is to be done then, once per onset.

`Hooks` watches in a thread of its own and hands what is to be done to `hook_actions`. For the screen (`:notify`,
`hooks:` in the settings) and for `kwatch RESOURCE --on FILTER`.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from kwatch.base.limits import split_words
from kwatch.base.namespaces import asked_of_server
from kwatch.base.printable import printable
from kwatch.base.threads import spawn
from kwatch.base.timestamp import rfc3339
from kwatch.catalog.health import assess
from kwatch.catalog.names import UnknownResource
from kwatch.catalog.registry import generic_kind, kind_for
from kwatch.informer.errors import Closed
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.metadata import join_key
from kwatch.informer.resource import Resource
from kwatch.query.parser import parse
from kwatch.query.query import Query
from kwatch.query.syntax import QuerySyntaxError
from kwatch.session.hook_actions import Counted, Done, Lane, run_command
from kwatch.session.webhooks import post
from kwatch.view.freshness import obstacle
from kwatch.view.projection import Projection

if TYPE_CHECKING:
    from kwatch.config.settings import HookSettings
    from kwatch.informer.clock import Clock
    from kwatch.session.informer_pool import Feed
    from kwatch.session.session import Session

log = logging.getLogger("kwatch.hooks")
FEW = 3
"""Onsets at once that are told one by one where people look."""
_LOOK_EVERY = 0.2
"""Seconds. What begins and ends between two looks is not seen."""


@dataclass(frozen=True, slots=True)
class Hook:
    """`query` on what `resource` names (`pods`, `deploy,sts`), in a namespace (empty: the context's; None: all).

    `command` is run, with the object as JSON on its stdin; `webhook` is posted to; `notifies`: the terminal is told.
    """

    query: Query
    resource: str = "pods"
    namespace: str | None = None
    label_selector: str | None = None
    field_selector: str | None = None
    command: tuple[str, ...] = ()
    webhook: str = ""
    notifies: bool = False
    existing: bool = False
    """Whether it also acts on what matches at the start."""
    of_settings: bool = False

    def __str__(self) -> str:
        return f"{self.resource} {self.query}"


@dataclass(frozen=True, slots=True)
class Onset:
    """An object began to match. `at` in seconds since the epoch."""

    hook: Hook
    context: str
    resource: Resource
    object: KubeObject
    at: float

    @property
    def name(self) -> str:
        """`shop/cart-1`."""
        return join_key(self.object.namespace, self.object.name)

    @property
    def text(self) -> str:
        """`pods shop/cart-1: CrashLoopBackOff`, or what the filter is where nothing is wrong with it."""
        problem = assess(self.resource, self.object).at(self.at)
        return printable(f"{self.resource} {self.name}: {problem.reason if problem is not None else self.hook.query}")

    @property
    def payload(self) -> dict[str, Any]:
        """What is told to others: the data of Secrets is masked."""
        obj = self.object
        return {
            "time": rfc3339(self.at),
            "filter": str(self.hook.query),
            "context": self.context,
            "resource": str(self.resource),
            "namespace": obj.namespace,
            "name": obj.name,
            "object": obj.tree(),
        }

    @property
    def environment(self) -> dict[str, str]:
        """What a command finds beside the object."""
        told = self.payload
        names = ("filter", "context", "resource", "namespace", "name")
        return {f"KWATCH_{name.upper()}": told[name].replace("\0", "") for name in names}


def in_few_words(onsets: Sequence[Onset]) -> list[str]:
    """A sentence each, or one for all of them where many begin at once."""
    if len(onsets) <= FEW:
        return [each.text for each in onsets]
    first = onsets[0]
    names = ", ".join(each.name for each in onsets[:FEW])
    return [printable(f"{len(onsets):,} {first.resource} began to match {first.hook.query}: {names} ...")]


@dataclass(frozen=True, slots=True)
class HookState:
    """How one hook is doing: how many objects match now, how often that began, what became of the actions."""

    hook: Hook
    matching: int
    onsets: int
    actions: Done
    trouble: str = ""

    @property
    def words(self) -> str:
        """`pods unhealthy: 3 match, began 5 times; 1 of 5 actions failed: exit code 3`."""
        times = "once" if self.onsets == 1 else f"{self.onsets:,} times"
        parts = [self.trouble or f"{self.matching:,} match, began {times}"]
        actions = self.actions
        if actions.failed:
            parts.append(f"{actions.failed:,} of {actions.done:,} actions failed: {actions.last_failure}")
        if actions.skipped:
            parts.append(f"{actions.skipped:,} actions were left out: too many at once")
        return printable(f"{self.hook}: {'; '.join(parts)}")


class Onsets:
    """Which objects begin to match: those that do and did not, or were another object under the same key."""

    def __init__(self, *, existing: bool) -> None:
        """`existing`: what matches at the first look counts as well."""
        self._told: dict[str, str] | None = {} if existing else None

    def look(self, matching: Mapping[str, str]) -> list[str]:
        """The keys of those, given the uid under each key that matches now."""
        told, self._told = self._told, dict(matching)
        return [] if told is None else [key for key, uid in matching.items() if told.get(key) != uid]


class _Watch:
    """One hook on one resource."""

    def __init__(self, hook: Hook, feed: Feed, clock: Clock) -> None:
        """Raise QuerySyntaxError."""
        self.feed = feed
        self.onsets = Onsets(existing=hook.existing)
        self.matching = 0
        self._clock = clock
        kind = kind_for(feed.resource) or generic_kind(feed.resource)
        self._view = Projection(feed.indexer, kind, clock=clock, resource=feed.resource)
        self._view.set_query(hook.query)
        self._is_built = False

    def look(self) -> list[KubeObject]:
        """What begins to match; nothing before all is listed."""
        view, now = self._view, self._clock.time()
        if not self._is_built:
            if not self.feed.status.synced:
                return []
            self.feed.drain()
            view.rebuild()
            self._is_built = True
        else:
            dirty, due = self.feed.drain(), view.due(now)
            if not dirty and (due is None or due > now):
                return []
            view.apply(dirty)
        cache = self.feed.indexer
        objects = {key: obj for key in view.order if isinstance(obj := cache.get_by_key(key), KubeObject)}
        self.matching = len(objects)
        return [objects[key] for key in self.onsets.look({key: obj.uid for key, obj in objects.items()})]

    def close(self) -> None:
        self._view.close()
        self.feed.release()


class _Active:
    """A hook that was added, on the session that is open."""

    def __init__(self, hook: Hook, on_failure: Callable[[str], object]) -> None:
        self.hook = hook
        self.counted = Counted(on_failure)
        self.onsets = 0
        self.trouble = ""
        self.session: Session | None = None
        self.watches: list[_Watch] = []

    def open(self, session: Session, clock: Clock) -> None:
        self.close()
        self.session = session
        names, hook = session.names, self.hook
        assert names is not None
        if session.state.is_recording:
            self.trouble = "this is a recording; hooks act on what happens now"
            return
        try:
            resources = names.resolve(hook.resource)
            for resource in resources:
                namespace = (session.state.namespace if hook.namespace == "" else hook.namespace) or None
                for asked in asked_of_server(namespace if resource.namespaced else None, hook.field_selector):
                    feed = session.open(
                        resource,
                        asked.namespace,
                        hook.label_selector,
                        asked.fields,
                        purpose=f"a hook: {printable(str(hook.query))}",
                    )
                    try:
                        self.watches.append(_Watch(hook, feed, clock))
                    except QuerySyntaxError:
                        feed.release()
                        raise
            self.trouble = ""
        except (UnknownResource, QuerySyntaxError, Closed) as error:
            self.trouble = str(error)

    def close(self) -> None:
        for watch in self.watches:
            watch.close()
        self.watches.clear()
        self.session = None


class Hooks:
    """Begins at once. Every method returns at once and may be called from any thread.

    `session` is asked for the one that is open: hooks go over to another, and what matches there at first is no onset.
    """

    def __init__(
        self,
        session: Callable[[], Session | None],
        clock: Clock,
        hooks: Iterable[Hook] = (),
        *,
        on_onsets: Callable[[Sequence[Onset]], object] = lambda onsets: None,
        on_failure: Callable[[str], object] = lambda sentence: None,
    ) -> None:
        """Both are called in threads of the hooks. `on_onsets`: what began since the last look at one hook."""
        self._session = session
        self._clock = clock
        self._on_onsets = on_onsets
        self._on_failure = on_failure
        self._active: tuple[_Active, ...] = tuple(_Active(hook, self._failed) for hook in hooks)
        self._commands = Lane("hook-command")
        self._webhooks = Lane("webhook")
        self._stop = threading.Event()
        self._thread = spawn("kwatch-hooks", self._run, until=self._stop, wait=clock.wait)

    def add(self, hook: Hook) -> None:
        """Instead of one that is the same."""
        self._active = (*(each for each in self._active if each.hook != hook), _Active(hook, self._failed))

    def remove(self, is_meant: Callable[[Hook], bool]) -> int:
        """How many there were."""
        kept = tuple(each for each in self._active if not is_meant(each.hook))
        removed = len(self._active) - len(kept)
        self._active = kept
        return removed

    @property
    def states(self) -> tuple[HookState, ...]:
        return tuple(
            HookState(
                each.hook,
                sum(watch.matching for watch in each.watches),
                each.onsets,
                each.counted.so_far,
                each.trouble,
            )
            for each in self._active
        )

    def close(self) -> None:
        """End it all; commands that run are ended, within a second."""
        self._stop.set()
        self._commands.stop()
        self._webhooks.stop()

    def _run(self) -> None:
        open_ones: tuple[_Active, ...] = ()
        try:
            while not self._stop.is_set():
                active = self._active
                for each in open_ones:
                    if each not in active:
                        each.close()
                open_ones = active
                session = self._session()
                if session is not None and session.names is not None:
                    for each in active:
                        self._look(each, session)
                self._clock.wait(self._stop, _LOOK_EVERY)
        finally:
            for each in open_ones:
                each.close()

    def _look(self, active: _Active, session: Session) -> None:
        if active.session is not session:
            active.open(session, self._clock)
        if active.watches:
            troubles = (obstacle(watch.feed.status) for watch in active.watches)
            active.trouble = next((each for each in troubles if each), "")
        for watch in active.watches:
            now, resource = self._clock.time(), watch.feed.resource
            onsets = [Onset(active.hook, session.context, resource, obj, now) for obj in watch.look()]
            if onsets:
                active.onsets += len(onsets)
                self._on_onsets(onsets)
            for onset in onsets:
                self._act(active, onset)

    def _act(self, active: _Active, onset: Onset) -> None:
        hook, name = onset.hook, f"{onset.resource} {onset.name}"
        if hook.command:
            data = msgspec.json.encode(onset.object.tree()) + b"\n"
            act = partial(run_command, hook.command, data, onset.environment)
            active.counted.do(self._commands, f"{hook.command[0]} for {name}", act)
        if hook.webhook:
            # Its address may hold a token.
            host = hook.webhook.partition("://")[2].partition("/")[0].rpartition("@")[2]
            act = partial(post, hook.webhook, msgspec.json.encode(onset.payload))
            active.counted.do(self._webhooks, f"{host} for {name}", act)

    def _failed(self, sentence: str) -> None:
        log.warning("a hook failed: %s", sentence)
        self._on_failure(sentence)


def command_of(text: str, *, is_for_shell: bool) -> tuple[str, ...]:
    """What was written as a command; raise ValueError for words that do not end."""
    if is_for_shell:
        return ("/bin/sh", "-c", text) if text else ()
    return split_words(text)


def hook_of(settings: HookSettings) -> Hook:
    """Raise ValueError, which a QuerySyntaxError is."""
    return Hook(
        parse(settings.on),
        settings.resource,
        None if settings.namespace == "*" else settings.namespace,
        command=command_of(settings.exec, is_for_shell=settings.shell),
        webhook=settings.webhook,
        notifies=settings.notify,
        of_settings=True,
    )
