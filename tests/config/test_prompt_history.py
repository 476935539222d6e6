"""What was typed before."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

from kwatch.config.prompt_history import KEPT, PromptHistory


def written() -> None:
    for thread in threading.enumerate():
        if thread.name == "kwatch-prompt-history":
            thread.join(5)


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
    assert len(file.read_text().splitlines()) == KEPT


def test_a_folder_that_cannot_be_written_is_no_reason_to_stop(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    history = PromptHistory(tmp_path / "file" / "prompt-history")
    history.add("/", "a")
    written()
    assert history.of("/") == ["a"]


def test_odd_bytes_are_no_reason_either(tmp_path: Path) -> None:
    file = tmp_path / "prompt-history"
    file.write_bytes(b"/caf\xff\n\n:\n:q\n")
    assert PromptHistory(file).of("/") == ["caf\ufffd"]
    assert PromptHistory(file).of(":") == ["q"]
