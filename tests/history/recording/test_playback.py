from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kwatch.history.journal import Journal
from kwatch.history.recording.cluster import RecordedCluster
from kwatch.history.recording.format import HEADER, RecordingError
from kwatch.history.recording.playback import Playhead, PlayheadClock, RecordedListerWatcher
from kwatch.history.recording.reader import Recording
from kwatch.history.recording.recorder import Recorder
from kwatch.history.recording.saving import load
from kwatch.informer.errors import ApiError, Closed
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.protocol import ListOptions, WatchEvent
from kwatch.informer.retries import Backoff
from kwatch.informer.shared_informer import SharedInformer
from tests.history.objects import Feeder, pod
from tests.history.recording.samples import PODS, SECRETS, Tape
from tests.informer.fakes import eventually


class HandClock:
    """Moves only when told; whoever waits is told that time has passed."""

    def __init__(self) -> None:
        self.now = 0.0
        self.moved = threading.Condition()

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return self.now

    def wait(self, event: threading.Event, seconds: float) -> bool:
        until = self.now + seconds
        with self.moved:
            self.moved.wait_for(lambda: self.now >= until or event.is_set(), timeout=5)
        return event.is_set()

    def advance(self, seconds: float) -> None:
        with self.moved:
            self.now += seconds
            self.moved.notify_all()


@pytest.fixture
def tape(tmp_path: Path) -> Path:
    """Deltas at 1001, 1002...: a and b come, a changes twice, b goes, c comes."""
    path = tmp_path / "tape.kwatch"
    with Tape(path) as tape:
        tape.pods.add(pod("a", 1, phase="Pending"))
        tape.pods.add(pod("b", 2, uid="u2"))
        tape.pods.update(pod("a", 3, phase="Running"))
        tape.pods.update(pod("a", 4, phase="Failed"))
        tape.pods.delete(pod("b", 5, uid="u2"))
        tape.pods.add(pod("c", 6, uid="u3", namespace="other"))
    return path


def names(objects: Any) -> dict[str, str]:
    return {obj.key: obj.resource_version for obj in objects if isinstance(obj, KubeObject)}


def event_words(event: WatchEvent) -> str:
    return f"{event.type} {event.object['metadata']['name']} {event.object['metadata']['resourceVersion']}"


def test_a_list_is_what_there_was_at_the_playhead(tape: Path) -> None:
    playhead = Playhead(*Recording(tape).span)
    source = RecordedListerWatcher(tape, playhead, PODS)
    assert names(source.list(ListOptions()).items) == {"shop/a": "1"}
    playhead.seek(1003.5)
    assert names(source.list(ListOptions()).items) == {"shop/a": "3", "shop/b": "2"}
    playhead.seek(99999.0)
    assert names(source.list(ListOptions()).items) == {"shop/a": "4", "other/c": "6"}
    source.close()


def test_records_that_cannot_be_read_are_no_news_of_deletions(tape: Path) -> None:
    recording = Recording(tape)
    with tape.open("r+b") as file:
        for frame in recording._frames:
            file.seek(frame.offset + HEADER.size)
            file.write(b"\xff" * frame.length)
    source = RecordedListerWatcher(tape, Playhead(*recording.span), PODS)
    for _ in range(2):
        with pytest.raises(ApiError, match="is damaged at byte"):
            source.list(ListOptions())
    source.close()


def test_a_watch_goes_on_as_the_playhead_moves(tape: Path) -> None:
    clock = HandClock()
    playhead = Playhead(*Recording(tape).span, speed=2.0, clock=clock)
    source = RecordedListerWatcher(tape, playhead, PODS, clock=clock)
    source.list(ListOptions())
    events = iter(source.watch(ListOptions()))
    playhead.play()
    clock.advance(1.0)
    assert playhead.position == 1003.0
    assert [event_words(next(events)) for _ in range(2)] == ["ADDED b 2", "MODIFIED a 3"]
    clock.advance(100.0)
    assert playhead.position == 1006.0
    assert [event_words(next(events)) for _ in range(3)] == ["MODIFIED a 4", "DELETED b 5", "ADDED c 6"]
    source.close()


