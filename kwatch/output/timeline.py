"""`kwatch history --related`: one object's deltas between those of its owners, children, node and Events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from kwatch.base.printable import printable
from kwatch.base.timestamp import rfc3339
from kwatch.history.comparison import Comparison
from kwatch.history.journal import Journal
from kwatch.history.ownership import RelationType
from kwatch.history.timeline import Timeline, TimelineEntry
from kwatch.informer.kube_object import KubeObject
from kwatch.output.diff import change_json
from kwatch.output.history import RecordedObject, moment
from kwatch.output.opening import TICK, Health, Run, Selection, StreamError, await_connection, await_synced, resolve
from kwatch.output.printer import json_text
from kwatch.session.informer_pool import Feed
from kwatch.session.related_feeds import TimelineFeeds
from kwatch.view.timeline import Rendered, TimelineRenderer, object_words, relation_words

PATIENCE = 20.0
"""Seconds that lists of related objects may take before the timeline is printed without them."""
LATE = 1.0
"""Seconds between looks though nothing arrived: which object an Event is about is known a little later."""
_CHANGES = 20
"""Changes that one line may tell."""


class RenderedEntry:
    """One entry, its words, and, of a version, what it changed."""

    def __init__(self, entry: TimelineEntry, rendered: Rendered, comparison: Comparison | None) -> None:
        self.entry = entry
        self.rendered = rendered
        self.comparison = comparison


def recorded_timeline(of: RecordedObject) -> Iterator[RenderedEntry]:
    """What a recording holds of an object and its related objects, oldest first."""
    journal = of.journal
    journal.catch_up()
    timeline = journal.timeline(of.context, str(of.resource), of.key)
    yield from _rendered(journal, TimelineRenderer(journal, _CHANGES), timeline)


def live_timeline(run: Run, journal: Journal, selection: Selection, follow: bool) -> Iterator[RenderedEntry]:
    """What the server still proves, marked so; then, with `follow`, everything as it comes."""
    if not await_connection(run):
        return
    session, clock = run.session, run.clock
    resource = resolve(session, selection.resource)[0]
    namespace = selection.namespace_of(resource, session)
    feed = session.open(resource, namespace, None, selection.fields())
    related = TimelineFeeds(session)
    try:
        key = f"{namespace}/{selection.name}" if namespace else selection.name or ""
        if not _await_object(run, feed, key):
            return
        _await_related(run, feed, related, key)
        journal.catch_up(PATIENCE)
        timeline = journal.timeline_of(session.context, str(resource), key)
        renderer = TimelineRenderer(journal, _CHANGES)
        seen: set[str] = set()
        yield from _rendered(journal, renderer, _unseen(timeline, seen))
        arrived, read_at = -1, 0.0
        health = Health(run, [feed])
        while follow and not run.stop.is_set():
            _look(feed, related, key)
            now = clock.monotonic()
            if journal.last_sequence != arrived or now - read_at >= LATE:
                arrived, read_at = journal.last_sequence, now
                fresh = [entry for entry in _unseen(timeline, seen) if entry.relation_type is not RelationType.LISTED]
                yield from _rendered(journal, renderer, fresh)
            health.look(begun=True)
            clock.wait(run.stop, TICK)
    finally:
        related.release()
        feed.release()


def _rendered(
    journal: Journal, renderer: TimelineRenderer, entries: Iterable[TimelineEntry]
) -> Iterator[RenderedEntry]:
    for entry in entries:
        yield RenderedEntry(entry, renderer.render(entry), _comparison(journal, entry))


def _comparison(journal: Journal, entry: TimelineEntry) -> Comparison | None:
    if entry.version is None or entry.event is not None:
        return None
    try:
        return journal.compare(entry.version)
    except (KeyError, ValueError, RecursionError):
        return None  # it had to make room, or is nested deeper than can be compared


def _unseen(timeline: Timeline, seen: set[str]) -> list[TimelineEntry]:
    fresh = [entry for entry in timeline.read() if entry.id not in seen]
    seen |= {entry.id for entry in fresh}
    return fresh


def _await_object(run: Run, feed: Feed, key: str) -> bool:
    """Wait for the object; False if stopped before. Raise StreamError where it cannot be had."""
    if not await_synced(replace(run, complain=lambda sentence: None), [feed]):
        return False
    if feed.indexer.get_by_key(key) is None:
        raise StreamError(f"{feed.resource} {key.rpartition('/')[2]!r} not found")
    return True


def _await_related(run: Run, feed: Feed, related: TimelineFeeds, key: str) -> None:
    """Wait until its related objects are listed; what cannot be, or takes too long, is named in a complaint."""
    deadline = run.clock.monotonic() + PATIENCE
    while not run.stop.is_set():
        _look(feed, related, key)
        troubles = related.troubles
        if all(troubles.values()) or run.clock.monotonic() >= deadline:
            for resource, why in troubles.items():
                run.complain(f"{resource}: {why or 'still being listed'}; shown without them")
            return
        run.clock.wait(run.stop, TICK)


def _look(feed: Feed, related: TimelineFeeds, key: str) -> None:
    obj = feed.indexer.get_by_key(key)
    if isinstance(obj, KubeObject):
        related.look(feed.resource, obj)


def timeline_text(line: RenderedEntry) -> Iterable[str]:
    """When, what it is to the object, which object, what happened, who did it; nothing for noise."""
    entry, rendered = line.entry, line.rendered
    if rendered.noise:
        return
    mark = "≈" if entry.approximate else " "
    head = f"{mark}{moment(entry.at)}  {relation_words(entry):<9}  {rendered.sign} {rendered.type:<8}"
    yield printable(
        "  ".join(part for part in (head, object_words(entry.relation), rendered.who, rendered.words) if part)
    )


def timeline_json(line: RenderedEntry) -> Iterable[str]:
    """`{type, time, approximate, relation, distance, resource, key, who, words, noise, ...}`; noise is marked."""
    entry, rendered, comparison = line.entry, line.rendered, line.comparison
    found: dict[str, Any] = {
        "type": rendered.type.upper(),
        "time": rfc3339(entry.at),
        "approximate": entry.approximate,
        "relation": str(entry.relation_type),
        "distance": entry.distance,
    }
    if entry.relation is not None:
        found |= {"resource": entry.relation.resource, "key": entry.relation.key, "uid": entry.relation.uid}
        if entry.relation.about is not None:
            about = entry.relation.about
            found["about"] = {"relation": str(about.type), "resource": about.resource, "key": about.key}
    if entry.version is not None:
        found["resource_version"] = entry.version.resource_version
    if entry.gap is not None:
        found |= {"until": rfc3339(entry.gap.until), "resources": entry.resources}
    if entry.event is not None:
        found["count"] = entry.event.count
    found |= {"who": [rendered.who] if rendered.who else [], "words": rendered.words, "noise": rendered.noise}
    if comparison is not None and comparison.previous is not None and not comparison.version.deleted:
        found["who"] = [str(writer) for writer in comparison.writers]
        pairs = zip(comparison.changes, comparison.who, strict=True)
        found["changed"] = [change_json(change, str(who)) for change, who in pairs]
    yield json_text(found)
