"""Sinks write, the background packs and makes room, screens read: all at once."""

from __future__ import annotations

import threading

from kwatch.history.journal import Journal
from kwatch.informer.packing import ObjectPacker
from tests.history.objects import Feeder, pod

WRITERS, KEYS, VERSIONS = 3, 5, 120


def _write(journal: Journal, resource: str, done: threading.Event) -> None:
    feeder, packer = Feeder(journal.sink("ctx", resource)), ObjectPacker(samples=20)
    for version in range(1, VERSIONS):
        for key in range(KEYS):
            obj = pod(f"{resource}-{key}", version, uid=f"{resource}-{key}-{version // 50}", phase=f"phase {version}")
            packer.pack(obj)
            feeder.delete(obj) if version % 37 == 0 else feeder.update(obj)
    done.set()


def _read(journal: Journal, done: list[threading.Event], wrong: list[str]) -> None:
    while not all(event.is_set() for event in done):
        for version in journal.log(max(0, journal.last_sequence - 50), 50):
            try:
                obj = journal.object_of(version)
            except KeyError:
                continue
            if obj.resource_version != version.resource_version or obj.key != version.key:
                wrong.append(f"{version} holds {obj}")
        past = journal.as_of("ctx", "r0", sequence=max(0, journal.last_sequence - 100))
        for key in past.list_keys():
            found = past.get_by_key(key)
            if found is not None and found.key != key:
                wrong.append(f"{key} holds {found}")


def test_nothing_is_torn() -> None:
    journal = Journal(budget_bytes=60_000)
    done = [threading.Event() for _ in range(WRITERS)]
    wrong: list[str] = []
    writers = [threading.Thread(target=_write, args=(journal, f"r{n}", done[n])) for n in range(WRITERS)]
    reader = threading.Thread(target=_read, args=(journal, done, wrong))
    for thread in (*writers, reader):
        thread.start()
    for thread in (*writers, reader):
        thread.join(60)
        assert not thread.is_alive()
    assert wrong == []
    assert journal.catch_up(30, compacted=True)
    assert journal.bytes <= 60_000
    kept = 0
    for resource in range(WRITERS):
        for key in range(KEYS):
            versions = journal.versions("ctx", f"r{resource}", f"shop/r{resource}-{key}")
            kept += len(versions)
            assert versions[-1].resource_version == str(VERSIONS - 1)
            assert [journal.object_of(each).resource_version for each in versions] == [
                each.resource_version for each in versions
            ]
            assert journal.changes("ctx", f"r{resource}").is_settled(f"shop/r{resource}-{key}")
    assert kept + journal.evicted.versions == WRITERS * KEYS * (VERSIONS - 1)
    journal.close()
