"""Where Linux is not: what it alone has is hidden, and the program does without, or says so in one sentence."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kwatch.base import limits
from kwatch.base.limits import LIMIT, resident
from kwatch.cli.connecting import limit_memory
from tests.end_to_end.program import Program
from tests.end_to_end.terminal import Terminal
from tests.simulator.simulator_server import SimulatorServer

ONLY_POSIX = ("termios", "fcntl", "pwd", "grp", "resource", "pty", "tty", "posix_openpt")
_WINDOWS = f"""\
import os, signal, sys
for name in {ONLY_POSIX!r}:
    sys.modules[name] = None
for name in ("SIGHUP", "SIGKILL", "SIGQUIT", "SIGWINCH", "SIGUSR1", "SIGALRM", "SIGCHLD"):
    if hasattr(signal, name):
        delattr(signal, name)
for name in ("killpg", "setsid", "getuid", "geteuid", "set_blocking", "get_blocking", "fchmod", "sysconf", "fork"):
    if hasattr(os, name):
        delattr(os, name)
sys.platform = "win32"
sys.argv[1:] = WORDS
from kwatch.__main__ import main
main()
"""


def on_windows(*words: str) -> subprocess.CompletedProcess[str]:
    code = _WINDOWS.replace("WORDS", repr([*words]))
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("words", [(), ("pods", "-o", "json"), ("demo",), ("info",), ("logs", "deploy/x")])
def test_on_windows_it_is_one_sentence(words: tuple[str, ...]) -> None:
    done = on_windows(*words)
    says = "kwatch: kwatch needs a terminal as Linux and macOS have it; on Windows run it in WSL\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", says)


def test_on_windows_it_can_be_asked_what_it_is() -> None:
    assert on_windows("--version").stdout.startswith("kwatch ")
    assert "kwatch demo" in on_windows("--help").stdout


@pytest.fixture
def without_proc(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As on macOS."""
    monkeypatch.setattr(limits, "_STATM", tmp_path / "nowhere")
    monkeypatch.setattr(LIMIT, "bytes", 0)


@pytest.mark.usefixtures("without_proc")
def test_a_limit_that_cannot_be_kept_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert resident() == 0
    limit_memory("0")
    assert capsys.readouterr().err == ""
    limit_memory("400Mi")
    told = "this system does not say how much memory a program takes, so the limit of 400Mi is not kept"
    assert capsys.readouterr().err == f"kwatch: {told}\n"


_ON_A_MAC = """\
import os, pathlib, sys, types
from kwatch.base import limits
limits._STATM = pathlib.Path("/nowhere")
sys.platform = "darwin"
sys.modules["_scproxy"] = types.SimpleNamespace(_get_proxies=dict, _get_proxy_settings=dict)  # of a Mac's Python
real = os.open
def no_proc(path, *more, **named):
    if str(path).startswith("/proc"):
        raise FileNotFoundError(path)
    return real(path, *more, **named)
os.open = no_proc
sys.argv[1:] = WORDS
from kwatch.__main__ import main
main()
"""


def test_a_list_and_a_screen_need_nothing_of_linux(program: Program, server: SimulatorServer) -> None:
    def command(*words: str) -> list[str]:
        return [sys.executable, "-c", _ON_A_MAC.replace("WORDS", repr([*words]))]

    listed = subprocess.run(
        command("get", "pods", "-n", "shop", "-o", "name"),
        capture_output=True, text=True, timeout=120, check=False, env=program.env(),
    )  # fmt: skip
    assert (listed.returncode, listed.stderr) == (0, "")
    assert listed.stdout.split() == ["pod/cart-1", "pod/cart-2", "pod/web-1"]
    with Terminal(command("pods", "-n", "shop"), env=program.env(), cwd=program.home) as terminal:
        terminal.wait_for("cart-1")
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
