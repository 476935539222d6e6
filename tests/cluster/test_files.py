"""What is no regular file is read once, as it comes, and kept."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from kwatch.cluster import files
from kwatch.cluster.files import UserFiles


class Clock:
    """Ten seconds pass at every look."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        self.now += 10
        return self.now

    def time(self) -> float:
        return self.now

    def wait(self, event: threading.Event, seconds: float) -> bool:
        raise AssertionError("nothing waits on an event here")


@pytest.fixture
def pipe() -> Iterator[tuple[int, Path]]:
    """Where one writes, and the path under which a shell would hand it to a program: <(command)."""
    reading, writing = os.pipe()
    yield writing, Path(f"/dev/fd/{reading}")
    for each in (reading, writing):
        try:
            os.close(each)
        except OSError:
            pass


def test_a_regular_file_is_read_anew(tmp_path: Path) -> None:
    path, ours = tmp_path / "file", UserFiles()
    path.write_bytes(b"one")
    assert ours.read(path) == b"one"
    path.write_bytes(b"two")
    assert ours.read(path) == b"two"


def test_a_pipe_is_read_once_and_kept(pipe: tuple[int, Path]) -> None:
    writing, path = pipe
    os.write(writing, b"one")
    os.close(writing)
    ours = UserFiles()
    assert [ours.read(path), ours.read(path)] == [b"one", b"one"]


def test_a_file_behind_a_descriptor_is_kept_too(tmp_path: Path) -> None:
    """The descriptor may be another file the next time."""
    path, ours = tmp_path / "file", UserFiles()
    path.write_bytes(b"one")
    descriptor = os.open(path, os.O_RDONLY)
    try:
        name = Path(f"/dev/fd/{descriptor}")
        assert ours.read(name) == b"one"
        path.write_bytes(b"two")
        assert ours.read(name) == b"one"
    finally:
        os.close(descriptor)


def test_a_fifo_to_which_nobody_writes(tmp_path: Path) -> None:
    path = tmp_path / "fifo"
    os.mkfifo(path)
    with pytest.raises(OSError, match="nobody has written to this pipe for 10 s"):
        UserFiles(Clock()).read(path)


def test_what_came_before_the_patience_ended_is_not_lost(tmp_path: Path) -> None:
    path, ours = tmp_path / "fifo", UserFiles(Clock())
    os.mkfifo(path)
    with pytest.raises(OSError, match="nobody"):
        ours.read(path)
    writing = os.open(path, os.O_WRONLY)
    os.write(writing, b"one ")
    with pytest.raises(OSError, match="nobody"):
        ours.read(path)
    os.write(writing, b"two")
    os.close(writing)
    assert ours.read(path) == b"one two"


def test_a_wait_can_be_ended(tmp_path: Path) -> None:
    path, ours, problems = tmp_path / "fifo", UserFiles(), list[OSError]()
    os.mkfifo(path)

    def read() -> None:
        try:
            ours.read(path)
        except OSError as error:
            problems.append(error)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    while thread.is_alive():
        ours.cancel()
        thread.join(0.01)
    assert [each.strerror for each in problems] == ["the wait for it was ended"]


def test_what_has_no_end(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(files, "LARGEST", 1 << 20)
    large = tmp_path / "large"
    large.write_bytes(b"x" * ((1 << 20) + 1))
    for path in (Path("/dev/zero"), large):
        with pytest.raises(OSError, match="it is larger than 1 MB"):
            UserFiles().read(path)


def test_a_terminal_is_not_read() -> None:
    outer, inner = os.openpty()
    try:
        with pytest.raises(OSError, match="it is a terminal"):
            UserFiles().read(Path(os.ttyname(inner)))
    finally:
        os.close(outer)
        os.close(inner)


def test_what_is_not_there(tmp_path: Path) -> None:
    for path, kind in ((tmp_path / "absent", FileNotFoundError), (tmp_path, IsADirectoryError)):
        with pytest.raises(kind):
            UserFiles().read(path)
