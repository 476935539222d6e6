"""A journal for tests: told what changed and when."""

from __future__ import annotations

from collections.abc import Mapping

from kwatch.informer.protocol import Object


class FakeJournal:
    is_indexed = True

    def __init__(self) -> None:
        self.changes: list[tuple[str, str, str, str, float]] = []
        """Key, path, old, new, time."""
        self.waiting: set[str] = set()
        self.graves: dict[str, Object] = {}

    def last_changes(self, path: str, old: str | None, new: str | None) -> Mapping[str, float]:
        found: dict[str, float] = {}
        for key, its_path, its_old, its_new, at in self.changes:
            if (not path or path in its_path) and old in (None, its_old) and new in (None, its_new):
                found[key] = max(at, found.get(key, 0.0))
        return found

    def last_change(self, key: str, path: str, old: str | None, new: str | None) -> float | None:
        return self.last_changes(path, old, new).get(key)

    def is_settled(self, key: str) -> bool:
        return key not in self.waiting

    @property
    def unsettled(self) -> int:
        return len(self.waiting)

    def paths(self) -> Mapping[str, int]:
        return dict.fromkeys([path for _, path, _, _, _ in self.changes], 1)

    def deleted_objects(self) -> Mapping[str, Object]:
        return dict(self.graves)
