"""Whatever is saved as settings, a view or a theme while kwatch runs: a sentence, and it runs on."""

from __future__ import annotations

import os

from kwatch.config.locations import shipped_themes
from tests.end_to_end.program import Program
from tests.end_to_end.terminal import Terminal
from tests.simulator.simulator_server import SimulatorServer


def told(terminal: Terminal, sentence: str) -> None:
    """What is said in a toast; its lines break anywhere, also within a path."""
    wanted = "".join(sentence.split())
    terminal.wait_for(lambda text: wanted in _toasts(text))


def _toasts(text: str) -> str:
    return "".join("".join(line.rpartition("▌")[2] for line in text.splitlines()).split())


def test_the_running_program_goes_on_whatever_is_saved(program: Program, server: SimulatorServer) -> None:
    folder = program.home / "config"
    views, themes, config = folder / "views", folder / "themes", folder / "config.yaml"
    views.mkdir(parents=True)
    themes.mkdir()
    (themes / "skin.yaml").write_text("k9s: {body: {bgColor: '#gggggg'}}\n")
    (themes / "odd.yaml").write_text(
        "variables: {primary: nonsense((}\n" + (shipped_themes() / "nord.yaml").read_text()
    )
    (views / "odd.yaml").write_text(f"filter: 2024-13-45\nsort: {'9' * 5000}\n")
    with program.start("pods", columns=200, rows=40) as terminal:
        terminal.wait_for("web-1")
        for text, sentence in (
            ("theme: 2024-13-45", "there is no theme '2024-13-45'"),
            (f"theme: {'9' * 5000}", "there is no theme '999"),
            ("theme: 0x_", "there is no theme '0x_'"),
            ("theme: skin", "skin.yaml:1: '#gggggg' is not a colour"),
            ("theme: odd", "odd.yaml:1: 'nonsense((' is not a colour"),
            ("theme: nord\ntheme: nord", "config.yaml:2: 'theme' is there twice"),
            ("&a [*a]", "config.yaml:1: the anchor 'a' contains itself"),
        ):
            config.write_text(text + "\n")
            told(terminal, sentence)
        config.unlink()
        os.mkfifo(config)
        told(terminal, "config.yaml: cannot be read: is a pipe and no file")
        terminal.press(":view odd", "enter")
        terminal.wait_for("/2024-13-45")
        terminal.press("escape")
        terminal.wait_for("web-1")
        config.unlink()
        config.write_text("theme: nord\n")
        terminal.wait_for("Settings reloaded")
        terminal.press("q")
        assert terminal.wait_for_exit() == 0


def test_a_pipe_as_settings_holds_nobody_up(program: Program, server: SimulatorServer) -> None:
    folder = program.home / "config"
    folder.mkdir()
    os.mkfifo(folder / "config.yaml")
    with program.start("pods", columns=160) as terminal:
        terminal.wait_for("web-1")
        told(terminal, "config.yaml: cannot be read: is a pipe and no file")
        terminal.press("q")
        assert terminal.wait_for_exit() == 0


def test_a_disk_that_is_full_is_a_sentence(program: Program, server: SimulatorServer) -> None:
    """What is typed and views are kept; here they cannot be."""
    folder = program.home / "config"
    folder.mkdir()
    (folder / "prompt-history").symlink_to("/dev/full")
    (folder / "views").write_text("no folder")
    with program.start("pods", columns=160, rows=30) as terminal:
        terminal.wait_for("web-1")
        terminal.press("/cart", "enter")
        told(terminal, "What is typed is not kept in")
        terminal.press(":save mine", "enter")
        told(terminal, "The view mine cannot be saved:")
        terminal.press("escape")
        terminal.wait_for("web-1")
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
