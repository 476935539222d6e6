"""The program on a terminal, against a server that lives, goes away and comes back."""

from __future__ import annotations

import copy
import json
import signal
import sys
from pathlib import Path
from typing import Any

from kwatch.history.recording.reader import Recording
from kwatch.simulator.store import Store
from tests.end_to_end.program import Program
from tests.end_to_end.terminal import Terminal
from tests.simulator.objects import pod, widget_definition
from tests.simulator.simulator_server import SimulatorServer


def set_phase(store: Store, name: str, phase: str) -> None:
    changed = copy.deepcopy(store.get("pods", name, "shop"))
    assert changed is not None
    changed["status"]["phase"] = phase
    store.update(changed, manager="kubelet", subresource="status")


def quit_and_check(terminal: Terminal, *keys: str) -> None:
    """It ends within a second or so, says nothing more, and the terminal is as it was."""
    terminal.press(*keys)
    assert terminal.wait_for_exit() == 0
    assert terminal.modes() == terminal.modes_before
    assert terminal.wrote(b"\x1b[?1049l"), "the alternate screen was not left"
    assert terminal.wrote(b"\x1b[?25h"), "the cursor was not shown again"
    assert terminal.wrote(b"\x1b[?1000l"), "the mouse was not released"


def test_a_live_table_follows_the_cluster(program: Program, server: SimulatorServer) -> None:
    with program.start() as terminal:
        terminal.wait_for("web-1")
        server.call(lambda store: store.create(pod("late-1", app="late"), manager="test"))
        terminal.wait_for("late-1")
        server.call(lambda store: set_phase(store, "late-1", "Succeeded"))
        terminal.wait_for("Succeeded")
        quit_and_check(terminal, "q")


def test_what_is_being_saved_is_saved_before_the_end(program: Program, server: SimulatorServer, tmp_path: Path) -> None:
    """The thread that writes is held up until the screen has ended."""
    file = tmp_path / "story.kwatch"
    script = (
        "import threading; from kwatch.cli import screen, terminal; from kwatch.history.recording import saving\n"
        "ended, save, finish = threading.Event(), saving.save, screen.finish_exports\n"
        "saving.save = lambda *a, **k: (ended.wait(), save(*a, **k))[1]\n"
        "screen.finish_exports = lambda say: finish(lambda words: (ended.set(), say(words)))\n"
        "import sys; sys.argv = ['kwatch', 'pods']; from kwatch.__main__ import main; main()"
    )
    with Terminal([sys.executable, "-c", script], env=program.env()) as terminal:
        terminal.wait_for("web-1")
        terminal.press(f":export {file}", "enter")
        terminal.wait_for("Saving about")
        quit_and_check(terminal, "q")
        assert terminal.wrote(b"saving ", b" first")
    recording = Recording(file)
    assert recording.end is not None and not recording.problems
    recording.close()


def test_filter_by_a_label_then_look_at_a_history(program: Program, server: SimulatorServer) -> None:
    with program.start(columns=180, rows=50) as terminal:
        terminal.wait_for("web-1")
        terminal.press("/")
        terminal.press("app=cart")
        terminal.wait_for(lambda text: "cart-1" in text and "web-1" not in text)
        terminal.press("enter")
        server.call(lambda store: set_phase(store, "cart-1", "Failed"))
        terminal.wait_for("Failed")
        terminal.press("v")
        terminal.wait_for("status.phase")
        terminal.wait_for("kubelet")
        terminal.press("escape")
        terminal.wait_for("cart-2")
        quit_and_check(terminal, "q")


def test_keys_typed_in_one_go_land_where_they_belong(program: Program, server: SimulatorServer) -> None:
    with program.start(columns=120, rows=30) as terminal:
        terminal.wait_for("web-1")
        terminal.press(":widgets\r")
        terminal.wait_for("gear")
        terminal.press("/nothing-like-it\r")
        terminal.wait_for(lambda text: "gear" not in text)
        quit_and_check(terminal, ":q\r")


def test_never_stale_without_saying_so(program: Program, server: SimulatorServer) -> None:
    with program.start(columns=120, rows=30) as terminal:
        terminal.wait_for("web-1")
        terminal.wait_for("live")
        server.restart(2.0)
        terminal.wait_for(lambda text: "reconnecting" in text or "refuse" in text)
        assert "web-1" in terminal.text(), "what was known stays on the screen"
        server.call(lambda store: store.create(pod("after-1"), manager="test"))
        terminal.wait_for("after-1")
        terminal.wait_for("live")
        quit_and_check(terminal, "ctrl+c")


