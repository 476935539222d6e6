"""Whatever happens, the budget holds, the books are straight, and what is kept is right."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwatch.history import compaction
from kwatch.history.archive import Archive
from kwatch.history.journal import Journal
from kwatch.history.life import VERSION_BYTES, payload_bytes
from kwatch.informer.packing import ObjectPacker
from tests.history.objects import Feeder, pod

steps = st.lists(
    st.tuples(
        st.sampled_from("abcd"),
        st.sampled_from(["update", "update", "update", "delete", "renew", "relist", "look", "compact"]),
        st.integers(0, 3),
    ),
    max_size=120,
)


def _counted(archive: Archive) -> int:
    lives = [life for stream in archive.streams.values() for life in stream.all_lives()]
    assert sorted(life.number for life in lives) == sorted(archive.lives)
    living = sum(payload_bytes(life.payloads[-1]) for life in lives if not life.ended)
    return sum(VERSION_BYTES * len(life) + sum(map(payload_bytes, life.payloads)) for life in lives) - living


@settings(max_examples=80)
@given(steps, st.sampled_from([0, 1500, 6000, 1 << 30]), st.sampled_from([2, 64]))
def test_the_books_are_straight(script: list[tuple[str, str, int]], budget: int, interval: int) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(compaction, "KEYFRAME_INTERVAL", interval)
        _play(script, budget)


def _play(script: list[tuple[str, str, int]], budget: int) -> None:
    journal = Journal(budget_bytes=budget)
    archive = journal._archive
    pods, packer = Feeder(journal.sink("ctx", "pods")), ObjectPacker(samples=4)
    uids = dict.fromkeys("abcd", 0)
    sent: dict[int, bytes] = {}
    for version, (name, action, size) in enumerate(script, 1):
        if action in ("look", "compact"):
            assert journal.catch_up(10, compacted=action == "compact")
            assert archive.bytes == _counted(archive)
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

    assert archive.bytes == _counted(archive)
    must_stay = VERSION_BYTES * len(pods.cache)
    assert archive.bytes <= max(budget, must_stay)
    for name in "abcd":
        versions = journal.versions("ctx", "pods", f"shop/{name}")
        assert all(journal.object_of(each).raw == sent[each.sequence] for each in versions)
        alive = f"shop/{name}" in pods.cache
        assert not alive or (bool(versions) and not versions[-1].deleted)
    kept = sum(len(journal.versions("ctx", "pods", f"shop/{name}")) for name in "abcd")
    assert kept + journal.evicted.versions == len(sent)
    journal.close()
