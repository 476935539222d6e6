"""What was typed before."""

from __future__ import annotations

import errno
import os
import stat
import threading
from pathlib import Path

import pytest

from kwatch.config.prompt_history import KEPT, PromptHistory


def written() -> None:
    for thread in threading.enumerate():
        if thread.name == "kwatch-prompt-history":
            thread.join(60)


def test_the_next_run_recalls_it(tmp_path: Path) -> None:
    file = tmp_path / "state" / "prompt-history"
    history = PromptHistory(file)
    for sign, text in (("/", "app=cart"), (":", "deploy shop"), ("/", "restarts>3"), ("/", "app=cart")):
        history.add(sign, text)
        written()
    again = PromptHistory(file)
    assert again.of("/") == ["restarts>3", "app=cart"] == history.of("/")
    assert again.of(":") == ["deploy shop"]
    assert again.of("?") == ()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_without_a_file_it_lasts_as_long_as_the_program() -> None:
    history = PromptHistory()
    history.add("/", "a")
    assert history.of("/") == ["a"]
    assert PromptHistory().of("/") == ()


def test_it_does_not_grow_without_end(tmp_path: Path) -> None:
    file = tmp_path / "prompt-history"
    file.write_text("".join(f"/text {number}\n" for number in range(5 * KEPT)))
    history = PromptHistory(file)
    assert len(history.of("/")) == KEPT
    assert history.of("/")[-1] == f"text {5 * KEPT - 1}"
    written()
    assert len(file.read_text().splitlines()) == KEPT


def test_a_folder_that_cannot_be_written_is_no_reason_to_stop(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    history = PromptHistory(tmp_path / "file" / "prompt-history")
    said: list[str] = []
    history.on_problem = said.append
    for text in "abc":
        history.add("/", text)
        written()
    assert history.of("/") == ["a", "b", "c"]
    assert len(said) == 1
    assert said[0].startswith(f"What is typed is not kept in {tmp_path}/file/prompt-history: ")


def test_a_link_is_told_of_without_naming_the_file_twice(tmp_path: Path) -> None:
    file = tmp_path / "prompt-history"
    (tmp_path / "other").write_text("")
    file.symlink_to(tmp_path / "other")
    history = PromptHistory(file)
    said: list[str] = []
    history.on_problem = said.append
    history.add("/", "a")
    written()
    assert said == [f"What is typed is not kept in {file}: it is a link to another file"]


@pytest.mark.parametrize("kind", ["pipe", "folder", "/dev/full", "/dev/zero"])
def test_what_is_no_file_holds_nobody_up(tmp_path: Path, kind: str) -> None:
    """A pipe used to be waited for, on the screen's thread."""
    file = tmp_path / "prompt-history"
    if kind == "pipe":
        os.mkfifo(file)
    elif kind == "folder":
        file.mkdir()
    else:
        file.symlink_to(kind)
    history = PromptHistory(file)
    said: list[str] = []
    history.on_problem = said.append
    assert history.of("/") == ()
    history.add("/", "a")
    written()
    assert len(said) == 1


def test_a_folder_that_became_read_only_keeps_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "prompt-history"
    file.write_text("".join(f"/text {number}\n" for number in range(5 * KEPT)))

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "unlink", refuse)
    history = PromptHistory(file)
    said: list[str] = []
    history.on_problem = said.append
    assert len(history.of("/")) == KEPT
    written()
    assert said == [f"What is typed is not kept in {file}: Read-only file system"]


def test_odd_bytes_are_no_reason_either(tmp_path: Path) -> None:
    file = tmp_path / "prompt-history"
    file.write_bytes(b"/caf\xff\n\n:\n:q\n")
    assert PromptHistory(file).of("/") == ["caf\ufffd"]
    assert PromptHistory(file).of(":") == ["q"]
