"""Whatever happens, the budget holds, the books are straight, and what is kept is right."""

from __future__ import annotations

import gc
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwatch.history import background
from kwatch.history.journal import Journal
from kwatch.history.object_history import LISTED_BYTES, VERSION_BYTES, ObjectHistory, cells_bytes, payload_bytes
from kwatch.history.store import JournalStore
from kwatch.informer.packing import ObjectPacker
from tests.history.objects import Feeder, bytes_behind, pod

steps = st.lists(
    st.tuples(
        st.sampled_from("abcd"),
        st.sampled_from(["update", "update", "update", "delete", "renew", "relist", "look", "compact"]),
        st.integers(0, 3),
    ),
    max_size=120,
)


def _counted(store: JournalStore) -> int:
    histories = [
        history for stream in store.streams.values() for key in stream.histories for history in stream.histories_of(key)
    ]
    listed = [number for stream in store.streams.values() for number in stream.listed.values()]
    assert sorted(history.number for history in histories) == sorted(store.histories)
    assert sorted(listed) == [first.number for first in store.first.between(0)]
    living = sum(history.own_bytes for history in histories if not history.ended)
    assert store.living_bytes == living + LISTED_BYTES * len(listed)
    return sum(map(_bytes_of, histories)) + VERSION_BYTES * len(listed)


def _bytes_of(history: ObjectHistory) -> int:
    cells = history.cells or {}
    versions = (
        VERSION_BYTES * len(history) + sum(map(payload_bytes, history.payloads)) + sum(map(cells_bytes, cells.values()))
    )
    if history.ended:
        return versions + history.own_bytes
    # The last version is the cache's.
    return versions - payload_bytes(history.payloads[-1]) - cells_bytes(cells.get(history.columns.last()[0]))


@settings(max_examples=80)
@given(steps, st.sampled_from([0, 1500, 6000, 1 << 30]), st.sampled_from([2, 64]))
def test_the_books_are_straight(script: list[tuple[str, str, int]], budget: int, interval: int) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(background, "KEYFRAME_INTERVAL", interval)
        _play(script, budget)


def _play(script: list[tuple[str, str, int]], budget: int) -> None:
    journal = Journal(budget_bytes=budget)
    store = journal._store
    pods, packer = Feeder(journal.sink("ctx", "pods")), ObjectPacker(samples=4)
    uids = dict.fromkeys("abcd", 0)
    sent: dict[int, bytes] = {}
    for version, (name, action, size) in enumerate(script, 1):
        if action in ("look", "compact"):
            assert journal.catch_up(10, compacted=action == "compact")
            assert store.bytes == _counted(store)
            continue
        uids[name] += action == "renew"
        obj = pod(name, version, uid=f"{name}{uids[name]}", note=f"{version}" * 100 * size)
        if size:
            packer.pack(obj)
        if action == "delete":
            if obj.key in pods.cache:
                sent[pods.delete(obj)] = obj.raw
        else:
            sent[(pods.replace if action == "relist" else pods.update)(obj)] = obj.raw
    assert journal.catch_up(10, compacted=True)
    # What packing freed or took shows at the next look.
    assert journal.catch_up(10)

    assert store.bytes == _counted(store)
    must_stay = VERSION_BYTES * len(pods.cache)
    assert store.bytes <= max(budget, must_stay)
    for name in "abcd":
        versions = journal.versions("ctx", "pods", f"shop/{name}")
        assert all(journal.object_of(each).raw == sent[each.sequence] for each in versions)
        alive = f"shop/{name}" in pods.cache
        assert not alive or (bool(versions) and not versions[-1].deleted)
    kept = sum(len(journal.versions("ctx", "pods", f"shop/{name}")) for name in "abcd")
    assert kept + journal.evicted.versions == len(sent)
    journal.close()


def test_the_books_say_what_it_takes() -> None:
    journal, packer, chance = Journal(), ObjectPacker(samples=4), Random(1)
    store = journal._store
    pods = Feeder(journal.sink("ctx", "pods"))
    names = [f"web-{number:05}-abcde" for number in range(400)]
    for version in range(1, 4001):
        name = names[version - 1] if version <= len(names) else chance.choice(names)
        beginning = f"2026-11-23T10:57:{version % 60:02}Z"
        conditions = [{"type": name, "status": str(chance.random() < 0.5)} for name in ("Ready", "Initialized")]
        status = {"phase": "Running", "startTime": beginning, "podIP": f"10.0.0.{version}"}
        known = pods.cache.get(f"shop/{name}")
        uid = known.uid if known else f"7c1f3a52-0000-4000-8000-{version:012}"
        obj = pod(name, version, uid=uid, **status, conditions=conditions)
        obj.cells = (name, "1/1", "Running", version) if version % 8 == 0 else None
        packer.pack(obj)
        if known and chance.random() < 0.1:
            pods.delete(obj)
        else:
            pods.update(obj)
        if version % 1000 == 0:
            assert journal.catch_up(10, compacted=True)
    stream = store.streams["ctx", "pods"]
    shared = [stream, store.lock, *gc.get_referents(stream)]
    history = bytes_behind(store.histories, stream.histories, store.log, without=shared)
    index = bytes_behind(stream.changes._any, stream.changes._paths, without=stream.histories)
    books = store.bytes + store.living_bytes
    assert store.bytes == _counted(store)
    assert 0.85 <= books / history <= 1.15
    assert 0.85 <= stream.changes.bytes / index <= 1.15
    journal.close()
