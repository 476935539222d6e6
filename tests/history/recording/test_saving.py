"""What is remembered, kept in a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from kwatch.history.coverage import Scope
from kwatch.history.journal import Journal
from kwatch.history.recording.format import Recorded, RecordingError
from kwatch.history.recording.reader import Recording
from kwatch.history.recording.saving import Described, load, save
from kwatch.history.version import Version
from kwatch.informer.kube_object import KubeObject
from tests.history.objects import Feeder, pod
from tests.history.recording.samples import PODS, SECRETS

KNOWN = {"pods": Described(PODS), "secrets": Described(SECRETS)}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kept.kwatch"


def lived() -> Journal:
    """Two contexts; changes, a gap, a deletion, a deletion nobody saw."""
    journal = Journal()
    here, there = Feeder(journal.sink("here", "pods")), Feeder(journal.sink("there", "pods"))
    here.replace(pod("web", 1))
    there.add(pod("web", 7, uid="other"))
    here.update(pod("web", 2, phase="Running"))
    here.add(pod("cart", 3, uid="u2"))
    here.sink.on_gap(here.at, here.at + 5, "connection refused")
    here.at += 5
    here.replace(pod("web", 4, phase="Failed"))
    here.delete(pod("cart", 5, uid="u2"))
    assert journal.catch_up(10)
    return journal


def facts(journal: Journal) -> list[tuple[Version, bytes]]:
    return [(version, journal.object_of(version).raw) for version in journal.log()]


def test_what_was_missed_of_a_namespace_was_not_missed_of_another(path: Path) -> None:
    journal, again = Journal(), Journal()
    shop, data = (Feeder(journal.sink("here", "pods", namespace)) for namespace in ("shop", "data"))
    shop.replace(pod("web", 1, namespace="shop"))
    data.replace(pod("db", 2, namespace="data", uid="u2"))
    shop.sink.on_gap(shop.at, shop.at + 5, "connection refused")
    shop.at += 5
    shop.replace(pod("web", 3, namespace="shop"))
    save(journal, path, KNOWN.get, created=50.0)
    recording = Recording(path)
    load(recording, again)
    recording.close()
    assert facts(again) == facts(journal)
    assert again.gaps() == journal.gaps()
    assert [gap.namespace for gap in again.gaps()] == ["shop"]
    assert not again.gaps("here", "pods", Scope("data"))
    assert not again.gaps_of("here", "pods", "data/db")
    journal.close()
    again.close()


def test_everything_comes_back_as_it_was(path: Path) -> None:
    journal, again = lived(), Journal()
    assert save(journal, path, KNOWN.get, created=5.0) == len(journal.log()) + len(journal.gaps())
    recording = Recording(path)
    assert recording.problems == [] and recording.end is not None
    load(recording, again)
    recording.close()
    assert facts(again) == facts(journal)
    assert again.gaps() == journal.gaps()
    journal.close()
    again.close()


def test_what_nobody_can_describe_is_left_out(path: Path) -> None:
    journal = lived()
    Feeder(journal.sink("here", "widgets.example.com")).add(pod("odd"))
    save(journal, path, KNOWN.get, created=5.0)
    recording = Recording(path)
    assert {str(each.stream.resource) for each in recording.deltas()} == {"pods"}
    recording.close()
    journal.close()


def test_data_of_secrets_is_never_written(path: Path) -> None:
    journal = Journal()
    secret = {"metadata": {"name": "s", "namespace": "shop", "resourceVersion": "1"}, "data": {"k": "aHVzaGh1c2g="}}
    Feeder(journal.sink("here", "secrets")).add(KubeObject.of(secret))
    save(journal, path, KNOWN.get, created=5.0)
    recording = Recording(path)
    [found] = recording.deltas()
    recording.close()
    journal.close()
    assert isinstance(found, Recorded) and b"aHVzaGh1c2g" not in found.object.raw
    assert "k" in found.object["data"]


def test_it_can_be_told_to_stop_and_leaves_a_whole_file(path: Path) -> None:
    journal = Journal()
    pods = Feeder(journal.sink("here", "pods"))
    for number in range(1, 2500):
        pods.update(pod(version=number))
    assert save(journal, path, KNOWN.get, created=5.0, on_progress=lambda done, total: done < 2000) == 2000
    recording = Recording(path)
    assert recording.problems == [] and sum(1 for _ in recording.deltas()) == 2000
    recording.close()
    journal.close()


def test_a_file_that_is_there_is_not_touched(path: Path) -> None:
    path.write_text("precious")
    journal = lived()
    with pytest.raises(RecordingError, match="exists already"):
        save(journal, path, KNOWN.get, created=5.0)
    assert path.read_text() == "precious"
    journal.close()