def test_nothing_comes_while_it_is_paused_and_a_close_ends_the_wait(tape: Path) -> None:
    playhead = Playhead(*Recording(tape).span)
    source = RecordedListerWatcher(tape, playhead, PODS)
    source.list(ListOptions())
    stream = source.watch(ListOptions())
    seen: list[WatchEvent] = []
    reader = threading.Thread(target=lambda: seen.extend(stream))
    reader.start()
    stream.close()
    reader.join(60)
    assert not reader.is_alive()
    assert seen == []
    source.close()


def test_a_seek_ends_the_watch_as_expired(tape: Path) -> None:
    playhead = Playhead(*Recording(tape).span)
    source = RecordedListerWatcher(tape, playhead, PODS)
    source.list(ListOptions())
    stream = source.watch(ListOptions())
    playhead.seek(1005.0)
    (event,) = list(stream)
    assert (event.type, event.object["code"]) == ("ERROR", 410)
    source.close()


def test_selectors_select(tape: Path) -> None:
    cluster = RecordedCluster(tape)
    cluster.playhead.seek(cluster.playhead.end)
    failed = cluster.lister_watcher(PODS, field_selector="status.phase=Failed")
    other = cluster.lister_watcher(PODS, "other")
    assert names(failed.list(ListOptions()).items) == {"shop/a": "4"}
    assert names(other.list(ListOptions()).items) == {"other/c": "6"}
    cluster.close()
    with pytest.raises(Closed):
        failed.list(ListOptions())


def test_what_was_not_recorded_is_not_found(tape: Path) -> None:
    cluster = RecordedCluster(tape)
    with pytest.raises(ApiError, match="were not recorded"):
        cluster.lister_watcher(SECRETS).list(ListOptions())
    with pytest.raises(ApiError, match="not found at this time"):
        cluster.get(PODS, "c", "other")
    assert cluster.get(PODS, "a", "shop").resource_version == "1"
    with pytest.raises(ApiError, match="no logs"):
        cluster.logs("shop", "a")
    assert [str(resource) for resource in cluster.discover().resources] == ["pods"]
    assert cluster.context == "ctx"
    cluster.close()


@pytest.fixture
def informer(tape: Path) -> Iterator[tuple[SharedInformer, Playhead]]:
    cluster = RecordedCluster(tape)
    informer = SharedInformer(cluster.lister_watcher(PODS), backoff=Backoff(initial=0.01, jitter=0.0))
    yield informer, cluster.playhead
    informer.stop(timeout=60)
    cluster.close()


def test_an_informer_runs_on_it(informer: tuple[SharedInformer, Playhead]) -> None:
    runs, playhead = informer
    came = threading.Event()
    runs.add_event_handler(on_add=lambda obj, _: came.set() if obj["metadata"]["name"] == "c" else None)
    runs.start()
    assert runs.wait_for_sync(5)
    assert names(runs.indexer.list()) == {"shop/a": "1"}
    playhead.set_speed(1000.0)
    playhead.play()
    assert came.wait(60)
    assert names(runs.indexer.list()) == {"shop/a": "4", "other/c": "6"}


def test_an_informer_follows_a_seek(informer: tuple[SharedInformer, Playhead]) -> None:
    runs, playhead = informer
    came, gone = threading.Event(), threading.Event()
    runs.add_event_handler(
        on_add=lambda obj, _: came.set() if obj["metadata"]["name"] == "b" else None, on_delete=lambda _: gone.set()
    )
    runs.start()
    assert runs.wait_for_sync(5)
    playhead.seek(1004.5)
    assert came.wait(60)
    playhead.seek(1005.0)
    assert gone.wait(60)
    assert names(runs.indexer.list()) == {"shop/a": "4"}


