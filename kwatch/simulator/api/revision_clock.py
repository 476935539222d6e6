"""Waiting for a revision, as reads that must not be older than one do."""

from __future__ import annotations

import asyncio

from kwatch.simulator.store import Store

PATIENCE = 3.0
"""Seconds a read waits for a revision that has not come."""
_LOOK_EVERY = 0.05


class RevisionClock:
    """The store's revision, seen by those who wait for it."""

    def __init__(self, store: Store, patience: float = PATIENCE) -> None:
        self._store = store
        self._patience = patience

    @property
    def now(self) -> int:
        """The current revision."""
        return self._store.revision

    async def reach(self, revision: int) -> bool:
        """Wait until the revision has come; False if it does not in time."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._patience
        while self._store.revision < revision:
            if loop.time() >= deadline:
                return False
            await asyncio.sleep(min(_LOOK_EVERY, self._patience))
        return True
