"""When not everything can be recorded."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import msgspec
import pytest

from kwatch.history.recording import recorder as recorder_module
from kwatch.history.recording.format import Recorded, RecordedGap
from kwatch.history.recording.reader import Recording
from kwatch.history.recording.recorder import TOO_SLOW, Recorder
from kwatch.informer.kube_object import KubeObject
from tests.history.objects import Feeder, pod
from tests.history.recording.samples import PODS, SECRETS


def test_a_full_disk_ends_it_with_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "tape"
    recorder = Recorder(path)
    pods = Feeder(recorder.sink("ctx", PODS))
    write, size = os.write, path.stat().st_size

    def full(file: int, data: bytes) -> int:
        if size + 100 < path.stat().st_size + len(data):
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(file, data)

    monkeypatch.setattr(os, "write", full)
    for version in range(100):
        pods.update(pod(version=version, note=f"{version:x}" * 50))
    recorder.close()
    assert recorder.stopped == f"{path} cannot be written any more: No space left on device."
    assert Recording(path).end is None


def test_what_a_slow_disk_left_out_is_a_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder_module, "MOST_WAITING", 3)
    path = tmp_path / "tape"
    recorder = Recorder(path)
    pods = Feeder(recorder.sink("ctx", PODS))
    with recorder._lock:
        for version in range(1, 8):
            pods.update(pod(version=version))
        recorder._waiting.popleft()
        pods.update(pod(version=8))
    recorder.close()
    found = list(Recording(path).deltas())
    assert [each.object.resource_version for each in found if isinstance(each, Recorded)] == ["2", "3", "8"]
    (gap,) = (each for each in found if isinstance(each, RecordedGap))
    assert gap.cause == TOO_SLOW
    assert found[-2] is gap


def test_of_a_secret_that_cannot_be_parsed_only_its_name_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "tape"
    recorder = Recorder(path)
    metadata = {"name": "s", "namespace": "shop", "resourceVersion": "7"}
    secret = KubeObject.of({"metadata": metadata, "data": {"a": "aHVzaA=="}})

    def too_deep(_: KubeObject) -> None:
        raise msgspec.DecodeError("nested too deep")

    with monkeypatch.context() as patched:
        patched.setattr(KubeObject, "tree", too_deep)
        Feeder(recorder.sink("ctx", SECRETS)).add(secret)
        recorder.close()
    (found,) = Recording(path).deltas()
    assert isinstance(found, Recorded)
    assert (found.key, found.object.resource_version, found.object.get("data")) == ("shop/s", "7", None)


def test_nothing_is_recorded_after_the_end(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "tape", max_bytes=1)
    pods = Feeder(recorder.sink("ctx", PODS))
    pods.add(pod(version=1))
    recorder.close()
    before = recorder.bytes
    pods.add(pod("late", version=2))
    assert recorder.bytes == before
    assert recorder.stopped
