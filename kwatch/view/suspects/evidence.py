"""Evidence: that something around a failure changed, as it was seen or as objects prove it themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from kwatch.base.timestamp import time_or_none
from kwatch.catalog.tree import Tree
from kwatch.history.attribution import Writer, creator, field_set_paths, managed_fields
from kwatch.history.diff.change import ABSENT, Change
from kwatch.history.diff.path import Steps
from kwatch.history.journal import Journal
from kwatch.history.rollouts import Rollout
from kwatch.informer.delta import DeltaType
from kwatch.informer.kube_object import KubeObject
from kwatch.view.rollouts import tree_or_none
from kwatch.view.suspects.aspect import aspects_within
from kwatch.view.suspects.failure import bad_conditions, is_made_by_controller


@dataclass(frozen=True, slots=True)
class Evidence:
    """An object that is related to what fails changed, or was last written at a time that is still known."""

    relation: str
    """What it is to what fails: `its config map`."""
    resource: str
    """As kubectl prints it: `configmaps`."""
    key: str
    at: float | None
    changes: tuple[Change, ...] = ()
    """Empty where it is only known that it was written."""
    who: tuple[Writer, ...] = ()
    """The writer of each change; without changes, who wrote."""
    approximate: bool = False
    closeness: float = 1.0
    """How closely it is related, 0 to 1: 1 for itself, its owners, and what its template names."""
    all_share_it: bool | None = None
    """Of a rollout: whether all pods that fail were made from it, and those that do not were not; None: not known."""
    sequence: int | None = None
    """The version in the journal."""
    rollout: Rollout | None = None
    is_there: bool = True
    expired: bool = False
    """Whether it is not that something was written, but that a certificate in it expired then."""
    owned: tuple[Steps, ...] | None = None
    """Without changes: what its writer owns, so that it wrote some of this; None where that is not known."""
    is_another: bool = False
    """Whether it was deleted and created again, and the changes are against the one before."""
    survived: bool = False
    """Whether pods of the same workload run that started after it."""
    worked: float = 0.0
    """For how many seconds the workload is known to have been well with it, if that is long enough to count."""
    was_before: bool = False
    """Whether it was before the workload was, or came with it."""
    pulls: bool = False
    """Whether what is missing is a secret with which the image is pulled."""

    @property
    def template_hash(self) -> str:
        """Of a rollout: that of its template, which is in a label of the pods that are made from it."""
        return self.rollout.kept_in.rpartition("-")[2] if self.rollout is not None else ""


def proved(resource: str, obj: KubeObject, *, skip_template: bool) -> Iterator[Evidence]:
    """What an object proves without anybody having watched, with the server's times: when it was created, who wrote it
    last, and what of a node is wrong since when. Nothing of pods.
    """
    tree = tree_or_none(obj)
    if tree is None or resource == "pods":
        return
    born = time_or_none(Tree(tree).at("metadata", "creationTimestamp").value)
    made = Evidence("", resource, obj.key, None, approximate=True)
    if born is not None and not skip_template and not is_made_by_controller(obj):
        yield replace(made, at=born, changes=(Change("", ABSENT, tree),), who=(creator(tree),))
    for since, steps in bad_conditions(tree) if resource == "nodes" else ():
        yield replace(made, at=since, owned=(steps,))
    for entry in managed_fields(tree).values():
        at = time_or_none(entry.writer.time)
        is_report = entry.writer.subresource not in ("", "scale")
        if is_report or at is None or at == born:
            continue
        if isinstance(entry.fields, Mapping):
            owned = tuple(_telling(made.resource, entry.fields, skip_template=skip_template))
            yield replace(made, at=at, who=(entry.writer,), owned=owned)
        elif not skip_template:
            yield replace(made, at=at, who=(entry.writer,))


def _telling(resource: str, fields: Mapping[str, Any], *, skip_template: bool) -> Iterator[Steps]:
    """Of what a manager owns, what may cause anything."""
    for steps in field_set_paths(fields):
        is_left_out = skip_template and steps[:2] == ("spec", "template")
        if not is_left_out and aspects_within(resource, steps):
            yield steps


_SEVERAL_NODES = 0.6
"""What is left of the closeness of a pod's node where those that fail alike are on several."""


def judged(evidence: Evidence, survivor: float | None, nodes: set[str], asked: bytes) -> Evidence:
    """With what is known of other pods: when the newest of those started that run, and where those are that fail.
    Labels of nodes count if the pod asks for them.
    """
    if evidence.resource == "nodes":
        pairs = [*zip(evidence.changes, evidence.who, strict=False)]
        kept = [(change, writer) for change, writer in pairs if _is_asked_for(change.steps, asked)]
        if evidence.changes and len(kept) < len(pairs):
            changes, who = tuple(change for change, _ in kept), tuple(writer for _, writer in kept)
            # Without changes it would be a write that was not read.
            evidence = replace(evidence, changes=changes, who=who, owned=None if changes else ())
        if evidence.owned:
            evidence = replace(evidence, owned=tuple(each for each in evidence.owned if _is_asked_for(each, asked)))
        if evidence.relation == "its node" and len(nodes) > 1:
            evidence = replace(evidence, closeness=evidence.closeness * _SEVERAL_NODES)
    of_config = evidence.resource in ("configmaps", "secrets", "serviceaccounts") and not evidence.expired
    survived = of_config and evidence.at is not None and survivor is not None and survivor > evidence.at + 1
    return replace(evidence, survived=True) if survived else evidence


def _is_asked_for(steps: Steps, asked: bytes) -> bool:
    if steps[:2] != ("metadata", "labels") or len(steps) < 3:
        return True
    return str(steps[2]).encode() in asked


_SAMPLES, _ENOUGH, _SPREAD = 500, 5, 5.0
"""Versions that may tell how far clocks are apart, how many must, and how many seconds half of them may differ."""
APART = 5.0
"""Seconds from which on clocks are taken to be apart; less is the way of a message and times in whole seconds."""


def clocks_apart(journal: Journal, context: str) -> float:
    """By how many seconds new objects were received later than the server says that they were created: so much is the
    clock of the machine that watched ahead of the server's. 0 if they agree, or it is not clear.
    """
    length = journal.log_length
    found: list[float] = []
    for version in journal.log_window(max(0, length - _SAMPLES), length):
        if version.type is DeltaType.ADDED and not version.relisted and version.context == context:
            obj = journal.object_or_none(version)
            created = time_or_none(obj.creation_timestamp) if obj is not None else None
            found += [version.at - created] if created is not None else []
    found.sort()
    quarter = len(found) // 4
    is_clear = len(found) >= _ENOUGH and found[-1 - quarter] - found[quarter] <= _SPREAD
    apart = median(found) if is_clear else 0.0
    return apart if abs(apart) >= APART else 0.0
