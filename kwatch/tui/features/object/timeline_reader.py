"""Reads an object's timeline and puts it into words in a thread of its own, whenever something arrived."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from kwatch.base.threads import reason_of, spawn
from kwatch.catalog.kind import Kind
from kwatch.history.ownership import Relation, RelationType
from kwatch.history.timeline import TimelineEntry
from kwatch.informer.clock import Clock
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.metadata import split_key
from kwatch.informer.resource import Resource
from kwatch.query.query import Query
from kwatch.view.delta_filter import DeltaFilter, LoggedDelta
from kwatch.view.rollouts import WorkloadRollouts, with_rollouts
from kwatch.view.timeline import Rendered, TimelineRenderer, object_words, relation_words

if TYPE_CHECKING:
    from kwatch.history.journal import Journal


LIMIT = 5_000
"""Entries that can be scrolled through, the newest."""
MOST_PODS = 10
"""Pods on a timeline whose containers' last lines are asked for: the first ones that come up, from the newest entry."""
PERIOD = 0.2
"""Seconds between two readings while deltas arrive."""
PATIENCE = 2
"""How many times as long as reading took is waited before it is read again."""
_SLICE = 0.008
"""Seconds of work between two pauses for the other threads."""
_PAUSE = 0.006
"""Seconds of such a pause."""
_PUBLISH = 0.25
"""Seconds between two snapshots while a long timeline is read."""


Wanted: TypeAlias = "tuple[Shown, TimelineFilter | None]"
"""Which part, and which lines of it."""


class TimelineReader:
    """`refresh` it when something arrived; `snapshot` is what it read last. Both return at once, in any thread."""

    def __init__(
        self,
        journal: Journal,
        context: str,
        resource: str,
        key: str,
        on_news: Callable[[], object] = lambda: None,
        on_pod: Callable[[str], object] = lambda key: None,
    ) -> None:
        """Called in the reader's thread: `on_news` when there is another snapshot, `on_pod` once with the key of each
        pod that comes up in it, of MOST_PODS at most.
        """
        self._on_news = on_news
        self._on_pod = on_pod
        self._pods: set[str] = set()
        self.snapshot = TimelineSnapshot()
        self._timeline = journal.timeline_of(context, resource, key)
        self._renderer = TimelineRenderer(journal)
        self._rollouts: WorkloadRollouts | None = None
        self._wanted: Wanted = (Shown.CHANGES, None)
        self._answered: Wanted | None = None
        self._asked, self._stopped, self._hurry = threading.Event(), threading.Event(), threading.Event()
        self._asked.set()
        self._thread = spawn("kwatch-timeline", self._run, self._crashed, until=self._stopped)

    def refresh(self) -> None:
        """Read again, soon."""
        self._asked.set()

    def show(self, shown: Shown, only: TimelineFilter | None) -> None:
        """Show another part, or filter it by something else."""
        self._wanted = (shown, only)
        self._asked.set()
        self._hurry.set()

    @property
    def is_done(self) -> bool:
        """Whether the snapshot is of what is to be shown."""
        return self._answered is self._wanted

    def tell(self, rollouts: WorkloadRollouts) -> None:
        """Show these among the rest."""
        self._rollouts = rollouts
        self._asked.set()

    def close(self) -> None:
        self._stopped.set()
        self._asked.set()
        self._hurry.set()

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._asked.wait()
            self._asked.clear()
            self._hurry.clear()
            if not self._stopped.is_set():
                began = perf_counter()
                self._read()
                self._hurry.wait(max(PERIOD, PATIENCE * (perf_counter() - began)))

    def _crashed(self, error: BaseException) -> None:
        """What was read before stays."""
        self.snapshot = replace(self.snapshot, unread=0, mistake=f"internal error: {reason_of(error)}")
        self._answered = self._wanted
        self._on_news()

    def _read(self) -> None:
        wanted = self._wanted
        entries: Sequence[TimelineEntry] = self._timeline.read(LIMIT)
        older = self._timeline.left_out
        if self._rollouts is not None:
            entries = with_rollouts(entries, self._rollouts)
        newest_first = entries[::-1]
        self._meet_pods(newest_first)
        lines: dict[str, TimelineLine] = {}
        paused = published = perf_counter()
        for place, entry in enumerate(newest_first, 1):
            self._take(entry, lines, wanted)
            now = perf_counter()
            if now - published >= _PUBLISH:
                published = now
                self._publish(lines, len(newest_first), place, wanted, older=older)
            if now - paused >= _SLICE:
                if self._stopped.wait(_PAUSE) or wanted != self._wanted:
                    return
                paused = perf_counter()
        self._publish(lines, len(newest_first), len(newest_first), wanted, older=older)

    def _meet_pods(self, entries: Sequence[TimelineEntry]) -> None:
        for relation in (entry.relation for entry in entries):
            if relation is None or relation.resource != "pods" or relation.key in self._pods:
                continue
            if len(self._pods) >= MOST_PODS:
                return
            self._pods.add(relation.key)
            self._on_pod(relation.key)

    def _take(self, entry: TimelineEntry, lines: dict[str, TimelineLine], wanted: Wanted) -> None:
        shown, only = wanted
        rendered = self._renderer.render(entry)
        if shown.includes(entry, rendered) and (only is None or only.accepts(entry, rendered)):
            lines[entry.id] = TimelineLine(entry, rendered)

    def _publish(
        self,
        lines: dict[str, TimelineLine],
        total: int,
        read: int,
        wanted: tuple[Shown, TimelineFilter | None],
        *,
        older: int,
    ) -> None:
        shown, only = wanted
        mistake = only.complaint if only is not None else ""
        self.snapshot = snapshot_of(lines, shown=shown, total=total, unread=total - read, older=older, mistake=mistake)
        if read == total:
            self._answered = wanted
        self._on_news()


