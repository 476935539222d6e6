"""Very many Events about one object, one that repeats without end, and those that name nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kwatch.base.timestamp import timestamp
from kwatch.history import timeline as timeline_module
from kwatch.history.journal import Journal
from kwatch.informer.kube_object import KubeObject
from tests.history.objects import Feeder, pod

MANY, LIMIT = 2_000, 100


def event(name: str, version: int, *, uid: str = "u1", count: int = 1) -> KubeObject:
    metadata = {"name": name, "namespace": "shop", "uid": f"uid-{name}", "resourceVersion": str(version)}
    tree: dict[str, Any] = {"metadata": metadata, "reason": "Unhealthy", "type": "Warning", "message": "no answer"}
    tree |= {"count": count, "firstTimestamp": timestamp(1000), "lastTimestamp": timestamp(1000 + version)}
    if uid:
        tree["involvedObject"] = {"kind": "Pod", "name": "web", "namespace": "shop", "uid": uid}
    return KubeObject.of(tree)


@pytest.fixture
def flood() -> Iterator[tuple[Journal, Feeder]]:
    journal = Journal()
    Feeder(journal.sink("ctx", "pods")).add(pod())
    yield journal, Feeder(journal.sink("ctx", "events"))
    journal.close()


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The contents that a timeline reads."""
    contents: list[object] = []
    tree = timeline_module._tree

    def counting(content: Any) -> Any:
        contents.append(content)
        return tree(content)

    monkeypatch.setattr(timeline_module, "_tree", counting)
    return contents


def test_only_the_newest_of_many_events_are_read_and_the_rest_is_counted(
    flood: tuple[Journal, Feeder], parsed: list[object]
) -> None:
    journal, feed = flood
    for number in range(MANY):
        feed.add(event(f"web.{number}", number + 10))
    journal.catch_up()
    timeline = journal.timeline_of("ctx", "pods", "shop/web")
    entries = timeline.read(LIMIT)
    keys = {entry.relation.key for entry in entries if entry.relation is not None and entry.event is not None}
    assert keys <= {f"shop/web.{number}" for number in range(MANY - LIMIT, MANY)}
    assert len(entries) == LIMIT
    assert len(parsed) <= LIMIT + 1
    assert timeline.left_out + LIMIT > MANY
    feed.add(event("web.new", MANY + 10))
    journal.catch_up()
    timeline.read(LIMIT)
    assert len(parsed) <= LIMIT + 2, "what was read is not read again"


def test_of_events_that_came_with_one_list_the_last_written_are_shown(flood: tuple[Journal, Feeder]) -> None:
    journal, feed = flood
    for number in range(MANY):
        feed.at = 1000.0
        feed.replace(event(f"web.{(7 * number) % (MANY + 1)}", number + 10))
    journal.catch_up()
    entries = journal.timeline_of("ctx", "pods", "shop/web").read(LIMIT)
    shown = [
        entry.version.resource_version for entry in entries if entry.version is not None and entry.event is not None
    ]
    assert shown and min(map(int, shown)) >= MANY + 10 - LIMIT


def test_an_event_that_repeats_without_end_is_read_from_its_end(
    flood: tuple[Journal, Feeder], parsed: list[object]
) -> None:
    journal, feed = flood
    feed.add(event("web.1", 10))
    for number in range(1, MANY):
        feed.update(event("web.1", number + 10, count=number + 1))
    journal.catch_up()
    timeline = journal.timeline_of("ctx", "pods", "shop/web")
    entries = timeline.read(LIMIT)
    assert (len(entries), timeline.left_out >= MANY - LIMIT) == (LIMIT, True)
    assert len(parsed) <= LIMIT + 1
    last = entries[-1].event
    assert last is not None and last.count == MANY
    for number in range(MANY, MANY + 2 * LIMIT):
        feed.update(event("web.1", number + 10, count=number + 1))
        if number % 50 == 0:
            journal.catch_up()
            timeline.read(LIMIT)
    assert sum(len(each._entries) for each in timeline._known.values()) <= LIMIT + 1


def test_events_that_name_nothing_are_not_asked_again(flood: tuple[Journal, Feeder]) -> None:
    journal, feed = flood
    for number in range(50):
        feed.add(event(f"odd.{number}", number + 10, uid=""))
    journal.catch_up()
    timeline = journal.timeline_of("ctx", "pods", "shop/web")
    assert not [entry for entry in timeline.read(LIMIT) if entry.event is not None]
    assert not timeline._graph._waiting