def test_a_server_that_is_not_there_is_a_state_not_an_end(program: Program, server: SimulatorServer) -> None:
    url = server.url
    server.stop()
    program.configure(url)
    with program.start(columns=120, rows=30) as terminal:
        terminal.wait_for("refuse")
        quit_and_check(terminal, "q")


def test_names_from_a_cluster_cannot_drive_the_terminal(program: Program, server: SimulatorServer) -> None:
    def evil(store: Store) -> None:
        thing: dict[str, Any] = pod("evil-1")
        thing["status"] = {"phase": "\x1b]0;owned\x07\x1b[2J[red]boo[/red]"}
        store.create(json.loads(json.dumps(thing)), manager="test")

    with program.start(columns=120, rows=30) as terminal:
        terminal.wait_for("web-1")
        server.call(evil)
        terminal.wait_for("evil-1")
        terminal.wait_for("[red]boo[/red]")
        assert b"\x1b]0;owned" not in terminal.raw
        quit_and_check(terminal, "q")


def test_a_signal_to_end_restores_the_terminal(program: Program, server: SimulatorServer) -> None:
    with program.start() as terminal:
        terminal.wait_for("web-1")
        terminal.process.send_signal(signal.SIGTERM)
        terminal.wait_for_exit()
        assert terminal.modes() == terminal.modes_before
        assert terminal.wrote(b"\x1b[?1049l")


def test_the_demo_needs_nothing(program: Program) -> None:
    with program.start("demo", "--rate", "20") as terminal:
        terminal.wait_for("Running")
        terminal.resize(60, 15)
        terminal.wait_for(lambda text: "cart" in text or "Running" in text)
        quit_and_check(terminal, "q")


def test_every_cluster_of_the_demo_can_be_gone_to(program: Program) -> None:
    with program.start("demo", "--contexts", "2", "--rate", "0") as terminal:
        terminal.wait_for("demo-eu, demo-us")
        terminal.wait_for("Running")
        terminal.press(":ctx demo-us", "enter")
        terminal.wait_for(lambda text: "demo-us ›" in text and "demo-eu" not in text and "Running" in text)
        terminal.press(":ctx", "enter")
        terminal.wait_for(lambda text: "Contexts" in text and "demo-eu" in text)
        terminal.press("escape")
        terminal.press(":ctx demo-*", "enter")
        terminal.wait_for("demo-eu, demo-us ›")
        terminal.press("ctrl+c")
        assert terminal.wait_for_exit() == 0


def test_the_demo_has_several_clusters(program: Program) -> None:
    printed = program.run("demo", "deploy", "--contexts", "2", "--rate", "0", "--until-synced")
    assert (printed.returncode, printed.stderr) == (0, "")
    heading, *lines = (line.split()[:3] for line in printed.stdout.splitlines())
    assert heading == ["CONTEXT", "NAME", "READY"]
    of_each = [sorted(line[1] for line in lines if line[0] == context) for context in ("demo-eu", "demo-us")]
    assert of_each[0] == of_each[1] and "cart" in of_each[0]


def test_a_server_that_was_set_back_is_noticed(program: Program, server: SimulatorServer) -> None:
    server.call(lambda store: [store.create(pod(f"lost-{n}"), manager="test") for n in range(5)])
    port = int(server.url.rpartition(":")[2])
    with program.start(columns=120, rows=30) as terminal:
        terminal.wait_for("lost-4")
        server.stop()
        restored = Store(revision=50)
        restored.create(pod("restored-1"), manager="test")
        with SimulatorServer(restored, port=port):
            terminal.wait_for("restored-1")
            quit_and_check(terminal, "q")


def test_the_columns_are_those_of_the_server(program: Program) -> None:
    """One of the next version prints more of custom resource definitions."""
    store = Store(revision=100, minor=37)
    store.create(widget_definition(), manager="test")
    with SimulatorServer(store) as server:
        program.configure(server.url)
        with program.start("crd", columns=120) as terminal:
            terminal.wait_for("v1(storage)")
            terminal.wait_for("SCOPE")
            quit_and_check(terminal, "q")
