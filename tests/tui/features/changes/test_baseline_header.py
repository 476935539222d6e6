"""What is left out, and what cannot be known."""

from __future__ import annotations

from kwatch.history.journal import Journal
from kwatch.history.version import Moment
from kwatch.tui.features.changes.baseline import Span, left_out, unknown
from kwatch.tui.features.changes.change_list import ChangeList, LeftOut, ViewOptions
from tests.history.objects import Feeder, pod

MARK = Span(Moment(5, 1000.0))
KEYS = {"changes.everything": "a", "changes.noise": "n"}.__getitem__


def clock(at: float) -> str:
    return f"{at:.0f}"


def said(journal: Journal, span: Span = MARK, changes: ChangeList | None = None) -> list[str]:
    return list(unknown(journal, {"ctx"}, span, changes or ChangeList(), clock))


def test_what_is_left_out() -> None:
    assert list(left_out(ChangeList(), KEYS)) == ["a shows what is left out: events and leases"]
    assert list(left_out(ChangeList(left_out=LeftOut(noise=1, talk=1200, passed=3)), KEYS)) == [
        "a shows what is left out: 1,200 events and leases, 3 that came and went",
        "n shows 1 object that differs only in versions and heartbeats",
    ]
    assert list(left_out(ChangeList(ViewOptions(everything=True, noise=True)), KEYS)) == []


def test_when_something_was_not_watched_since() -> None:
    journal = Journal()
    pods = Feeder(journal.sink("ctx", "pods"), at=800.0)
    pods.add(pod())
    pods.sink.on_gap(900.0, 990.0, "before the baseline")
    assert said(journal) == []
    pods.sink.on_gap(990.0, 1010.0, "connection refused")
    assert said(journal) == ["pods not watched 1000 to 1010"]
    for since in (1100, 1200, 1300):
        pods.sink.on_gap(float(since), since + 5.0, "again")
    assert said(journal)[-1] == "1 more time something was not watched"
    assert said(journal, Span(MARK.since, Moment(9, 1020.0))) == ["pods not watched 1000 to 1010"]
    Feeder(journal.sink("ctx", "events")).sink.on_gap(1400.0, 1500.0, "left out, like its objects")
    assert not any("events" in each for each in said(journal))
    journal.close()


def test_what_was_deleted_and_had_to_make_room_is_said() -> None:
    journal = Journal(budget_bytes=1)
    pods = Feeder(journal.sink("ctx", "pods"))
    pods.add(pod())
    pods.delete(pod(version=2))
    assert journal.catch_up(10)
    assert said(journal) == ["what was deleted before 1002 may be missing: it had to make room"]
    assert said(journal, Span(Moment(9, 1003.0))) == []
    journal.close()


def test_what_is_not_watched_any_more_or_only_since_then() -> None:
    journal = Journal()
    sink = journal.sink("ctx", "pods")
    Feeder(sink).add(pod())
    sink.close()
    (not_watched,) = said(journal)
    assert not_watched.startswith("pods not watched since ")
    changes = ChangeList(first_listed={"nodes": 1030.0}, stand_ins=2)
    assert said(Journal(), changes=changes) == [
        "nodes first seen from 1030 on are compared with how they were then",
        "2 objects compared with a later version: the one of then had to make room",
    ]
    assert len(said(Journal(), Span(), changes)) == 1
    journal.close()
