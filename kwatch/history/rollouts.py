"""The rollouts of a workload: each template of its pods against the one before, also from before it was watched.

The server keeps the templates: a Deployment's in replica sets, a StatefulSet's and a DaemonSet's in controller
revisions. When each was rolled out and who did it is known of what the journal saw. Of the rest, the creation of what
keeps the template says when, and the managedFields of the workload say who wrote the newest one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from kwatch.base.timestamp import time_or_none
from kwatch.history.attribution import UNKNOWN, Writer, attribute, managed_fields, owns
from kwatch.history.diff.change import Change, changed_paths
from kwatch.history.diff.compare import diff
from kwatch.history.diff.path import path_text
from kwatch.history.version import Version

KEPT_IN: Mapping[str, str] = {
    "deployments.apps": "replicasets.apps",
    "statefulsets.apps": "controllerrevisions.apps",
    "daemonsets.apps": "controllerrevisions.apps",
}
"""The workloads that are rolled out, and the resource that keeps their templates."""
MOST_READ = 300
"""Versions of a workload that are searched for new templates, the newest."""
_REVISION = "deployment.kubernetes.io/revision"
_EARLIER_REVISIONS = "deployment.kubernetes.io/revision-history"
_CAUSE = "kubernetes.io/change-cause"
_HASHES = ("pod-template-hash", "controller-revision-hash")
"""Labels that controllers add to a template."""
_DIGITS = 18
"""Of a revision's number, an int64; longer ones are no number."""
_PROMPT = 60.0
"""Seconds within which a controller is expected to act upon a new template."""

Tree = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rollout:
    """A template came into force. One that was rolled back to has a rollout for each time."""

    number: int
    """The revision, as `kubectl rollout history` counts; 0 for a template that waits while rollouts are paused."""
    kept_in: str
    """The name of the replica set or controller revision; empty for one that waits."""
    at: float | None
    """In seconds since the epoch; None where nothing tells."""
    approximate: bool
    """Time and writers are reconstructed, and not seen."""
    changes: tuple[Change, ...]
    """What is different in the template since the rollout before; empty for the oldest one kept."""
    who: tuple[Writer, ...]
    """The writer of each change."""
    is_oldest: bool
    back_to: int | None
    """The revision that had this template before, 0 if its number is not known; None for a new template."""
    is_current: bool
    """The newest one: that of pods that are made now."""
    pods: int | None
    """Pods that run it now; None where nothing tells."""
    ready: int | None
    cause: str
    """The annotation `kubernetes.io/change-cause`."""
    template: Tree
    before: Tree | None
    """The template of the rollout before; None for the oldest one kept."""
    sequence: int | None
    """The version of the workload in the journal that brought it; None where it was not seen."""


