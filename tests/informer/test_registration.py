import pytest

from kwatch.informer import SyncTracker


def test_S15_synced_only_when_upstream_is_and_nothing_is_left() -> None:
    synced = [False]
    tracker = SyncTracker(lambda: synced[0])
    assert not tracker.has_synced()
    tracker.start(2)
    synced[0] = True
    assert not tracker.has_synced()
    tracker.finished()
    assert not tracker.has_synced()
    tracker.finished()
    assert tracker.has_synced()


def test_S15_finishing_first_and_upstream_last() -> None:
    synced = [False]
    tracker = SyncTracker(lambda: synced[0])
    tracker.start()
    tracker.finished()
    assert not tracker.has_synced()
    synced[0] = True
    assert tracker.has_synced()


def test_S15_finishing_what_was_not_started_is_an_error() -> None:
    tracker = SyncTracker(lambda: True)
    with pytest.raises(ValueError, match="more than was started"):
        tracker.finished()
