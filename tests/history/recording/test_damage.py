"""Whatever happens to the file, what can be read is shown, and what cannot is said in a sentence."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwatch.history.packing import pack_delta, zstd
from kwatch.history.recording.cluster import RecordedCluster
from kwatch.history.recording.format import (
    HEADER,
    MAGIC,
    MARKER,
    EndInfo,
    FileInfo,
    FrameType,
    Record,
    Recorded,
    RecordedStream,
    RecordingError,
    encode_frame,
    open_recording,
)
from kwatch.history.recording.reader import Recording
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
    tomorrow = encode_frame(cast(FrameType, 99), unknown)
    tape.write_bytes(MAGIC + newer + data[start:] + tomorrow)
    versions, (kind, version) = _versions(tape)
    assert len(versions) == 59
    assert kind.endswith(
        f"at byte {len(tape.read_bytes()) - len(tomorrow):,} that is of a kind that is not known; the rest is shown."
    )
    assert "newer kwatch (format 9" in version


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


POD = b'{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a","namespace":"demo","resourceVersion":"1"}}'
STREAM = RecordedStream(0, "c", "", "v1", "pods", "Pod", True)
encode = msgspec.msgpack.encode


def record(data: bytes = POD, at: float = 5.0, sequence: int = 1, **fields: Any) -> Record:
    return Record(fields.pop("stream", 0), fields.pop("key", "demo/a"), sequence, at, "Added", data=data, **fields)


def deltas(*records: Record, first: float = 5.0, last: float = 5.0, **header: int) -> bytes:
    count = header.pop("records", len(records))
    return encode_frame(FrameType.DELTAS, encode(list(records)), records=count, first=first, last=last, **header)


def framed(payload: bytes) -> bytes:
    """A frame as it should be around what it should not hold."""
    header = HEADER.pack(MARKER, FrameType.DELTAS, 0, 0, len(payload), 1, 5.0, 5.0, 0)
    return header[:-4] + zlib.crc32(payload, zlib.crc32(header[4:-4])).to_bytes(4, "little") + payload


BEGIN = MAGIC + encode_frame(FrameType.HEADER, encode(FileInfo())) + encode_frame(FrameType.STREAM, encode(STREAM))


def everything(path: Path) -> tuple[list[str], list[str]]:
    """What is asked of a recording anywhere; the keys of what was read, and the problems."""
    recording = Recording(path)
    found = [each.key for each in recording.deltas() if isinstance(each, Recorded)]
    start, end = recording.span
    assert recording.count >= 0
    for at in {start, (start + end) / 2, end}:
        list(recording.deltas(at, end))
        state, following = recording.resume(at)
        assert len(state) <= len(found) + 1
        list(following)
    cluster = RecordedCluster(path)
    cluster.playhead.seek((start + end) / 2)
    for resource in cluster.discover().resources:
        cluster.lister_watcher(resource)
    cluster.close()
    recording.close()
    return found, [problem.replace(str(path), "PATH") for problem in recording.problems]


GOOD = deltas(record())
ODD: dict[str, tuple[bytes, str]] = {
    "a payload that unpacks to 64 MB": (
        framed(zstd.compress(bytes(64 << 20))),
        "PATH is damaged at byte",
    ),
    "a version that unpacks to 64 MB": (
        deltas(record(), record(pack_delta(bytes(64 << 20), POD), sequence=2, base=1)),
        "cannot be restored",
    ),
    "a declaration of two megabytes": (encode_frame(FrameType.STREAM, encode([1, "c" * (2 << 20)])), "damaged at byte"),
    "a time beyond all": (deltas(record(at=1e300), first=1e300, last=1e300), "PATH is damaged at byte"),
    "a time in a record beyond all": (deltas(record(at=1e300)), "that is no time;"),
    "no number": (deltas(record(at=float("nan"))), "that is no time;"),
    "no number for the frame": (deltas(record(), first=float("nan"), last=float("nan")), "PATH is damaged at byte"),
    "a gap from before all": (deltas(record(since=-1e300)), "that is no time;"),
    "an end at no time": (encode_frame(FrameType.END, encode(EndInfo(1e300))), "that is no time;"),
    "more records than there are": (deltas(record(), records=7), "that is not understood;"),
    "more records than there may be": (deltas(record(), records=20_000), "PATH is damaged at byte"),
    "many records": (deltas(*[record(b"")] * 20_000, records=9), "that is not understood;"),
    "no list": (encode_frame(FrameType.DELTAS, encode({"a": 1}), records=1, first=5.0, last=5.0), "not understood;"),
    "a string for a record": (encode_frame(FrameType.DELTAS, encode(["a"]), records=1), "not understood;"),
    "a second beginning": (encode_frame(FrameType.HEADER, encode(FileInfo(writer="x"))), "a second beginning;"),
    "a stream once more": (
        encode_frame(FrameType.STREAM, encode(msgspec.structs.replace(STREAM, kind="Node"))),
        "for the second time;",
    ),
    "a stream nobody declared": (deltas(record(stream=7)), "versions of stream 7,"),
    "a kind of tomorrow": (encode_frame(cast(FrameType, 77), b"x"), "of a kind that is not known;"),
    "cells of a megabyte": (deltas(record(cells=msgspec.Raw(encode(["c" * (1 << 20)])))), "that are cells of 1 MB;"),
    "nested cells": (deltas(record(cells=msgspec.Raw(encode([[[]]])))), "cells that are none of a table;"),
    "an object that is none": (deltas(record(b"[]")), "cannot be restored"),
    "an object nested deep": (deltas(record(b'{"a":' * 100_000)), "cannot be restored"),
    "an object without a name": (deltas(record(b'{"metadata":{}}')), "cannot be restored"),
    "an object of another name": (deltas(record(key="demo/b")), "cannot be restored"),
    "an object with a string for metadata": (deltas(record(b'{"metadata":"x"}')), "cannot be restored"),
    "a name of a megabyte": (
        deltas(record(b'{"metadata":{"name":"%s"}}' % (b"n" * (1 << 20)), key="n" * (1 << 20))),
        "cannot be restored",
    ),
    "a base that does not exist": (deltas(record(b"x", sequence=2, base=99)), "cannot be restored"),
    "no zstd": (HEADER.pack(MARKER, 4, 0, 0, 3, 1, 5.0, 5.0, 0) + b"abc", "PATH is damaged at byte"),
}


@pytest.mark.parametrize("name", ODD)
def test_what_is_odd_is_said_and_the_rest_is_read(name: str, tmp_path: Path) -> None:
    odd, sentence = ODD[name]
    path = tmp_path / "tape"
    path.write_bytes(BEGIN + odd + GOOD)
    found, problems = everything(path)
    assert found[-1] == "demo/a"
    assert any(sentence in problem for problem in problems), problems
    path.write_bytes(BEGIN + GOOD + odd)
    assert everything(path)[0][0] == "demo/a"


def test_the_good_one_is_good(tmp_path: Path) -> None:
    path = tmp_path / "tape"
    path.write_bytes(BEGIN + GOOD + encode_frame(FrameType.END, encode(EndInfo(6.0))))
    assert everything(path) == (["demo/a"], [])


def test_a_small_file_does_not_unpack_to_any_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kwatch.history.recording.base_records.ALLOWED", 100_000)
    path = tmp_path / "tape"
    path.write_bytes(BEGIN + GOOD + deltas(*[record(b'{"x":1}' * 5000)] * 100) * 40 + GOOD)
    assert path.stat().st_size < 30_000
    _, problems = everything(path)
    assert any("unpacks to more than a recording of" in problem for problem in problems), problems


def test_of_many_cells_the_first_are_read(tmp_path: Path) -> None:
    path = tmp_path / "tape"
    path.write_bytes(BEGIN + deltas(record(cells=msgspec.Raw(encode(["c"] * 5000)))))
    recording = Recording(path)
    assert [each.object.cells for each in recording.deltas() if isinstance(each, Recorded)] == [("c",) * 200]
    recording.close()


def test_many_problems_are_not_all_named(tmp_path: Path) -> None:
    path = tmp_path / "tape"
    path.write_bytes(BEGIN + (b"junk" + GOOD) * 150)
    found, problems = everything(path)
    assert len(found) == 150
    assert len(problems) == 101
    assert problems[-1] == "PATH has more than 100 such places; they are not named."


def test_the_search_for_the_next_frame_is_linear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of marks, of headers that could be some, and of whole segments."""
    read: list[int] = []

    class Counted:
        def __init__(self, file: Any) -> None:
            self.file = file

        def read(self, size: int) -> bytes:
            data: bytes = self.file.read(size)
            read.append(len(data))
            return data

        def seek(self, offset: int) -> None:
            self.file.seek(offset)

        def close(self) -> None:
            self.file.close()

    opened: Callable[[Path], Any] = open_recording

    def counted(path: Path) -> tuple[Any, int]:
        file, size = opened(path)
        return Counted(file), size

    monkeypatch.setattr("kwatch.history.recording.reader.open_recording", counted)
    path = tmp_path / "tape"
    header = HEADER.pack(MARKER, 4, 0, 0, 1 << 20, 1, 5.0, 5.0, 0)
    for junk in (MARKER * 500_000, header * 45_000, b"x" * 2_000_000):
        path.write_bytes(BEGIN + junk + GOOD)
        read.clear()
        Recording(path).close()
        assert sum(read) < (64 << 20) + 8 * path.stat().st_size
        assert len(read) < 100_000