@dataclass(frozen=True, slots=True)
class SeenTemplate:
    """A version of a workload that has another template than the version before."""

    at: float
    template: bytes
    """As `_fingerprint` gives it."""
    who: Mapping[str, Writer]
    """By the path of the change."""
    sequence: int
    """The sequence of the version."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """A template, and the revisions it has been, oldest first."""

    name: str
    template: Tree
    numbers: tuple[int, ...]
    created: float | None
    obj: Tree


def rollouts(workload: Tree, kept: Iterable[Tree], seen: Iterable[SeenTemplate] = ()) -> tuple[Rollout, ...]:
    """Every rollout that is still known of, newest first.

    `kept` are replica sets or controller revisions: those that the workload does not own are passed over. `seen` is
    oldest first.
    """
    uid = _at(workload, "metadata", "uid")
    templates = [_read(each) for each in kept if uid and uid in _owners(each)]
    steps = sorted(((number, each) for each in templates for number in each.numbers), key=lambda step: step[0])
    sights = {each.template: each for each in seen}
    made: list[Rollout] = []
    before: Tree | None = None
    for place, (number, each) in enumerate(steps):
        is_current, is_latest = place == len(steps) - 1, number == each.numbers[-1]
        back_to = _back_to(steps[:place], each)
        at = each.created if back_to is None else None
        changes = _changes(before, each.template)
        who: tuple[Writer, ...] = (UNKNOWN,) * len(changes)
        sight = sights.get(_fingerprint(each.template)) if is_latest else None
        if sight is not None:
            at, who = sight.at, tuple(sight.who.get(change.path, UNKNOWN) for change in changes)
        elif is_current:
            who, at = _last_written(workload, changes, at)
        pods, ready = _pods(workload, each, is_current=is_current) if is_latest else (0, 0)
        cause = _text(_at(each.obj, "metadata", "annotations", _CAUSE)) if is_latest else ""
        sequence = sight.sequence if sight is not None else None
        made.append(
            Rollout(
                *(number, each.name, at, sight is None, changes, who, place == 0, back_to, is_current, pods, ready),
                *(cause, each.template, before, sequence),
            )
        )
        before = each.template
    made += _waiting(workload, before, {_fingerprint(each.template) for each in templates})
    return tuple(reversed(made))


def seen_templates(versions: Sequence[Version], object_of: Callable[[Version], Tree | None]) -> Iterator[SeenTemplate]:
    """The versions of a workload that brought another template, oldest first. `object_of` gives None for a version
    that cannot be read.
    """
    before: Tree | None = None
    fingerprint = b""
    for version in versions[-MOST_READ:]:
        now = object_of(version)
        if now is None or version.deleted:
            before, fingerprint = None, b""
            continue
        template = _bare(_at(now, "spec", "template"))
        same = _fingerprint(template)
        if before is not None and same != fingerprint:
            changes = _changes(_bare(_at(before, "spec", "template")), template)
            writers = attribute(before, now, changes)
            who = {change.path: writer for change, writer in zip(changes, writers, strict=True)}
            yield SeenTemplate(version.at, same, who, version.sequence)
        before, fingerprint = now, same


def rollout_words(rollout: Rollout) -> str:
    """`revision 3, rolled back to 1, current, 2 of 3 pods ready`."""
    parts = [f"revision {rollout.number}" if rollout.number else "waits: rollouts are paused"]
    if rollout.is_oldest:
        parts.append("the oldest one kept")
    if rollout.back_to is not None:
        parts.append(f"rolled back to {rollout.back_to}" if rollout.back_to else "rolled back")
    if rollout.is_current:
        parts.append("current")
    if rollout.pods:
        noun = "pod" if rollout.pods == 1 else "pods"
        parts.append(
            f"{rollout.pods} {noun}" if rollout.ready is None else f"{rollout.ready} of {rollout.pods} {noun} ready"
        )
    return ", ".join(parts)


def change_words(rollout: Rollout) -> str:
    """Why and what: `release 2: rolled back to 1: containers[web].image 2 -> 1`."""
    back = rollout.back_to
    first = "" if back is None else f"rolled back to {back}" if back else "rolled back"
    changes = changed_paths(map(within_template, rollout.changes), 4) or (
        "the oldest one kept" if rollout.is_oldest else "nothing"
    )
    return ": ".join(part for part in (rollout.cause, first, changes) if part)


def within_template(change: Change) -> Change:
    """With its path from the template on: `containers[web].image`, `metadata.labels[app]`."""
    steps = change.steps[2 if change.steps[2:3] == ("metadata",) else 3 :]
    return replace(change, path=path_text(steps)) if change.steps[:2] == ("spec", "template") and steps else change


def _read(obj: Tree) -> _Kept:
    annotations = _at(obj, "metadata", "annotations")
    created = time_or_none(_at(obj, "metadata", "creationTimestamp"))
    name = _text(_at(obj, "metadata", "name"))
    if "data" in obj:
        number = obj.get("revision")
        template = _bare(_at(obj, "data", "spec", "template"))
        return _Kept(name, template, (number if isinstance(number, int) else 0,), created, obj)
    earlier = _text(_at(annotations, _EARLIER_REVISIONS)).split(",")
    numbers = (*map(_number, filter(None, earlier)), _number(_at(annotations, _REVISION)))
    return _Kept(name, _bare(_at(obj, "spec", "template")), tuple(sorted(numbers)), created, obj)


def _back_to(earlier: Sequence[tuple[int, _Kept]], each: _Kept) -> int | None:
    """The revision the template was before. A controller revision forgets it, but is older than the one it replaced."""
    numbers = [number for number, other in earlier if other is each]
    if numbers:
        return numbers[-1]
    younger = any(each.created is not None and (other.created or 0) > each.created for _, other in earlier)
    return 0 if younger else None


def _changes(before: Tree | None, template: Tree) -> tuple[Change, ...]:
    """What pods do before what is written on them."""
    if before is None:
        return ()
    found = diff({"spec": {"template": before}}, {"spec": {"template": template}})
    return tuple(sorted(found, key=lambda change: change.steps[2:3] == ("metadata",)))


def _last_written(
    workload: Tree, changes: Sequence[Change], created: float | None
) -> tuple[tuple[Writer, ...], float | None]:
    """The writer of each change of the newest template, and when it came into force.

    An owner of a field wrote it last, and so wrote this template, unless all it wrote was before.
    """
    entries = [
        entry
        for entry in managed_fields(workload).values()
        if entry.writer.subresource != "status"
        and (created is None or (time_or_none(entry.writer.time) or 0) >= created - _PROMPT)
    ]
    who = []
    for change in changes:
        owners = [entry.writer for entry in entries if owns(entry.fields, change.steps, workload)]
        who.append(owners[0] if len(owners) == 1 else UNKNOWN)
    if created is not None:
        return tuple(who), created
    times = [at for writer in who if (at := time_or_none(writer.time)) is not None]
    return tuple(who), max(times, default=None)


def _pods(workload: Tree, each: _Kept, *, is_current: bool) -> tuple[int | None, int | None]:
    """How many pods run a template, and how many of them are ready."""
    if "data" not in each.obj:
        status = _at(each.obj, "status")
        return _count(status, "replicas"), _count(status, "readyReplicas")
    status = _at(workload, "status")
    if _count(status, "desiredNumberScheduled"):
        return (_count(status, "updatedNumberScheduled"), None) if is_current else (None, None)
    current, update = _text(_at(status, "currentRevision")), _text(_at(status, "updateRevision"))
    if current == update == each.name:
        return _count(status, "replicas"), _count(status, "readyReplicas")
    names = {current: "currentReplicas", update: "updatedReplicas"}
    return (_count(status, names[each.name]), None) if each.name in names else (0, 0)


def _waiting(workload: Tree, before: Tree | None, kept: set[bytes]) -> Iterator[Rollout]:
    """A template that nothing was made from yet, because rollouts are paused."""
    template = _bare(_at(workload, "spec", "template"))
    if _at(workload, "spec", "paused") is not True or _fingerprint(template) in kept:
        return
    changes = _changes(before, template)
    who, at = _last_written(workload, changes, None)
    cause = _text(_at(workload, "metadata", "annotations", _CAUSE))
    yield Rollout(
        0, "", at, True, changes, who, before is None, None, False, 0, 0, cause, template, before, sequence=None
    )


def _owners(obj: Tree) -> list[Any]:
    references = _at(obj, "metadata", "ownerReferences")
    return [_at(each, "uid") for each in references] if isinstance(references, list) else []


def _bare(template: Any) -> Tree:
    """A template without what controllers add to the copy that they keep."""
    if not isinstance(template, Mapping):
        return {}
    bare = {name: value for name, value in template.items() if name != "$patch"}
    metadata = template.get("metadata")
    if isinstance(metadata, Mapping):
        own = {name: value for name, value in metadata.items() if value is not None}
        if isinstance(labels := metadata.get("labels"), Mapping):
            own["labels"] = {name: value for name, value in labels.items() if name not in _HASHES}
        bare["metadata"] = own
    return bare


def _fingerprint(template: Tree) -> bytes:
    return msgspec.json.encode(template, order="sorted")


def _at(tree: Any, *names: str) -> Any:
    """What stands at a path; an empty map where something on the way, or the value, is not there."""
    for name in names:
        tree = tree.get(name) if isinstance(tree, Mapping) else None
    return {} if tree is None else tree


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _count(status: Any, name: str) -> int:
    value = _at(status, name)
    return value if isinstance(value, int) else 0


def _number(text: Any) -> int:
    is_number = isinstance(text, str) and text.isascii() and text.isdecimal() and len(text) <= _DIGITS
    return int(text) if is_number else 0
