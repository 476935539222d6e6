"""Acting on what comes to be: a filter that an object begins to match, and what is to be done then, once per onset.

`Hooks` watches in a thread of its own and hands what is to be done to `hook_actions`. For the screen (`:notify`,
`hooks:` in the settings) and for `kwatch RESOURCE --on FILTER`.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from kwatch.base.printable import printable
from kwatch.base.threads import spawn
from kwatch.catalog.names import UnknownResource
from kwatch.informer.errors import Closed
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource
from kwatch.query.syntax import QuerySyntaxError
from kwatch.session.hook import Hook, HookState, Onset, Onsets
from kwatch.session.hook_actions import Counted, Lane, run_command
from kwatch.session.namespaces_feed import FeedOfNamespaces
from kwatch.session.webhooks import post
from kwatch.view.freshness import enumerated, obstacle
from kwatch.view.projection import Projection

if TYPE_CHECKING:
    from kwatch.catalog.names import ResourceNames
    from kwatch.informer.clock import Clock
    from kwatch.session.session import Session

log = logging.getLogger("kwatch.hooks")
_LOOK_EVERY = 0.2
"""Seconds. What begins and ends between two looks is not seen."""


class _Watch:
    """One hook on one resource of one context."""

    def __init__(self, hook: Hook, session: Session, resource: Resource, clock: Clock) -> None:
        """Raise QuerySyntaxError, or Closed."""
        self.context = session.context
        namespace = (session.state.namespace if hook.namespace == "" else hook.namespace) or None
        self.feed = FeedOfNamespaces(
            session,
            resource,
            namespace,
            hook.label_selector,
            hook.field_selector,
            purpose=f"a hook: {printable(str(hook.query))}",
        )
        self.onsets = Onsets(existing=hook.existing)
        self.matching = 0
        self.trouble = ""
        """Why nothing comes of it, at the last look."""
        self.without = ""
        """`pods without kube-system: may not be listed`; empty where nothing was left out."""
        self._clock = clock
        shown = self.feed.objects, self.feed.kind
        self._view = Projection(*shown, clock=clock, resource=resource, contexts=(self.context,))
        self._is_built = False
        try:
            self._view.set_query(hook.query)
        except QuerySyntaxError:
            self.close()
            raise

    def look(self) -> list[KubeObject]:
        """What begins to match; nothing before all is listed."""
        view, now = self._view, self._clock.time()
        dirty = self.feed.drain()
        left_out = self.feed.left_out
        reasons = ", ".join(dict.fromkeys(left_out.values()))
        self.without = f"{self.feed.resource} without {enumerated([*left_out])}: {reasons}" if left_out else ""
        self.trouble = obstacle(self.feed.status)
        if not self._is_built:
            if not self.feed.status.synced:
                return []
            view.rebuild()
            self._is_built = True
        else:
            due = view.due(now)
            if not dirty and (due is None or due > now):
                return []
            view.apply(dirty)
        cache = self.feed.objects
        objects = {key: obj for key in view.order if isinstance(obj := cache.get_by_key(key), KubeObject)}
        self.matching = len(objects)
        return [objects[key] for key in self.onsets.look({key: obj.uid for key, obj in objects.items()})]

    def close(self) -> None:
        self._view.close()
        self.feed.release()


class _Active:
    """A hook that was added, on the sessions that are open."""

    def __init__(self, hook: Hook, on_failure: Callable[[str], object]) -> None:
        self.hook = hook
        self.counted = Counted(on_failure)
        self.onsets = 0
        self.watches: Mapping[Session, Sequence[_Watch]] = {}
        """Replaced, never changed: others read it."""
        self._refused: Mapping[Session, tuple[ResourceNames, str]] = {}
        """Where nothing can be watched, by which names, and why."""

    @property
    def all_watches(self) -> Sequence[_Watch]:
        return [watch for watches in self.watches.values() for watch in watches]

    @property
    def state(self) -> HookState:
        watches, refused = self.watches, self._refused
        troubles = {session.context: why for session, (_, why) in refused.items()}
        troubles |= {each.context: each.trouble for found in watches.values() for each in found if each.trouble}
        partly = [each.without for found in watches.values() for each in found if each.without]
        is_nowhere = len(troubles) == len({*watches, *refused}) > 0
        return HookState(
            self.hook,
            sum(each.matching for found in watches.values() for each in found),
            self.onsets,
            self.counted.so_far,
            "; ".join(dict.fromkeys(troubles.values())) if is_nowhere else "",
            (*(() if is_nowhere else (f"{context}: {why}" for context, why in troubles.items())), *partly),
        )

    def follow(self, sessions: Sequence[Session], clock: Clock) -> None:
        """Watch these from now on, each as soon as it is connected; one that is not keeps none waiting."""
        watches, refused = dict(self.watches), dict(self._refused)
        for session in watches.keys() - {*sessions}:
            for watch in watches.pop(session):
                watch.close()
        for session in refused.keys() - {*sessions}:
            del refused[session]
        for session in sessions:
            names = session.names
            if names is None or session in watches or refused.get(session, (None, ""))[0] is names:
                continue
            try:
                watches[session] = self._opened(session, names, clock)
                refused.pop(session, None)
            except (UnknownResource, ValueError, Closed) as error:
                refused[session] = names, str(error)
        self.watches, self._refused = watches, refused

    def _opened(self, session: Session, names: ResourceNames, clock: Clock) -> Sequence[_Watch]:
        """Raise UnknownResource, Closed, or ValueError, which a QuerySyntaxError is."""
        if session.state.is_recording:
            raise ValueError("this is a recording; hooks act on what happens now")
        opened: list[_Watch] = []
        try:
            for resource in names.resolve(self.hook.resource):
                opened.append(_Watch(self.hook, session, resource, clock))
        except (QuerySyntaxError, Closed):
            for each in opened:
                each.close()
            raise
        return opened

    def close(self) -> None:
        for watch in self.all_watches:
            watch.close()
        self.watches = {}


class Hooks:
    """Begins at once. Every method returns at once and may be called from any thread.

    `sessions` is asked for those that are shown: hooks go over to others, and what matches there at first is no onset.
    """

    def __init__(
        self,
        sessions: Callable[[], Sequence[Session]],
        clock: Clock,
        hooks: Iterable[Hook] = (),
        *,
        on_onsets: Callable[[Sequence[Onset]], object] = lambda onsets: None,
        on_failure: Callable[[str], object] = lambda sentence: None,
    ) -> None:
        """Both are called in threads of the hooks. `on_onsets`: what began since the last look at one hook."""
        self._sessions = sessions
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
        return tuple(each.state for each in self._active)

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
                sessions = self._sessions()
                for each in active:
                    self._look(each, sessions)
                self._clock.wait(self._stop, _LOOK_EVERY)
        finally:
            for each in open_ones:
                each.close()

    def _look(self, active: _Active, sessions: Sequence[Session]) -> None:
        active.follow(sessions, self._clock)
        for watch in active.all_watches:
            now, where = self._clock.time(), (watch.context, watch.feed.resource)
            onsets = [Onset(active.hook, *where, obj, now, len(sessions) > 1) for obj in watch.look()]
            if onsets:
                active.onsets += len(onsets)
                self._on_onsets(onsets)
            for onset in onsets:
                self._act(active, onset)

    def _act(self, active: _Active, onset: Onset) -> None:
        hook, name = onset.hook, f"{onset.where}{onset.resource} {onset.name}"
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
