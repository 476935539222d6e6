"""What changed and who did it: between two versions of an object, and between an object and a baseline.

Comparison is a row of an object's history, with all its values. Difference is a row of everything that is not as it
was: thousands of them are kept, so it has only words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from kwatch.base.timestamp import parse_timestamp
from kwatch.history.attribution import UNKNOWN, Writer, attribute, writers
from kwatch.history.diff.change import ABSENT, CREATED_WORD, DELETED_WORD, Change, changed_paths, grouped, words_at
from kwatch.history.diff.compare import diff
from kwatch.history.diff.path import general_path
from kwatch.history.object_history import EVENTS
from kwatch.history.ownership import Owner
from kwatch.history.reconstruction import event_words
from kwatch.history.version import Version
from kwatch.informer.delta import DeltaType
from kwatch.informer.kube_object import KubeObject

CREATED, FIRST_SEEN, EVICTED_BEFORE = "created", "first seen", "changed; how it was before had to make room"
CREATED_AGAIN = "created again"
"""Another object of the name had been deleted."""
JUST = 60.0
"""Age in seconds, by the server's clock, up to which an added object counts as created just now."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The changes of a version with the writer of each, in one order; noise is counted, and kept apart."""

    version: Version
    previous: Version | None
    """None if there was none, or it was evicted; another object's where one was created again."""
    changes: tuple[Change, ...]
    who: tuple[Writer, ...]
    noise: tuple[Change, ...] = ()
    event: str = ""
    """If it is an Event: its reason and message."""
    beginning: str = ""
    """What is known of how it began, where it is the first version: CREATED, FIRST_SEEN, EVICTED_BEFORE or, with what
    differs from its predecessor, CREATED_AGAIN.
    """

    @property
    def writers(self) -> tuple[Writer, ...]:
        """The known writers, each once; none of what was only found, for it was not written then."""
        return () if self.beginning in (FIRST_SEEN, EVICTED_BEFORE) else writers(self.who)

    def words(self, limit: int = 3) -> str:
        """The changes on one line: `status.phase Pending -> Running, 2 more`."""
        if self.version.deleted:
            return self.version.ending
        if self.event and (self.previous is None or not self.changes):
            return self.event
        if self.previous is None:
            return self.beginning
        if self.beginning == CREATED_AGAIN:
            return f"{CREATED_AGAIN}: {changed_paths(self.changes, limit) or 'as it was'}"
        if not self.changes:
            return "only versions and heartbeats" if self.noise else "nothing"
        return changed_paths(self.changes, limit)


def compare_versions(
    version: Version, previous: Version | None, object_of: Callable[[Version], KubeObject], *, is_first: bool = True
) -> Comparison:
    """Compare a version with another; raise KeyError if one of them was evicted.

    Where there is no other, `is_first` says whether there never was one.
    """
    if version.deleted:
        return Comparison(version, previous, (Change("", object_of(version), ABSENT),), (UNKNOWN,))
    obj = object_of(version)
    new = obj.tree()
    old = object_of(previous).tree() if previous is not None else None
    found = diff(old, new, noise=True)
    is_another = previous is not None and previous.uid != version.uid
    if is_another:
        # Its status begins from nothing.
        found = tuple(each for each in found if each.steps[:1] != ("status",) and not _is_of_its_own(each))
    changes = tuple(change for change in found if not change.noise)
    noise = tuple(change for change in found if change.noise)
    event = event_words(new) if version.resource in EVENTS else ""
    if is_another:
        beginning = CREATED_AGAIN
    else:
        beginning = "" if previous is not None else _beginning(version, obj) if is_first else EVICTED_BEFORE
    return Comparison(version, previous, changes, attribute(old, new, changes), noise, event, beginning)


