"""Finds consumers that change what is in the cache; for debugging."""

from __future__ import annotations

import copy
import logging
import threading
from collections.abc import Callable
from typing import Any, Self

from kwatch.base.threads import spawn
from kwatch.informer.delta import DeletedFinalStateUnknown, Delta
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.metadata import KeyFunc, meta_namespace_key
from kwatch.informer.protocol import Object

log = logging.getLogger("kwatch.informer.mutation")


class MutationDetector:
    """A sink. Copies every plain object that enters the cache, and compares it with its copy each `interval` seconds
    while the context is open. KubeObjects cannot be changed, and are not looked at.
    """

    def __init__(
        self,
        on_mutation: Callable[[str], None] | None = None,
        *,
        interval: float = 1.0,
        key_func: KeyFunc = meta_namespace_key,
    ) -> None:
        self._on_mutation = on_mutation
        self._interval = interval
        self._key_func = key_func
        self._lock = threading.Lock()
        self._copies: dict[str, tuple[Object, Any]] = {}
        self._finished = threading.Event()

    def on_delta(self, delta: Delta, old: Object | None) -> None:
        """Remember what is in the cache now."""
        obj = delta.object
        if isinstance(obj, DeletedFinalStateUnknown):
            self._copies.pop(obj.key, None)
        elif not isinstance(obj, KubeObject):
            with self._lock:
                self._copies[self._key_func(obj)] = (obj, copy.deepcopy(obj))

    def on_gap(self, since: float, until: float, cause: str) -> None:
        """Nothing to remember."""

    def check(self) -> tuple[str, ...]:
        """The keys of objects that were changed since they entered the cache; each is told once."""
        with self._lock:
            changed = tuple(key for key, (obj, before) in self._copies.items() if obj != before)
            for key in changed:
                del self._copies[key]
        for key in changed:
            log.error("the cached object %s was changed by a consumer", key)
            if self._on_mutation is not None:
                self._on_mutation(key)
        return changed

    def __enter__(self) -> Self:
        spawn("kwatch-mutation-detector", self._run, until=self._finished)
        return self

    def __exit__(self, *_: object) -> None:
        self._finished.set()

    def _run(self) -> None:
        while not self._finished.wait(self._interval):
            self.check()