@cache
def _small_tape(number: int) -> bytes:
    """The same for every example: its length is what places are drawn from."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        path = Path(folder, "tape")
        patched.setattr("kwatch.history.recording.writer.FRAME_BYTES", 300)
        patched.setattr("kwatch.history.recording.writer.SMALLEST_SEGMENT", 1500)
        with Tape(path) as made:
            for version in range(1, 20):
                made.pods.update(pod(f"pod-{version % 3}", version=version, phase=f"phase {version} {number}"))
        return path.read_bytes()


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_cut_copied_and_spliced(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Whatever is done to two good recordings: nothing raises, and what is found was sent."""
    path = tmp_path_factory.mktemp("tapes") / "tape"
    contents = [_small_tape(number) for number in range(2)]
    content = contents[0]
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(len(MAGIC), len(content)))
        end = data.draw(st.integers(start, min(len(content), start + 400)))
        other = data.draw(st.integers(0, len(contents[1])))
        content = data.draw(
            st.sampled_from(
                [
                    content[:start],
                    content[:start] + content[end:],
                    content[:end] + content[start:],
                    content[:start] + contents[1][other:],
                    content[:start] + struct.pack("<d", 1e300) + content[start + 8 :],
                    content[:start] + MARKER * 20 + content[start:],
                ]
            )
        )
    path.write_bytes(content)
    found, problems = everything(path)
    assert set(found) <= {f"shop/pod-{number}" for number in range(3)}
    assert all(problem.endswith(".") for problem in problems)
