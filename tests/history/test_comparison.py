"""How an object began, as far as that is known."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kwatch.history.journal import Journal
from kwatch.informer.delta import DeltaType
from kwatch.informer.kube_object import KubeObject
from tests.history.objects import Feeder

NOW = 1_800_000_000.0
WRITER = {
    "manager": "kubectl",
    "operation": "Update",
    "apiVersion": "v1",
    "fieldsType": "FieldsV1",
    "fieldsV1": {"f:spec": {}},
}


@pytest.fixture
def journal() -> Iterator[Journal]:
    journal = Journal()
    yield journal
    journal.close()


def obj(version: int, created: str = "2027-01-15T07:59:58Z") -> KubeObject:
    metadata = {"name": "a", "uid": "u", "resourceVersion": str(version), "creationTimestamp": created}
    return KubeObject.of(
        {"metadata": {**metadata, "managedFields": [{**WRITER, "time": created}]}, "spec": {"replicas": version}}
    )


@pytest.mark.parametrize(
    ("type_", "created", "words", "writers"),
    [
        (DeltaType.ADDED, "2027-01-15T07:59:58Z", "created", ["kubectl"]),
        (DeltaType.ADDED, "2027-01-15T08:00:30Z", "created", ["kubectl"]),
        (DeltaType.ADDED, "2027-01-14T08:00:00Z", "first seen", []),
        (DeltaType.ADDED, "yesterday", "created", ["kubectl"]),
        (DeltaType.REPLACED, "2027-01-15T07:59:58Z", "first seen", []),
    ],
)
def test_what_is_found_is_not_created(
    journal: Journal, type_: DeltaType, created: str, words: str, writers: list[str]
) -> None:
    Feeder(journal.sink("ctx", "things"), NOW - 1).feed(type_, obj(1, created))
    (version,) = journal.versions("ctx", "things", "a")
    comparison = journal.compare(version)
    assert (comparison.words(), [str(each) for each in comparison.writers]) == (words, writers)


def test_what_had_to_make_room_is_neither() -> None:
    journal = Journal(budget_bytes=0)
    things = Feeder(journal.sink("ctx", "things"), NOW - 1)
    things.replace(obj(1))
    for number in range(2, 9):
        things.update(obj(number))
    assert journal.catch_up(5.0, compacted=True)
    oldest = journal.versions("ctx", "things", "a")[0]
    assert journal.evicted_of("ctx", "things", "a") > 0
    assert journal.compare(oldest).words() == "changed; how it was before had to make room"
    journal.close()
