from __future__ import annotations

from kwatch.informer.status import ErrorRecord, InformerStatus, Phase
from kwatch.view.freshness import merged_status, worst_of

LIVE = InformerStatus(Phase.WATCHING, synced_at=1.0, last_event_at=50.0)
LISTING = InformerStatus(Phase.LISTING, received=10, expected=100)
FORBIDDEN = InformerStatus(Phase.FORBIDDEN, last_error=ErrorRecord(1.0, "list", "no"))


def test_one_is_as_it_is() -> None:
    assert merged_status([FORBIDDEN]) is FORBIDDEN


def test_what_is_refused_hides_nothing_of_the_others() -> None:
    merged = merged_status([FORBIDDEN, LIVE])
    assert merged.phase is Phase.WATCHING and merged.synced
    assert merged_status([FORBIDDEN, FORBIDDEN]).phase is Phase.FORBIDDEN


def test_it_is_synced_when_all_are() -> None:
    merged = merged_status([LIVE, LISTING, LISTING])
    assert merged.phase is Phase.LISTING and not merged.synced
    assert (merged.received, merged.expected) == (20, 200)
    assert merged_status([LIVE, InformerStatus(Phase.LISTING, received=5)]).expected is None


def test_the_worst_speaks() -> None:
    lost = InformerStatus(Phase.BACKING_OFF, synced_at=1.0, disconnected_since=40.0)
    assert worst_of([LIVE, lost, FORBIDDEN]) == 1
    assert merged_status([LIVE, lost]).disconnected_since == 40.0
    older = InformerStatus(Phase.WATCHING, synced_at=2.0, last_event_at=10.0)
    assert merged_status([LIVE, older]).last_event_at == 10.0


def test_what_is_refused_but_still_shown_is_not_live() -> None:
    revoked = InformerStatus(Phase.FORBIDDEN, synced_at=1.0, objects=12, disconnected_since=40.0)
    assert worst_of([LIVE, revoked, FORBIDDEN]) == 1
    assert merged_status([LIVE, revoked]).phase is Phase.FORBIDDEN


def test_what_is_only_listed_is_as_old_as_its_list() -> None:
    polled = InformerStatus(Phase.POLLING, refused=("watch",), synced_at=1.0, last_event_at=45.0)
    quiet = InformerStatus(Phase.WATCHING, synced_at=2.0, last_event_at=10.0)
    merged = merged_status([quiet, polled, FORBIDDEN])
    assert merged.polls and merged.last_event_at == 45.0
