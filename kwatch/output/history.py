"""`kwatch history`: what happened to one object, or with --revisions the rollouts of a workload; from a recording or
from a cluster that is asked now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from kwatch.base.printable import printable
from kwatch.base.timestamp import rfc3339
from kwatch.catalog.names import ResourceNames, UnknownResource
from kwatch.history.attribution import writers
from kwatch.history.comparison import Comparison
from kwatch.history.coverage import Gap, merged_gaps
from kwatch.history.journal import Journal
from kwatch.history.reconstruction import MOST_EVENTS, ReconstructedEntry, events_about, joined, reconstruct
from kwatch.history.recording.reader import Recording
from kwatch.history.recording.saving import load
from kwatch.history.rollouts import KEPT_IN, Rollout, rollout_words, rollouts, seen_templates
from kwatch.history.version import Version
from kwatch.informer.delta import DeltaType
from kwatch.informer.errors import ApiError
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.metadata import split_key
from kwatch.informer.protocol import ListOptions, Object
from kwatch.informer.resource import Resource
from kwatch.informer.selectors import field_is
from kwatch.output.diff import change_json
from kwatch.output.opening import TICK, Health, Run, Selection, StreamError, ask, await_connection, resolve
from kwatch.output.printer import json_text
from kwatch.session.open_sessions import chosen_contexts
from kwatch.session.ports import Cluster
from kwatch.view.rollouts import tree_or_none
from kwatch.view.timeline import type_of

Entry = Comparison | Gap | ReconstructedEntry
UNBOUNDED = 1 << 40
"""Bytes: a file is read as it is, and nothing of it makes room."""


@dataclass(frozen=True, slots=True)
class RecordedObject:
    """An object of a recording, which is in a journal."""

    journal: Journal
    context: str
    resource: Resource
    key: str
    complain: Callable[[str], None]


@contextmanager
def recorded_objects(
    path: Path, selection: Selection, complain: Callable[[str], None], wanted: str | None = None
) -> Iterator[Sequence[RecordedObject]]:
    """A recording in a journal, and the object of it that is meant, in each context that has it: of those `wanted`, or
    of all that were recorded.

    Raise RecordingError, StreamError where none has it, ValueError for a context that was not recorded.
    """
    recording = Recording(path)
    journal = Journal(UNBOUNDED)
    try:
        load(recording, journal)
        objects: list[RecordedObject] = []
        lacking: list[StreamError] = []
        for context in chosen_contexts(wanted, recording.contexts) if wanted else recording.contexts or ("",):
            try:
                resource, key = recorded_key(journal, context, recording.resources(context), selection)
            except StreamError as error:
                lacking.append(error)
            else:
                objects.append(RecordedObject(journal, context, resource, key, complain))
        for problem in recording.problems:
            complain(problem)
        if not objects:
            raise lacking[0]
        yield objects
    finally:
        journal.close()
        recording.close()


def recorded_history(of: RecordedObject) -> list[Entry]:
    """Everything a recording holds of an object, oldest first, and what its first version proves of before."""
    journal, where = of.journal, (of.context, str(of.resource), of.key)
    versions = journal.versions(*where)
    entries: list[Entry] = [*_before(journal, versions), *map(journal.compare, versions)]
    entries += merged_gaps(journal.gaps_of(*where), [version.at for version in versions])
    return sorted(entries, key=moment_of)


def moment_of(entry: Entry) -> float:
    """When it happened, or began, in seconds since the epoch."""
    if isinstance(entry, Comparison):
        return entry.version.at
    return entry.since if isinstance(entry, Gap) else entry.at


def live_history(run: Run, journal: Journal, selection: Selection, follow: bool) -> Iterator[Entry]:
    """What the server still proves, marked so; then, with `follow`, every version as it comes. Raise StreamError."""
    if not await_connection(run):
        return
    session = run.session
    resource = resolve(session, selection.resource)[0]
    names = session.names
    assert names is not None, "the session is connected"
    namespace = selection.namespace_of(resource, session)
    events = names.find("events.v1")
    proofs, are_more = _answer(ask(run, lambda cluster: _proved(cluster, resource, events, selection, namespace)))
    yield from proofs
    if are_more:
        run.complain(f"there are more Events about it than the {MOST_EVENTS:,} that were asked for")
    if follow:
        yield from _followed(run, journal, resource, selection)


def _before(journal: Journal, versions: Sequence[Version]) -> Iterator[ReconstructedEntry]:
    """What happened to an object before it was found in a list; nothing for one that was seen coming."""
    if not versions or versions[0].type is not DeltaType.REPLACED:
        return
    first = versions[0]
    yield from (proof for proof in joined(reconstruct(journal.object_of(first))) if proof.at < first.at)


def recorded_key(
    journal: Journal, context: str, resources: tuple[Resource, ...], selection: Selection
) -> tuple[Resource, str]:
    """The object of a recording that is meant. Raise StreamError."""
    resource = _one(resources, selection.resource)
    return resource, _key(journal, context, resource, selection)


def _one(resources: tuple[Resource, ...], word: str) -> Resource:
    try:
        return ResourceNames(resources).resolve(word)[0]
    except UnknownResource as error:
        raise StreamError(f"the recording has no {word!r}; it holds {', '.join(map(str, resources))}") from error


def _key(journal: Journal, context: str, resource: Resource, selection: Selection) -> str:
    """The key that a name means: with -n exactly, else the only one of that name in any namespace."""
    known = {
        version.key
        for version in journal.log_window(0, journal.log_length)
        if (version.context, version.resource) == (context, str(resource))
    }
    fitting = sorted(
        key for key in known if split_key(key)[1] == selection.name and selection.namespace in (None, split_key(key)[0])
    )
    if not fitting:
        raise StreamError(f"the recording has no {resource} {selection.name!r}")
    if len(fitting) > 1:
        raise StreamError(f"{resource} {selection.name!r} is in several namespaces; give -n: {', '.join(fitting)}")
    return fitting[0]


def _proved(
    cluster: Cluster, resource: Resource, events: Resource | None, selection: Selection, namespace: str | None
) -> tuple[tuple[ReconstructedEntry, ...], bool]:
    """And whether there are more Events."""
    thing = cluster.get(resource, selection.name or "", namespace)
    about: tuple[Object, ...] = ()
    are_more = False
    if events is not None:
        of_it = cluster.lister_watcher(events, namespace, None, field_is("involvedObject.uid", thing.uid))
        about, are_more = events_about(of_it)
    return tuple(joined(reconstruct(thing, about))), are_more


def _answer(
    answer: tuple[tuple[ReconstructedEntry, ...], bool] | Exception | None,
) -> tuple[tuple[ReconstructedEntry, ...], bool]:
    if isinstance(answer, ApiError):
        raise StreamError(answer.message)
    if isinstance(answer, Exception):
        raise answer
    return answer or ((), False)


def _followed(run: Run, journal: Journal, resource: Resource, selection: Selection) -> Iterator[Entry]:
    session = run.session
    namespace = selection.namespace_of(resource, session)
    feed = session.open(resource, namespace, None, selection.fields())
    health = Health(run, [feed])
    key = f"{namespace}/{selection.name}" if namespace else selection.name or ""
    context, seen, shown = session.context, 0, 0
    while not run.stop.is_set():
        gaps = journal.gaps_of(context, str(resource), key)
        yield from gaps[shown:]
        shown = len(gaps)
        for version in journal.versions(context, str(resource), key):
            if version.sequence > seen:
                seen = version.sequence
                yield journal.compare(version)
        health.look(feed.status.synced)
        run.clock.wait(run.stop, TICK)


def history_text(entry: Entry) -> Iterable[str]:
    if isinstance(entry, Comparison):
        return _version_text(entry)
    return (_gap_text(entry) if isinstance(entry, Gap) else _reconstructed_text(entry),)


def history_json(entry: Entry) -> Iterable[str]:
    if isinstance(entry, Comparison):
        return (_version_json(entry),)
    return (_gap_json(entry) if isinstance(entry, Gap) else _reconstructed_json(entry),)


def _version_text(comparison: Comparison) -> Iterable[str]:
    version = comparison.version
    sign, word, _ = type_of(version)
    who = ", ".join(map(str, comparison.writers)) or ("" if comparison.previous is None else "unknown")
    words = comparison.words(0) if not comparison.changes or comparison.previous is None else comparison.beginning
    yield printable(f"{moment(version.at)}  {sign} {word:<8}  {version.resource_version:>10}  {who}  {words}").rstrip()
    if comparison.previous is not None and not version.deleted:
        for change in comparison.changes:
            yield printable(f"    {change.sign} {change.words}")


def _version_json(comparison: Comparison) -> str:
    """`{type, time, resource_version, uid, who, changed: [{path, old, new, words, who}], noise}`."""
    version = comparison.version
    changed = () if comparison.previous is None or version.deleted else comparison.changes
    line: dict[str, Any] = {
        "type": str(version.type).upper(),
        "time": rfc3339(version.at),
        "resource_version": version.resource_version,
        "uid": version.uid,
        "who": [str(writer) for writer in comparison.writers],
        "changed": [change_json(change, str(who)) for change, who in zip(changed, comparison.who, strict=False)],
        "noise": [change.path for change in comparison.noise],
    }
    return json_text(line)


def _gap_text(gap: Gap) -> str:
    return printable(f"{moment(gap.since)}  ! gap       not watched until {moment(gap.until)}: {gap.cause}")


def _gap_json(gap: Gap) -> str:
    line = {"type": "GAP", "since": rfc3339(gap.since), "until": rfc3339(gap.until), "cause": gap.cause}
    return json_text(line)


def _reconstructed_text(entry: ReconstructedEntry) -> str:
    times = f" ({entry.count} times)" if entry.count > 1 else ""
    who = f"{entry.who}  " if entry.who.known else ""
    return printable(f"{moment(entry.at)}  ≈ before    {' ':>10}  {who}{entry.words}{times}")


def _reconstructed_json(entry: ReconstructedEntry) -> str:
    line = {
        "type": "RECONSTRUCTED",
        "time": rfc3339(entry.at),
        "source": entry.source,
        "who": [str(entry.who)] if entry.who.known else [],
        "words": entry.words,
        "count": entry.count,
    }
    return json_text(line)


def moment(at: float) -> str:
    """Seconds since the epoch in local time, to the millisecond."""
    return datetime.fromtimestamp(at).astimezone().isoformat(sep=" ", timespec="milliseconds")


_NOWHEN = "time not known"


def recorded_rollouts(of: RecordedObject) -> tuple[Rollout, ...]:
    """What a recording knows of a workload's rollouts, oldest first. Raise StreamError."""
    journal, context, resource = of.journal, of.context, of.resource
    kept_in = _kept_in(resource)
    versions = journal.versions(context, str(resource), of.key)

    def object_of(version: Version) -> Mapping[str, Any] | None:
        return tree_or_none(journal.object_or_none(version))

    workload = next((obj for version in reversed(versions) if (obj := object_of(version)) is not None), {})
    if kept_in not in journal.resources(context):
        of.complain(f"{kept_in} keep the templates of {resource}, and were not recorded")
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