def test_a_playhead_stays_within_its_recording() -> None:
    clock = HandClock()
    playhead = Playhead(100.0, 200.0, clock=clock)
    playhead.seek(5.0)
    assert playhead.position == 100.0
    playhead.play()
    clock.advance(30.0)
    assert playhead.position == 130.0
    playhead.pause()
    clock.advance(30.0)
    assert playhead.position == 130.0
    assert playhead.until(140.0) is None
    playhead.set_speed(4.0)
    playhead.play()
    assert playhead.until(150.0) == 5.0
    clock.advance(1000.0)
    assert playhead.position == 200.0
    with pytest.raises(ValueError, match="above 0"):
        playhead.set_speed(0)


def test_a_journal_takes_a_recording(tape: Path) -> None:
    journal = Journal()
    recording = Recording(tape)
    assert load(recording, journal) == 6
    assert [version.resource_version for version in journal.versions("ctx", "pods", "shop/a")] == ["1", "3", "4"]
    assert journal.as_of("ctx", "pods", time=1003.0).list_keys() == ["shop/a", "shop/b"]
    assert journal.catch_up(10)
    assert set(journal.changes("ctx", "pods").last_changes("phase", "Running", "Failed")) == {"shop/a"}
    journal.close()


def test_a_file_that_has_gone_is_an_error_of_the_list_not_of_who_opens_the_door(tmp_path: Path) -> None:
    """The door is asked for on the UI thread, while a replay is on."""
    source = RecordedListerWatcher(tmp_path / "gone.kwatch", Playhead(0.0, 1.0), PODS)
    with pytest.raises(ApiError, match=r"gone\.kwatch"):
        source.list(ListOptions())
    source.close()
    with pytest.raises(Closed):
        source.list(ListOptions())


def test_passing_over_time_lets_who_follows_go_on() -> None:
    clock = HandClock()
    playhead = Playhead(1000.0, 2000.0, clock=clock)
    playhead.play()
    generation = playhead.generation
    playhead.advance(1500.0)
    assert (playhead.position, playhead.generation) == (1500.0, generation)
    playhead.advance(1200.0)
    assert playhead.position == 1500.0, "never back"
    clock.advance(1.0)
    assert (playhead.position, PlayheadClock(playhead, clock).time()) == (1501.0, 1501.0)


def test_a_cluster_says_when_the_next_delta_is_due(tape: Path) -> None:
    cluster = RecordedCluster(tape, clock=HandClock())
    door = cluster.lister_watcher(PODS)
    assert cluster.next_at is None, "not looked yet"
    door.list(ListOptions())
    stream = door.watch(ListOptions())
    thread = threading.Thread(target=lambda: [*stream], daemon=True)
    thread.start()
    eventually(lambda: cluster.next_at == 1002.0)
    cluster.playhead.seek(float("inf"))
    thread.join(60)
    assert not thread.is_alive()
    cluster.close()


def test_each_context_is_a_cluster_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "two.kwatch"
    recorder = Recorder(path)
    eu, us = Feeder(recorder.sink("eu", PODS, "shop")), Feeder(recorder.sink("us", PODS))
    eu.replace(pod("a", 1))
    us.replace(pod("a", 7, uid="other"))
    us.add(pod("b", 8, uid="u9"))
    recorder.close()
    first = RecordedCluster(path)
    assert (first.context, first.contexts, first.only_namespace) == ("eu", ("eu", "us"), "shop")
    second = first.of("us")
    assert (second.context, second.only_namespace, second.playhead is first.playhead) == ("us", None, True)
    first.playhead.seek(float("inf"))
    assert names(first.lister_watcher(PODS).list(ListOptions()).items) == {"shop/a": "1"}
    assert names(second.lister_watcher(PODS).list(ListOptions()).items) == {"shop/a": "7", "shop/b": "8"}
    assert second.get(PODS, "a", "shop").resource_version == "7" != first.get(PODS, "a", "shop").resource_version
    with pytest.raises(RecordingError, match="holds nothing of the context 'asia'; it holds eu, us"):
        first.of("asia")
    for cluster in (first, second):
        cluster.close()
