from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest

from kwatch.base.files import NotPrivate, open_private

APPEND = os.O_WRONLY | os.O_APPEND


def write(path: Path, text: str = "x") -> None:
    descriptor = open_private(path, APPEND)
    os.write(descriptor, text.encode())
    os.close(descriptor)


def test_a_new_file_is_its_owners_only(tmp_path: Path) -> None:
    path = tmp_path / "log"
    before = os.umask(0)
    try:
        write(path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_others_could_read_is_so_no_more_and_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("before ")
    path.chmod(0o666)
    write(path, "after")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text() == "before after"


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    target, link = tmp_path / "precious", tmp_path / "log"
    target.write_text("precious")
    link.symlink_to(target)
    with pytest.raises(NotPrivate, match=r"log is a link to another file"):
        write(link)
    dangling = tmp_path / "dangling"
    dangling.symlink_to(tmp_path / "made")
    with pytest.raises(NotPrivate, match="link"):
        write(dangling)
    assert target.read_text() == "precious"
    assert not (tmp_path / "made").exists()


def test_a_second_name_of_a_file_is_not_written_into(tmp_path: Path) -> None:
    target, name = tmp_path / "precious", tmp_path / "log"
    target.write_text("precious")
    target.chmod(0o644)
    name.hardlink_to(target)
    with pytest.raises(NotPrivate, match="second name"):
        write(name)
    assert (target.read_text(), stat.S_IMODE(target.stat().st_mode)) == ("precious", 0o644)


@pytest.mark.timeout(60)
def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    pipe, folder, listening = tmp_path / "pipe", tmp_path / "folder", tmp_path / "socket"
    os.mkfifo(pipe)
    folder.mkdir()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(listening))
        for path in (pipe, folder, listening, Path("/dev/null"), Path("/dev/full")):
            with pytest.raises(NotPrivate, match=f"{path} is no regular file"):
                write(path)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with pytest.raises(NotPrivate, match="no regular file"):
        write(pipe)
    os.close(reader)


def test_what_belongs_to_somebody_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "log"
    path.write_text("theirs")
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
    with pytest.raises(NotPrivate, match="somebody else"):
        write(path)
    assert path.read_text() == "theirs"


def test_a_folder_that_is_not_there_is_the_systems_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write(tmp_path / "nowhere" / "log")