class Shown(Enum):
    """Which part of the timeline is shown; the value is its word in the bar."""

    CHANGES = "changes"
    EVERYTHING = "everything"
    SELF = "this object"
    EVENTS = "events"

    @property
    def next(self) -> Shown:
        """The next one; after the last the first."""
        parts = list(Shown)
        return parts[(parts.index(self) + 1) % len(parts)]

    def includes(self, entry: TimelineEntry, rendered: Rendered) -> bool:
        """Whether an entry belongs to it. Gaps always do."""
        if entry.gap is not None or self is Shown.EVERYTHING:
            return True
        if rendered.noise:
            return False
        if self is Shown.EVENTS:
            return entry.relation_type is RelationType.EVENT
        if self is Shown.SELF:
            return entry.relation is None or entry.relation.subject.type is RelationType.SELF
        return True


class TimelineLine(NamedTuple):
    """One entry in words."""

    entry: TimelineEntry
    rendered: Rendered

    @property
    def is_comparable(self) -> bool:
        """Whether it changed something, that can be shown side by side."""
        entry = self.entry
        return entry.rollout is not None or (entry.version is not None and entry.event is None)


@dataclass(frozen=True, slots=True)
class TimelineSnapshot:
    """A snapshot of what is shown, newest first; made by the thread that reads, so that showing it costs nothing."""

    lines: Mapping[str, TimelineLine] = field(default_factory=dict)
    """By the ids of the entries."""
    keys: Sequence[str] = ()
    places: Mapping[str, int] = field(default_factory=dict)
    """The place of each key."""
    growing: Sequence[str] = ()
    """The keys of lines that may say something else than in the snapshot before."""
    shown: Shown = Shown.CHANGES
    is_read: bool = False
    """Whether anything was read: False in the first snapshot."""
    total: int = 0
    """How many entries there are in all, as far as they have been read."""
    unread: int = 0
    """How many are still to be put into words."""
    older: int = 0
    """How many older ones are left out at least."""
    mistake: str = ""
    """What is wrong with the filter."""

    @property
    def newest_first(self) -> Iterator[TimelineLine]:
        """The lines in order."""
        return iter(self.lines.values())

    @property
    def oldest(self) -> TimelineLine | None:
        """The last line; None if there is none."""
        return self.lines[self.keys[-1]] if self.keys else None


def _may_grow(entry: TimelineEntry) -> bool:
    """Whether more may be known of it later; that a version brought a rollout is found out after its first showing."""
    return entry.relation is None or entry.end is not None or entry.rollout is not None


def snapshot_of(lines: Mapping[str, TimelineLine], **facts: Any) -> TimelineSnapshot:
    """A snapshot of lines, newest first; `facts` are its other fields."""
    keys = tuple(lines)
    growing = tuple(key for key, line in lines.items() if _may_grow(line.entry))
    return TimelineSnapshot(
        dict(lines), keys, {key: place for place, key in enumerate(keys)}, growing, is_read=True, **facts
    )


class TimelineFilter:
    """Used by one thread."""

    def __init__(
        self, query: Query, journal: Journal, kind_of: Callable[[str], tuple[Kind, Resource] | None], clock: Clock
    ) -> None:
        self._journal = journal
        self._filter = DeltaFilter(query, kind_of, clock)

    @property
    def complaint(self) -> str:
        """Why the filter means nothing; empty where it does mean something."""
        return self._filter.complaint.message if self._filter.complaint is not None else ""

    def accepts(self, entry: TimelineEntry, rendered: Rendered) -> bool:
        """Whether every term holds; gaps and beginnings are about no object, and match nothing."""
        if entry.relation is None:
            return False
        obj = self._object(entry, entry.relation)
        if obj is None:
            return False
        text = " ".join(
            (relation_words(entry), object_words(entry.relation), rendered.type, rendered.who, rendered.words)
        )
        deleted = entry.version is not None and entry.version.deleted
        return self._filter.matches(
            LoggedDelta(entry.relation.resource, entry.relation.key, obj, text, entry.at, rendered.changes, deleted)
        )

    def _object(self, entry: TimelineEntry, relation: Relation) -> KubeObject | None:
        """The object then; of what is only proved no more than its name is known."""
        if entry.version is None:
            namespace, name = split_key(relation.key)
            return KubeObject.of({"metadata": {"name": name, "namespace": namespace, "uid": relation.uid}})
        return self._journal.object_or_none(entry.version)
