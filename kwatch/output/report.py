"""`kwatch report`: what broke, as a file, from a recording or from a cluster that is asked now."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from kwatch.base.namespaces import asked_of_server, in_words, is_everywhere
from kwatch.catalog.names import ResourceNames
from kwatch.history.journal import Journal
from kwatch.history.recording.reader import Recording
from kwatch.history.recording.saving import load
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource
from kwatch.informer.status import Phase
from kwatch.output.history import UNBOUNDED, recorded_key
from kwatch.output.opening import TICK, Health, Run, Selection, StreamError, await_connection, resolve
from kwatch.query.query import Query
from kwatch.session.background import KINDS
from kwatch.session.container_ends import logs_of
from kwatch.session.informer_pool import Feed
from kwatch.session.namespaces_feed import FeedOfNamespaces
from kwatch.session.open_sessions import chosen_contexts
from kwatch.view.freshness import NOT_LISTED, enumerated, obstacle
from kwatch.view.report import JointReport, Log, Report
from kwatch.view.report.gathering import NotKnown, Origin, gather
from kwatch.view.report.masking import NameMask
from kwatch.view.report.story import Asked

PATIENCE = 30.0
"""Seconds that lists may take before the report is made without them."""
MOST_PLACES = 20
"""Namespaces that are told of where each is asked for alone."""
EXPLAINING = (
    "pods",
    *KINDS,
    "controllerrevisions.apps",
    "serviceaccounts",
    "limitranges",
    "networkpolicies.networking.k8s.io",
)
"""What fails, and what explains it."""


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """`selection.resource` empty: everything that has a problem, in the namespaces of the selection."""

    selection: Selection
    query: Query | None = None
    since: float | None = None
    mask: NameMask | None = None
    """The pseudonyms that names get; None: names stay."""


def recorded_reports(
    path: Path, request: ReportRequest, made_at: float, complain: Callable[[str], None], wanted: str | None = None
) -> JointReport:
    """As of the end of the recording, of each context of those `wanted`, or of all. Raise RecordingError, StreamError
    where there is none, QuerySyntaxError.
    """
    recording = Recording(path)
    journal = Journal(UNBOUNDED)
    try:
        load(recording, journal)
        for problem in recording.problems:
            complain(problem)
        made: list[Report] = []
        missing: list[tuple[str, str]] = []
        for context in chosen_contexts(wanted, recording.contexts) if wanted else recording.contexts or ("",):
            try:
                made.append(_recorded_report(recording, journal, context, request, made_at))
            except StreamError as error:
                missing.append((context, str(error)))
        if not made:
            raise StreamError(missing[0][1])
        return JointReport(tuple(made), tuple(missing))
    finally:
        journal.close()
        recording.close()


def _recorded_report(
    recording: Recording, journal: Journal, context: str, request: ReportRequest, made_at: float
) -> Report:
    resources = recording.resources(context)
    origin = Origin(
        journal,
        context,
        ResourceNames(resources),
        recording.span[1],
        made_at,
        is_recording=True,
        recording=recording.path.name,
        doubts=tuple(recording.problems),
        mask=request.mask,
    )
    asked = _asked(request, request.selection.namespace)
    if request.selection.resource:
        resource, key = recorded_key(journal, context, resources, request.selection)
        asked = replace(asked, subject=(resource, key), words=f"{resource.kind} {key}")
    return _gathered(origin, asked)


def live_report(
    run: Run, journal: Journal, request: ReportRequest, turn: AbstractContextManager[object]
) -> Report | None:
    """What the server tells now, and proves of before; None if stopped before. Several are made in `turn`, for their
    pseudonyms. Raise StreamError, QuerySyntaxError.
    """
    if not await_connection(run):
        return None
    session, selection = run.session, request.selection
    names = session.names
    assert names is not None, "the session is connected"
    namespace = None if selection.all_namespaces else selection.namespace or session.state.namespace or None
    asked = _asked(request, namespace)
    wanted = _explaining(names)
    if selection.resource:
        resource = resolve(session, selection.resource)[0]
        place = selection.namespace_of(resource, session)
        namespace = place or namespace
        key = f"{place}/{selection.name}" if place else selection.name or ""
        asked = replace(asked, subject=(resource, key), words=f"{resource.kind} {key}")
        wanted = list(dict.fromkeys([resource, *wanted]))
    pods, feeds, doubts = names.watched("pods"), list[Feed](), list[str]()
    everywhere = FeedOfNamespaces(session, pods, namespace, purpose="the report") if pods is not None else None
    try:
        if everywhere is not None and is_everywhere(namespace):
            places = _places(run, everywhere)
            if places:
                namespace = ",".join(places[:MOST_PLACES])
                doubts.append(f"Only of {in_words(namespace, MOST_PLACES)}: one may not list across all namespaces.")
        feeds += [
            session.open(each, asked_for.namespace, None, asked_for.fields, purpose="the report")
            for each in wanted
            for asked_for in asked_of_server(namespace if each.namespaced else None)
        ]
        doubts += _await_lists(run, feeds)
        if run.stop.is_set():
            return None
        now = run.clock.time()
        origin = Origin(
            journal,
            session.context,
            names,
            now,
            now,
            server=session.state.server,
            doubts=tuple(doubts),
            logs=partial(_logs, run, journal) if session.container_ends is not None else None,
            mask=request.mask,
        )
        with turn:
            return _gathered(origin, asked)
    finally:
        for feed in (*feeds, *((everywhere,) if everywhere is not None else ())):
            feed.release()


def _logs(run: Run, journal: Journal, pod: KubeObject) -> Iterator[Log]:
    return logs_of(pod, journal, run.session.context, run.session.container_ends, run.clock)


def _asked(request: ReportRequest, namespace: str | None) -> Asked:
    where = f"in {namespace}" if namespace else "in all namespaces"
    what = f"what matches {request.query} {where}" if request.query else f"everything {where}"
    return Asked(None, namespace, request.query, what, request.since, request.mask is not None)


def _gathered(origin: Origin, asked: Asked) -> Report:
    try:
        return gather(origin, asked)
    except NotKnown as error:
        raise StreamError(str(error)) from error


def _explaining(names: ResourceNames) -> list[Resource]:
    found = (names.watched(name) for name in EXPLAINING)
    return [each for each in found if each is not None]


def _places(run: Run, feed: FeedOfNamespaces) -> Sequence[str]:
    """The namespaces to be told of one by one, because not all may be listed at once; none where they may."""
    deadline = run.clock.monotonic() + PATIENCE
    while not run.stop.is_set() and run.clock.monotonic() < deadline:
        are_known = run.session.namespaces.is_settled  # before those that are known are watched
        feed.drain()
        status = feed.status
        if (status.synced and not feed.seen_in) or (obstacle(status) and status.phase is not Phase.FORBIDDEN):
            return ()
        if are_known and (status.synced or obstacle(status)):
            break
        run.clock.wait(run.stop, TICK)
    return feed.seen_in


def _await_lists(run: Run, feeds: Sequence[Feed]) -> list[str]:
    """Wait for what can be had; a sentence for each resource that cannot, or not in time."""
    health = Health(replace(run, complain=lambda sentence: None), feeds, tolerant=True)
    deadline = run.clock.monotonic() + PATIENCE
    while not run.stop.is_set() and run.clock.monotonic() < deadline:
        health.look(begun=False)
        if all(feed.informer.synced.is_set() or obstacle(feed.status) for feed in feeds):
            break
        run.clock.wait(run.stop, TICK)
    there = {feed.resource for feed in feeds if feed.informer.synced.is_set()}
    missing: dict[str, dict[str, None]] = {}
    for feed in feeds:
        if not feed.informer.synced.is_set():
            why = NOT_LISTED if feed.status.phase is Phase.FORBIDDEN else obstacle(feed.status) or "still being listed"
            place = f" in {feed.watched.namespace}" if feed.resource in there else ""
            missing.setdefault(why, {})[f"{feed.resource}{place}"] = None
    return [f"Made without {enumerated([*resources], 9)}: {why}." for why, resources in missing.items()]
