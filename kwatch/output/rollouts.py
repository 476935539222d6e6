"""`kwatch history --revisions`: the rollouts of a workload, from a recording or from a cluster that is asked now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from kwatch.base.printable import printable
from kwatch.base.timestamp import rfc3339
from kwatch.history.attribution import writers
from kwatch.history.rollouts import KEPT_IN, Rollout, rollout_words, rollouts, seen_templates
from kwatch.history.version import Version
from kwatch.informer.errors import ApiError
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.protocol import ListOptions
from kwatch.informer.resource import Resource
from kwatch.output.diff import change_json
from kwatch.output.history import moment, recorded_object
from kwatch.output.opening import Run, Selection, StreamError, ask, await_connection, resolve
from kwatch.output.printer import json_text
from kwatch.session.ports import Cluster

_NOWHEN = "time not known"


def recorded_rollouts(path: Path, selection: Selection, complain: Callable[[str], None]) -> tuple[Rollout, ...]:
    """What a recording knows of a workload's rollouts, oldest first. Raise RecordingError, StreamError."""
    with recorded_object(path, selection, complain) as (journal, context, resource, key):
        kept_in = _kept_in(resource)
        versions = journal.versions(context, str(resource), key)

        def object_of(version: Version) -> Mapping[str, Any] | None:
            try:
                return journal.object_of(version).tree()
            except (KeyError, msgspec.DecodeError, RecursionError):
                return None

        workload = next((obj for version in reversed(versions) if (obj := object_of(version)) is not None), {})
        if kept_in not in journal.resources(context):
            complain(f"{kept_in} keep the templates of {resource}, and were not recorded")
        kept = journal.as_of(context, kept_in).objects()
        return _found(workload, (obj for _, obj in kept), tuple(seen_templates(versions, object_of)))


def live_rollouts(run: Run, selection: Selection) -> tuple[Rollout, ...]:
    """What the server still knows of a workload's rollouts, oldest first. Raise StreamError."""
    if not await_connection(run):
        return ()
    resource = resolve(run.session, selection.resource)[0]
    names, namespace = run.session.names, selection.namespace_of(resource, run.session)
    kept_in = names.find(_kept_in(resource)) if names is not None else None
    if kept_in is None:
        raise StreamError(f"the server does not offer {_kept_in(resource)}")

    def question(cluster: Cluster) -> tuple[Rollout, ...]:
        workload = cluster.get(resource, selection.name or "", namespace)
        kept = cluster.lister_watcher(kept_in, namespace, None, None).list(ListOptions()).items
        return _found(workload.tree(), kept)

    answer = ask(run, question)
    if isinstance(answer, ApiError):
        raise StreamError(answer.message)
    if isinstance(answer, Exception):
        raise answer
    return answer or ()


def _kept_in(resource: Resource) -> str:
    if str(resource) not in KEPT_IN:
        raise StreamError(
            f"{resource} have no revisions; deployments, stateful sets and daemon sets do: "
            "kwatch history deploy/NAME --revisions"
        )
    return KEPT_IN[str(resource)]


def _found(workload: Mapping[str, Any], kept: Iterable[Mapping[str, Any]], *seen: Any) -> tuple[Rollout, ...]:
    trees = (each.tree() if isinstance(each, KubeObject) else each for each in kept)
    return rollouts(workload, trees, *seen)[::-1]


def rollout_text(rollout: Rollout) -> Iterator[str]:
    at = moment(rollout.at) if rollout.at is not None else _NOWHEN
    sign = "≈" if rollout.approximate else "~"
    who = ", ".join(map(str, writers(rollout.who)))
    parts = (at, f"{sign} {rollout_words(rollout)}", rollout.kept_in, rollout.cause, who)
    yield printable("  ".join(part for part in parts if part))
    for change in rollout.changes:
        yield printable(f"    {change.sign} {change.words}")


def rollout_json(rollout: Rollout) -> Iterator[str]:
    """`{type, revision, name, time, approximate, who, changed: [{path, words, old, new, who}], …}`."""
    who = [str(writer) if writer.known else None for writer in rollout.who]
    line = {
        "type": "ROLLOUT",
        "revision": rollout.number or None,
        "name": rollout.kept_in,
        "time": rfc3339(rollout.at) if rollout.at is not None else None,
        "approximate": rollout.approximate,
        "current": rollout.is_current,
        "back_to": rollout.back_to or None,
        "is_rollback": rollout.back_to is not None,
        "pods": rollout.pods,
        "ready": rollout.ready,
        "change_cause": rollout.cause,
        "who": [str(writer) for writer in writers(rollout.who)],
        "changed": [change_json(change, name) for change, name in zip(rollout.changes, who, strict=True)],
    }
    yield json_text(line)
