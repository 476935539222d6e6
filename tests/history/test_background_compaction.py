from __future__ import annotations

from collections.abc import Iterator

import pytest

from kwatch.history import background
from kwatch.history.journal import Journal
from kwatch.informer.packing import ObjectPacker
from tests.history.objects import Feeder, pod


@pytest.fixture
def journal() -> Iterator[Journal]:
    journal = Journal()
    yield journal
    journal.close()


def fill(journal: Journal, versions: int, note: str = "x" * 2000) -> Feeder:
    pods, packer = Feeder(journal.sink("ctx", "pods")), ObjectPacker(samples=3)
    for version in range(1, versions + 1):
        obj = pod(version=version, note=note, phase=f"phase {version}")
        packer.pack(obj)
        pods.update(obj)
    return pods


def test_versions_that_hardly_differ_take_little(journal: Journal) -> None:
    fill(journal, 500)
    assert journal.catch_up(10)
    before = journal.bytes
    assert journal.catch_up(10, compacted=True)
    assert journal.bytes < before
    assert journal.bytes / 500 < 220


def test_a_life_that_goes_on_is_compacted_again(journal: Journal) -> None:
    pods = fill(journal, 10)
    for start in range(100, 400, 100):
        for version in range(start, start + 20):
            pods.update(pod(version=version, phase=f"phase {version}", note="x" * 2000))
        assert journal.catch_up(10, compacted=True)
    versions = journal.versions("ctx", "pods", "shop/web")
    assert len(versions) == 70
    assert [journal.object_of(each).resource_version for each in versions] == [
        each.resource_version for each in versions
    ]


def test_a_version_unlike_the_one_before_stands_on_its_own(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "KEYFRAME_INTERVAL", 4)
    pods = Feeder(journal.sink("ctx", "pods"))
    notes = [f"{number * 7919**9:x}" * 40 for number in range(1, 30)]
    for version, note in enumerate(notes, 1):
        pods.update(pod(version=version, note=note))
    assert journal.catch_up(10, compacted=True)
    versions = journal.versions("ctx", "pods", "shop/web")
    assert [journal.object_of(each)["status"]["note"] for each in versions] == notes


def test_the_books_are_straight_when_everything_is_gone() -> None:
    """What was counted in is counted out: a budget of nothing leaves only what must stay."""
    journal = Journal(budget_bytes=0)
    pods = fill(journal, 30)
    assert journal.catch_up(10, compacted=True)
    pods.delete(pod(version=1000))
    for number in range(20):
        pods.add(pod("other", version=2000 + number, uid=f"u{number}"))
    pods.delete(pod("other", version=3000, uid="u19"))
    assert journal.catch_up(10, compacted=True)
    assert journal.catch_up(10)
    assert journal.log() == ()
    assert journal.versions("ctx", "pods", "shop/web") == ()
    assert journal.bytes == 0
    assert journal.evicted.versions == 30 + 1 + 20 + 1
    journal.close()
