"""No home, a folder that has gone, a file where a folder should be: a sentence, and what needs none of it works."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.end_to_end.program import Program
from tests.end_to_end.terminal import Terminal
from tests.simulator.simulator_server import SimulatorServer

NOBODY = """
import os, pwd, sys
def nobody(user):
    raise KeyError(f"getpwuid(): uid not found: {user}")
pwd.getpwuid = nobody
from kwatch.cli import run
sys.exit(run(sys.argv[1:]))
"""
"""The program for a user whom the system does not know, as in many containers."""
ROWS = ["cart-1", "cart-2", "web-1"]


def nowhere(program: Program, **more: str) -> dict[str, str]:
    environ = program.env(**more)
    for name in ("HOME", "KUBECONFIG", "KWATCH_CONFIG"):
        environ.pop(name)
    return environ | more


def run(words: list[str], env: dict[str, str], cwd: Path | str = "/") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words, env=env, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False
    )


def nobody(*words: str) -> list[str]:
    return [sys.executable, "-c", NOBODY, *words]


def test_without_a_home_it_is_one_sentence(program: Program) -> None:
    for words in (["pods"], ["pods", "--until-synced"], ["history", "pod/web"], ["diff", "pods", "--baseline", "x"]):
        done = run(nobody(*words), nowhere(program))
        assert done.returncode in (1, 2), done
        assert done.stderr.startswith("kwatch: ") and done.stderr.count("\n") == 1, done.stderr
        assert "Traceback" not in done.stderr
    assert "there is no home folder to look in" in run(nobody("pods", "--until-synced"), nowhere(program)).stderr
    done = run(nobody("info"), nowhere(program))
    assert done.returncode == 1
    assert "settings    nowhere: there is no home folder; set HOME or KWATCH_CONFIG" in done.stdout
    assert "cannot be reached: No kubeconfig" in done.stdout


def test_the_home_of_somebody_who_does_not_exist_is_a_name_like_others(program: Program) -> None:
    done = run(nobody("pods", "--until-synced", "--kubeconfig", "~nobodyx/x"), nowhere(program))
    assert (done.returncode, done.stderr) == (
        1,
        "kwatch: The kubeconfig ~nobodyx/x does not exist; check --kubeconfig.\n",
    )


def test_who_is_told_the_file_needs_no_home(program: Program, server: SimulatorServer) -> None:
    words = ["pods", "-o", "name", "--kubeconfig", str(program.kubeconfig)]
    done = run(nobody(*words, "--until-synced"), nowhere(program))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == [f"pod/{name}" for name in ROWS]
    screen = nobody("pods", "--kubeconfig", str(program.kubeconfig))
    with Terminal(screen, columns=120, env=nowhere(program)) as terminal:
        terminal.wait_for("web-1")
        terminal.press("/cart", "enter")
        terminal.wait_for("2 of 3 pods")
        terminal.press(":save mine", "enter")
        terminal.wait_for("there is no home folder")
        terminal.press(":theme nord", "enter", "escape", "q")
        assert terminal.wait_for_exit() == 0


@pytest.mark.parametrize(
    "odd",
    [
        {"HOME": "/dev/null", "TMPDIR": "/nonexistent", "TMP": "", "TEMP": "/dev/null"},
        {"XDG_CONFIG_HOME": "relative/x", "XDG_STATE_HOME": "relative", "LC_ALL": "POSIX", "PYTHONIOENCODING": "ascii"},
        {"KWATCH_CONFIG": "/dev/null", "TEXTUAL_LOG": "/nonexistent/x", "TEXTUAL_COLOR_SYSTEM": "x"},
    ],
    ids=lambda odd: next(iter(odd)),
)
def test_odd_surroundings(program: Program, server: SimulatorServer, odd: dict[str, str]) -> None:
    """The program watches whatever cannot be read or kept, and leaves nothing in the folder that it is in."""
    here = program.home / "here"
    here.mkdir()
    environ = nowhere(program, HOME=str(program.home), KUBECONFIG=str(program.kubeconfig)) | odd
    with Terminal([sys.executable, "-m", "kwatch", "pods"], columns=100, env={**environ, "PWD": str(here)}) as terminal:
        terminal.wait_for("web-1")
        terminal.press("/cart", "enter")
        terminal.wait_for("2 of 3 pods")
        terminal.press("escape", "q")
        assert terminal.wait_for_exit() == 0
    done = run([sys.executable, "-m", "kwatch", "pods", "-o", "name", "--until-synced"], environ, here)
    assert (done.returncode, done.stderr) == (0, "")
    assert list(here.iterdir()) == []


def test_a_folder_that_has_gone(program: Program, server: SimulatorServer) -> None:
    here = program.home / "gone"
    here.mkdir()
    script = f'rmdir "{here}"; exec "$@"'
    for words, code in (
        (["pods", "-o", "name", "--until-synced"], 0),
        (["pods", "--until-synced", "--kubeconfig", "relative"], 1),
        (["record", "f.kwatch", "pods"], 1),
        (["replay", "f.kwatch"], 1),
        (["info"], 0),
    ):
        here.mkdir(exist_ok=True)
        command = ["sh", "-c", script, "sh", sys.executable, "-P", "-m", "kwatch", *words]
        done = run(command, program.env(PYTHONPATH=os.pathsep.join(sys.path)), here)
        assert done.returncode == code, done
        assert "Traceback" not in done.stderr
        if code:
            assert done.stderr.startswith("kwatch: ") and done.stderr.count("\n") == 1, done.stderr


def test_kwatch_config_may_be_any_file(program: Program, server: SimulatorServer) -> None:
    file = program.home / "settings"
    file.write_text("theme: nord\nfavourites: [")
    with program.start("pods", columns=160, KWATCH_CONFIG=str(file)) as terminal:
        terminal.wait_for("web-1")
        terminal.wait_for("settings:3:")
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
