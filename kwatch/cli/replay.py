"""`kwatch replay`: the whole screen on a recording, offline, in time travel from its beginning."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from math import inf
from pathlib import Path

from kwatch.catalog.names import ResourceNames, UnknownResource
from kwatch.cli.arguments import ReplayArguments, SelectionArguments
from kwatch.cli.connecting import Clusters, Connect
from kwatch.cli.terminal import complain
from kwatch.cli.watch import cannot_draw, prints_plainly, watch_clusters
from kwatch.history.journal import Journal
from kwatch.history.recording.cluster import RecordedCluster, RecordedContext
from kwatch.history.recording.playback import PlayheadClock
from kwatch.history.recording.reader import Recording
from kwatch.history.recording.saving import load
from kwatch.informer.clock import ShiftedClock, SystemClock
from kwatch.session.open_sessions import chosen_contexts
from kwatch.tui.features.time_travel.moment import is_distance, read_moment


def replay(arguments: ReplayArguments) -> int:
    """Run it and return its exit code; raise RecordingError or ValueError with a sentence for what cannot be shown."""
    path = Path(arguments.file)
    # Opened once here: what cannot be shown is a sentence, before any screen.
    recorded = chosen(RecordedCluster(path), arguments.context)
    first = recorded[0]
    selection = _selection(arguments.watch.selection, arguments.anything, recorded)
    for problem in first.problems:
        complain(problem)
    watched = replace(arguments.watch, selection=selection)
    if prints_plainly(watched.output) or cannot_draw():
        return watch_clusters(watched, Played(recorded, arguments).clusters())
    shown = Shown(recorded)
    clusters = Clusters(
        shown.connect_to,
        lambda: tuple(RecordedContext(each, each == first.context) for each in first.contexts),
        banner="replay",
        remember=shown.remember,
        replay=replace(arguments.replay, file=path.name, done=shown.done, problems=shown.problems),
        # Ages count from when it was recorded, except in time travel.
        clock=ShiftedClock(SystemClock(), first.playhead.end) if first.playhead.end else None,
        several=_several(recorded),
    )
    return watch_clusters(watched, clusters)


def chosen(recorded: RecordedCluster, context: str | None) -> Sequence[RecordedCluster]:
    """The contexts of a recording that are meant: all of them, or those of --context. Raise ValueError."""
    names = chosen_contexts(context, recorded.contexts) if context else recorded.contexts
    return [recorded.of(each) for each in names] if names else [recorded]


def _several(recorded: Sequence[RecordedCluster]) -> tuple[str, ...]:
    return tuple(each.context for each in recorded) if len(recorded) > 1 else ()


class Played:
    """A recording as a stream: what was there where it begins, then what happened, as fast as it is played."""

    def __init__(self, recorded: Sequence[RecordedCluster], arguments: ReplayArguments) -> None:
        """Raise ValueError with a sentence for a beginning that was not recorded."""
        self._recorded = recorded
        self._replay = arguments.replay
        self._playhead = playhead = recorded[0].playhead
        start, end = playhead.start, playhead.end
        first = end if arguments.watch.output.until_synced else start
        at = read_moment(self._replay.start, start, end) if self._replay.start else first
        if not is_distance(self._replay.start) and not start <= at <= end:
            known = " to ".join(time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(each)) for each in (start, end))
            raise ValueError(f"{self._replay.start} was not recorded: it is from {known}")
        playhead.seek(at)
        playhead.set_speed(self._replay.speed)

    def clusters(self) -> Clusters:
        clock, by_name = PlayheadClock(self._playhead), {each.context: each for each in self._recorded}
        return Clusters(
            lambda context: lambda: self._recorded[0] if context is None else by_name[context],
            tuple,
            clock=clock,
            begun=self._begin,
            over=self._over,
            several=_several(self._recorded),
        )

    def _begin(self) -> None:
        if not self._replay.paused:
            self._playhead.play()

    def _over(self) -> bool:
        """Whether its end was reached; on the way there, pass over time in which nothing happens."""
        playhead, idle = self._playhead, self._replay.idle
        due = [each.next_at for each in self._recorded]
        next_at = None if None in due else min(at for at in due if at is not None)
        if self._replay.paused or playhead.position >= playhead.end:
            return self._replay.paused or next_at == inf
        if next_at is not None and idle is not None:
            playhead.advance(min(next_at, playhead.end) - idle)
        return False


class Shown:
    """A recording on the screen."""

    def __init__(self, recorded: Sequence[RecordedCluster]) -> None:
        self._recorded = recorded
        self._path = recorded[0].path
        self._problems = list(recorded[0].problems)
        self._done = 0.0

    def problems(self) -> Sequence[str]:
        return self._problems

    def done(self) -> float:
        return self._done

    def connect_to(self, context: str | None) -> Connect:
        """The recording at its end: time travel reads the journal."""

        def connect() -> RecordedCluster:
            cluster = RecordedCluster(self._path, context=context or self._recorded[0].context)
            cluster.playhead.seek(float("inf"))
            return cluster

        return connect

    def remember(self, journal: Journal) -> None:
        recording = Recording(self._path)
        try:
            load(recording, journal, on_progress=self._progress)
        finally:
            recording.close()
            self._problems += [each for each in recording.problems if each not in self._problems]

    def _progress(self, done: int, count: int) -> bool:
        self._done = done / max(1, count)
        return True


def _selection(asked: SelectionArguments, anything: bool, recorded: Sequence[RecordedCluster]) -> SelectionArguments:
    """What is shown first: what was asked for, else pods, else whatever there is; raise ValueError if it is not."""
    path = recorded[0].path
    resources = [*dict.fromkeys(each for cluster in recorded for each in cluster.discover().resources)]
    if not resources:
        raise ValueError((*recorded[0].problems, f"{path} holds nothing that could be shown.")[0])
    names = ResourceNames(resources)
    try:
        names.resolve(asked.resource)
    except UnknownResource:
        held = ", ".join(dict.fromkeys(map(str, resources)))
        if not anything:
            raise ValueError(f"{path} holds no {asked.resource}; it holds {held}.") from None
        asked = replace(asked, resource=str(resources[0]))
    if asked.namespace is None and asked.name is None and not asked.all_namespaces:
        # A recording prefers no namespace: everything in it is shown, and of no more is it said.
        only = {each.only_namespace for each in recorded}
        namespace = only.pop() if len(only) == 1 else None
        asked = replace(asked, namespace=namespace, all_namespaces=namespace is None)
    return asked