_OWN = frozenset(
    {"uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "ownerReferences"}
)
_TOKEN_VOLUME = re.compile(r"kube-api-access-[a-z0-9]{5}")


def _is_of_its_own(change: Change) -> bool:
    """Whether it differs between any two objects of one name: identities, times, and names that are drawn by lot."""
    is_identity = change.steps[:1] == ("metadata",) and change.steps[1:2] and change.steps[1] in _OWN
    return bool(is_identity) or _TOKEN_VOLUME.search(change.path) is not None


def _beginning(version: Version, obj: KubeObject) -> str:
    """What a list finds was there before, and so was what only came into a selection."""
    if version.type is not DeltaType.ADDED:
        return FIRST_SEEN
    try:
        age = version.at - parse_timestamp(obj.creation_timestamp)
    except (ValueError, OverflowError):
        return CREATED
    return CREATED if age <= JUST else FIRST_SEEN


class Sign(StrEnum):
    """How an object differs from what it was. REPLACED: another object took its name; PASSED: it came and went."""

    CREATED = "+"
    DELETED = "-"
    CHANGED = "~"
    REPLACED = "!"
    PASSED = "±"


_SIGN_WORDS: dict[str, str] = {
    Sign.CREATED: CREATED_WORD,
    Sign.DELETED: DELETED_WORD,
    Sign.REPLACED: "replaced",
    Sign.PASSED: "came and went",
}


@dataclass(frozen=True, slots=True)
class PathChange:
    """What changed at one path, in words, without the values: thousands of them are kept."""

    general: str
    """The path as in `general_path`; empty if the object itself came or went."""
    words: str
    who: Writer
    value: str = ""
    """The words without the path, with what the general path leaves out: `1.4.2 -> 1.5.0 [web]`."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One object that is not as it was. `old` is None if it was not there; `new` is its newest version."""

    new: Version
    old: Version | None
    kind: str
    sign: str
    changes: tuple[PathChange, ...]
    noise: tuple[PathChange, ...] = ()
    owners: tuple[Owner, ...] = ()
    """From the top down to the nearest; none if nothing owns it."""
    at: float = 0.0
    """When it last changed, in seconds since the epoch."""
    deltas: int = 1
    """How many there were since the baseline."""
    stand_in: bool = False
    """Whether the state at the baseline is not kept, and the oldest one that is stands in for it."""
    first_listed: bool = False
    """Whether it was first seen after the baseline, by a list: it is compared with how it was then."""
    itself: Owner = field(init=False)
    """Its own kind, namespace and name."""

    def __post_init__(self) -> None:
        namespace, _, name = self.new.key.rpartition("/")
        object.__setattr__(self, "itself", Owner(self.kind, namespace, name))

    @property
    def group(self) -> Owner:
        return self.owners[0] if self.owners else self.itself

    @property
    def writers(self) -> tuple[Writer, ...]:
        """The known writers, each once."""
        return writers(change.who for change in self.changes)

    def words(self, limit: int = 3, *, noise: bool = False) -> str:
        """On one line: `status.phase Pending -> Running, 2 more`."""
        listed = [*self.changes, *(self.noise if noise else ())]
        text = ", ".join(change.words for change in listed[:limit])
        text = f"{text}, {len(listed) - limit} more" if len(listed) > limit else text
        if self.sign == Sign.REPLACED:
            return f"replaced: {text}" if text else "replaced by an equal one"
        return text


def path_changes(
    old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, *, replaced: bool
) -> tuple[tuple[PathChange, ...], tuple[PathChange, ...]]:
    """What differs between two trees, and what of it is noise."""
    found = tuple(sorted(diff(_without_managed_fields(old), _without_managed_fields(new), noise=True), key=_rank))
    if replaced:
        found = tuple(change for change in found if not _is_of_its_own(change))
    changes = [change for change in found if not change.noise]
    who = attribute(old, new, changes)
    return (
        tuple(_in_words(change, writer) for change, writer in zip(changes, who, strict=True)),
        tuple(_in_words(change, UNKNOWN) for change in found if change.noise),
    )


def by_owner(found: Iterable[Difference]) -> Mapping[tuple[str, Owner], tuple[Difference, ...]]:
    """Grouped by context and the topmost owner there, by namespace and name; below it each owner stands before what it
    owns.
    """
    groups: dict[tuple[str, Owner], list[Difference]] = {}
    for each in found:
        groups.setdefault((each.new.context, each.group), []).append(each)
    ordered = sorted(groups, key=lambda place: (place[1].namespace, place[1].name, place[1].kind, place[0]))
    return {place: tuple(sorted(groups[place], key=_descent)) for place in ordered}


def by_path(found: Iterable[Difference], *, noise: bool = False) -> Mapping[str, tuple[Difference, ...]]:
    """Grouped by changed path, the most frequent first. What came, went or was replaced is under that word."""
    groups = grouped((path, each) for each in found for path in _paths(each, noise))
    return {path: tuple(sorted(group, key=_by_name)) for path, group in groups.items()}


def _by_name(difference: Difference) -> tuple[str, str, str]:
    return difference.kind, difference.new.key, difference.new.context


def _in_words(change: Change, writer: Writer) -> PathChange:
    return PathChange(general_path(change.steps), change.words, writer, words_at(change))


def _without_managed_fields(tree: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """managedFields are half of an object, and say who, not what."""
    if tree is None:
        return None
    metadata = tree.get("metadata")
    if isinstance(metadata, dict) and "managedFields" in metadata:
        tree = {**tree, "metadata": {name: value for name, value in metadata.items() if name != "managedFields"}}
    return tree


def _rank(change: Change) -> int:
    """Desired state first, then status, then the conditions that follow from it."""
    if change.steps[:1] != ("status",):
        return 0
    return 2 if change.steps[1:2] == ("conditions",) else 1


def _paths(difference: Difference, noise: bool) -> Iterable[str]:
    if difference.sign in _SIGN_WORDS:
        return (_SIGN_WORDS[difference.sign],)
    listed = (*difference.changes, *(difference.noise if noise else ()))
    return dict.fromkeys(change.general for change in listed)


def _descent(difference: Difference) -> tuple[tuple[str, str], ...]:
    """The path from below the topmost owner down to the object; that owner itself comes first."""
    return tuple((owner.kind, owner.name) for owner in (*difference.owners, difference.itself)[1:])
