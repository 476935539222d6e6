"""Whatever happens to the file, what can be read is shown, and what cannot is said in a sentence."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwatch.history.recording.errors import RecordingError
from kwatch.history.recording.format import MAGIC, FrameType
from kwatch.history.recording.frames import encode_frame
from kwatch.history.recording.reader import Recording
from kwatch.history.recording.recorded import Recorded
from tests.history.objects import pod
from tests.history.recording.samples import Tape


@pytest.fixture
def tape(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("kwatch.history.recording.writer.FRAME_BYTES", 500)
    path = tmp_path / "tape.kwatch"
    with Tape(path) as tape:
        for number in range(1, 60):
            tape.pods.update(pod(f"pod-{number % 4}", version=number, phase=f"phase {number}"))
    return path


def _versions(path: Path) -> tuple[list[str], list[str]]:
    recording = Recording(path)
    found = [each.object.resource_version for each in recording.deltas() if isinstance(each, Recorded)]
    recording.close()
    return found, recording.problems


def test_a_killed_recorder_leaves_a_readable_file(tape: Path) -> None:
    data = tape.read_bytes()
    tape.write_bytes(data[: len(data) * 2 // 3])
    versions, problems = _versions(tape)
    assert versions == [str(number) for number in range(1, len(versions) + 1)]
    assert 10 < len(versions) < 59
    assert len(problems) == 1
    assert "recorder was killed or the disk was full" in problems[0]


def test_damage_in_the_middle_costs_only_what_it_hit(tape: Path) -> None:
    data = bytearray(tape.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 10] = b"\xff" * 10
    tape.write_bytes(data)
    versions, problems = _versions(tape)
    assert versions[0] == "1"
    assert versions[-1] == "59"
    assert len(versions) < 59
    assert problems
    assert "damaged at byte" in problems[0]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "is empty"), (b"\x89PNG\r\n\x1a\n....", "is no kwatch recording"), (b"kwat", "is no kwatch recording")],
)
def test_what_is_no_recording_is_refused(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match=sentence):
        Recording(path)


@pytest.mark.timeout(60)
def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, tmp_path, Path("/dev/zero")):
        with pytest.raises(RecordingError, match="is no file"):
            Recording(path)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="cannot be read"):
        Recording(tmp_path / "nowhere")


def test_nothing_but_the_beginning_is_told(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(MAGIC)
    recording = Recording(path)
    assert list(recording.deltas()) == []
    assert recording.span == (0.0, 0.0)
    assert "holds nothing" in recording.problems[0]


def test_a_newer_format_is_read_as_far_as_it_is_understood(tape: Path) -> None:
    data = tape.read_bytes()
    newer = encode_frame(FrameType.HEADER, msgspec.msgpack.encode([9, 1.0, "kwatch 9", [], "a field of tomorrow"]))
    start = data.index(b"KWF\n", len(MAGIC) + 1)
    unknown = msgspec.msgpack.encode({"a": "frame of tomorrow"})
    tomorrow = bytearray(encode_frame(FrameType.END, unknown))
    tomorrow[4] = 99
    tape.write_bytes(MAGIC + newer + data[start:] + tomorrow)
    versions, problems = _versions(tape)
    assert len(versions) == 59
    assert "newer kwatch (format 9" in problems[0]


@settings(max_examples=60)
@given(where=st.floats(0, 1), length=st.floats(0, 1), junk=st.binary(max_size=30))
def test_no_damage_whatsoever_raises(
    tmp_path_factory: pytest.TempPathFactory, where: float, length: float, junk: bytes
) -> None:
    path = tmp_path_factory.mktemp("tapes") / "tape"
    with Tape(path) as made:
        for number in range(1, 20):
            made.pods.update(pod(f"pod-{number % 3}", version=number))
    content = path.read_bytes()
    start = len(MAGIC) + int(where * (len(content) - len(MAGIC)))
    end = start + int(length * (len(content) - start))
    path.write_bytes(content[:start] + junk + content[end:])
    versions, problems = _versions(path)
    assert set(versions) <= {str(number) for number in range(1, 20)}
    assert problems or len(versions) == 19


@settings(max_examples=80)
@given(flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 7)), min_size=1, max_size=4))
def test_flipped_bits_are_told_and_the_rest_is_shown(
    tmp_path_factory: pytest.TempPathFactory, flips: list[tuple[float, int]]
) -> None:
    path = tmp_path_factory.mktemp("tapes") / "tape"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("kwatch.history.recording.writer.FRAME_BYTES", 300)
        patched.setattr("kwatch.history.recording.writer.SMALLEST_SEGMENT", 1500)
        with Tape(path) as made:
            sent = {}
            for number in range(1, 40):
                obj = pod(f"pod-{number % 3}", version=number, phase=f"phase {number}")
                made.pods.update(obj)
                sent[str(number)] = obj.raw
    content = bytearray(path.read_bytes())
    for where, bit in flips:
        content[len(MAGIC) + int(where * (len(content) - len(MAGIC)))] ^= 1 << bit
    damaged = bytes(content) != path.read_bytes()
    path.write_bytes(content)
    recording = Recording(path)
    found = [each for each in recording.deltas() if isinstance(each, Recorded)]
    start, end = recording.span
    for at in (start, (start + end) / 2, end):
        recording.state_at(at)
    recording.close()
    assert all(each.object.raw == sent[each.object.resource_version] for each in found)
    assert bool(recording.problems) == damaged
    assert all(problem.endswith(".") for problem in recording.problems)
    assert len(found) == 39 or recording.problems
