"""Everything that changed between two moments: since a mark was set, or between a recording and now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from kwatch.history.attribution import Writer, attribute
from kwatch.history.diff.change import Change, changed_paths
from kwatch.history.diff.compare import diff
from kwatch.history.redaction import mask_secret
from kwatch.informer.kube_object import KubeObject


class State(Protocol):
    """The objects of one resource at a moment: a cache, a past one, a recorded one."""

    def list_keys(self) -> Iterable[str]:
        """Every key."""
        ...

    def get_by_key(self, key: str) -> object | None:
        """The object under a key."""
        ...


@dataclass(frozen=True, slots=True)
class Difference:
    """One object that came, went or changed. A change of uid is a deletion and a creation in one."""

    key: str
    old: KubeObject | None
    new: KubeObject | None
    changes: tuple[Change, ...]
    who: tuple[Writer, ...]
    owner: str = ""
    """Kind and name of what controls it, e.g. `ReplicaSet/web-6d4b`; empty if nothing does."""

    @property
    def sign(self) -> str:
        """`+` came, `-` went, `~` changed, `!` is another object under the same name."""
        if self.old is None or self.new is None:
            return "+" if self.old is None else "-"
        return "~" if self.old.uid == self.new.uid else "!"

    def words(self, limit: int = 3) -> str:
        """On one line."""
        replaced = "replaced: " if self.sign == "!" else ""
        return replaced + changed_paths(self.changes, limit)


def differences(
    old: State, new: State, keys: Iterable[str] | None = None, *, show_secrets: bool = False
) -> tuple[Difference, ...]:
    """What differs between two states, by key; only noise is no difference. `keys` bounds where to look."""
    wanted = sorted(set(keys) if keys is not None else {*old.list_keys(), *new.list_keys()})
    found = (_difference(key, old.get_by_key(key), new.get_by_key(key), show_secrets) for key in wanted)
    return tuple(each for each in found if each is not None)


def by_owner(found: Iterable[Difference]) -> Mapping[str, tuple[Difference, ...]]:
    """Grouped by what controls them, in order."""
    groups: dict[str, list[Difference]] = {}
    for each in found:
        groups.setdefault(each.owner, []).append(each)
    return {owner: tuple(group) for owner, group in groups.items()}


def by_path(found: Iterable[Difference]) -> Mapping[str, tuple[Difference, ...]]:
    """Grouped by changed path, the most frequent first; what came or went is under the empty path."""
    groups: dict[str, list[Difference]] = {}
    for each in found:
        for path in dict.fromkeys(change.path for change in each.changes):
            groups.setdefault(path, []).append(each)
    ordered = sorted(groups.items(), key=lambda item: -len(item[1]))
    return {path: tuple(group) for path, group in ordered}


def _difference(key: str, old: object | None, new: object | None, show_secrets: bool) -> Difference | None:
    before = old if isinstance(old, KubeObject) else None
    after = new if isinstance(new, KubeObject) else None
    if before is None and after is None:
        return None
    if before is not None and after is not None and before.resource_version == after.resource_version != "":
        return None
    was, now = (obj.tree() if obj is not None else None for obj in (before, after))
    shown = (was, now) if show_secrets else (was and mask_secret(was), now and mask_secret(now))
    changes = diff(*shown)
    if not changes:
        return None
    return Difference(key, before, after, changes, attribute(was, now, changes), _owner(after or before))


def _owner(obj: KubeObject | None) -> str:
    owners = obj.owners if obj is not None else ()
    controller = next((owner for owner in owners if owner.controller), owners[0] if owners else None)
    return f"{controller.kind}/{controller.name}" if controller is not None else ""
