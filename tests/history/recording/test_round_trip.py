from __future__ import annotations

import stat
from pathlib import Path

import pytest

from kwatch.history.recording.format import Recorded, RecordedGap, RecordingError
from kwatch.history.recording.reader import Recording
from kwatch.history.recording.recorder import Recorder
from kwatch.history.recording.redaction import Redaction
from kwatch.history.recording.writer import RecordingWriter
from kwatch.informer.delta import DeltaType
from kwatch.informer.kube_object import KubeObject
from tests.history.objects import Feeder, pod
from tests.history.recording.samples import PODS, SECRETS, Tape


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tape.kwatch"


def test_what_was_recorded_comes_back_byte_for_byte(path: Path) -> None:
    sent = [pod(version=number, phase=f"phase {number}") for number in range(1, 50)]
    with Tape(path) as tape:
        tape.pods.add(sent[0])
        for obj in sent[1:]:
            tape.pods.update(obj)
        tape.pods.delete(pod(version=50))
        tape.pods.sink.on_gap(5.0, 9.0, "connection refused")

    recording = Recording(path)

    found = list(recording.deltas())
    deltas = [each for each in found if isinstance(each, Recorded)]
    assert [each.object.raw for each in deltas[:-1]] == [obj.raw for obj in sent]
    assert [each.type for each in deltas[:2]] == [DeltaType.ADDED, DeltaType.UPDATED]
    assert deltas[-1].deleted
    assert [each.at for each in deltas[:2]] == [1001.0, 1002.0]
    assert isinstance(found[-1], RecordedGap)
    assert (found[-1].since, found[-1].until, found[-1].cause) == (5.0, 9.0, "connection refused")
    assert recording.streams[0].resource.kind == "Pod"
    assert recording.streams[0].resource.short_names == ("po",)
    assert recording.problems == []
    assert recording.end is not None
    recording.close()


def test_only_its_owner_may_read_it(path: Path) -> None:
    with Tape(path):
        pass
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_is_there_is_not_touched(path: Path) -> None:
    path.write_text("precious")
    with pytest.raises(RecordingError, match="exists already"):
        Recorder(path)
    assert path.read_text() == "precious"


def test_secrets_and_chosen_paths_are_never_written(path: Path) -> None:
    recorder = Recorder(path, redaction=Redaction(["pods:spec.containers[*].env[TOKEN].value"]))
    secrets = Feeder(recorder.sink("ctx", SECRETS))
    pods = Feeder(recorder.sink("ctx", PODS))
    secrets.add(
        KubeObject.of(
            {"metadata": {"name": "s", "namespace": "shop", "resourceVersion": "1"}, "data": {"k": "aHVzaGh1c2g="}}
        )
    )
    env = [{"name": "TOKEN", "value": "hushhush"}, {"name": "MODE", "value": "plain"}]
    pods.add(
        KubeObject.of(
            {
                "metadata": {"name": "p", "namespace": "shop", "resourceVersion": "1"},
                "spec": {"containers": [{"name": "c", "env": env}]},
            }
        )
    )
    recorder.close()

    recording = Recording(path)
    secret, plain = (each.object for each in recording.deltas() if isinstance(each, Recorded))

    assert secret["data"]["k"].startswith("*** (8 bytes")
    token, mode = plain["spec"]["containers"][0]["env"]
    assert token["value"].startswith("***")
    assert mode["value"] == "plain"
    assert recording.info.redacted == ("pods:spec.containers[*].env[TOKEN].value",)


def test_it_ends_at_its_limit_and_says_so(path: Path) -> None:
    recorder = Recorder(path, max_bytes=20_000)
    feeder = Feeder(recorder.sink("ctx", PODS))
    for number in range(3000):
        feeder.add(pod(f"pod-{number}", version=number, note=f"{number:x}" * 20))
    recorder.close()
    assert "limit of 20,000 bytes" in recorder.stopped
    assert path.stat().st_size < 200_000
    recording = Recording(path)
    assert recording.end is not None
    assert recording.end.reason == recorder.stopped
    assert recording.count > 0


def _long_tape(path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Recording, dict[float, dict[str, str]]]:
    """Three pods that change for long, in many segments; with what was true at each time."""
    monkeypatch.setattr("kwatch.history.recording.writer.SMALLEST_SEGMENT", 2000)
    monkeypatch.setattr("kwatch.history.recording.writer.FRAME_BYTES", 1000)
    truth: dict[float, dict[str, str]] = {}
    now: dict[str, str] = {}
    with Tape(path) as tape:
        for number in range(1, 300):
            obj = pod(f"pod-{number % 3}", version=number, phase=f"phase {number}")
            if number % 50 == 0:
                tape.pods.delete(obj)
                now.pop(obj.key, None)
            else:
                tape.pods.update(obj)
                now[obj.key] = obj.resource_version
            truth[tape.pods.at] = dict(now)
    return Recording(path), truth


def test_any_moment_can_be_restored(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recording, truth = _long_tape(path, monkeypatch)
    assert sum(frame.first_of_segment for frame in recording._frames) > 2
    for at, expected in list(truth.items())[::7]:
        state = recording.state_at(at)
        assert {key: each.object.resource_version for (_, key), each in state.items()} == expected


def test_reading_can_begin_anywhere(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recording, truth = _long_tape(path, monkeypatch)
    since, until = sorted(truth)[150], sorted(truth)[220]
    found = [each.at for each in recording.deltas(since, until) if isinstance(each, Recorded)]
    assert found == [at for at in sorted(truth) if since <= at <= until]


def test_a_state_and_what_follows_it_are_read_at_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recording, truth = _long_tape(path, monkeypatch)
    for at in sorted(truth)[::23]:
        state, following = recording.resume(at)
        assert {key: each.object.resource_version for (_, key), each in state.items()} == truth[at]
        assert [each.at for each in following] == [later for later in sorted(truth) if later > at]


def test_where_the_clock_jumped_back_nothing_is_lost(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kwatch.history.recording.writer.SMALLEST_SEGMENT", 2000)
    monkeypatch.setattr("kwatch.history.recording.writer.FRAME_BYTES", 1000)
    with Tape(path) as tape:
        for number in range(1, 200):
            tape.pods.at += {60: 5000.0, 120: -9000.0}.get(number, 0.0)
            tape.pods.update(pod(f"pod-{number % 3}", version=number, phase=f"phase {number}"))
    recording = Recording(path)
    found = [each.object.resource_version for each in recording.deltas() if isinstance(each, Recorded)]
    assert found == [str(number) for number in range(1, 200)]
    start, end = recording.span
    assert end - start > 8000.0
    for at in (start, start + 1000.0, (start + end) / 2, end):
        state, following = recording.resume(at)
        assert all(each.at <= at for each in state.values())
        assert all(each.at > at for each in following)
    assert len(recording.state_at(end)) == 3
    assert recording.problems == []


def test_the_writer_alone_refuses_an_impossible_place(tmp_path: Path) -> None:
    from kwatch.history.recording.format import FileInfo

    with pytest.raises(RecordingError, match="cannot be written"):
        RecordingWriter(tmp_path / "missing" / "tape", FileInfo())
