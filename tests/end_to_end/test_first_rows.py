"""The program on a terminal while a list comes slowly, breaks off, and comes again."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from kwatch.simulator.store import Store
from tests.end_to_end.program import Program
from tests.end_to_end.test_screen import quit_and_check
from tests.simulator.objects import namespace, pod
from tests.simulator.simulator_server import SimulatorServer

FREE = 100_000
"""Bytes of a streaming list of pods after which the line becomes slow."""


class SlowLine:
    """Between program and server: makes the first streaming list of pods slow, until it is let go, or cut with that."""

    def __init__(self, server: str) -> None:
        parts = urlsplit(server)
        self._server = (parts.hostname or "", parts.port or 0)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.go = threading.Event()
        self.cuts = threading.Event()
        self._first = True
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self.go.set()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(self._server)
            held = threading.Event()
            threading.Thread(target=self._ask, args=(client, server, held), daemon=True).start()
            threading.Thread(target=self._answer, args=(server, client, held), daemon=True).start()

    def _ask(self, client: socket.socket, server: socket.socket, held: threading.Event) -> None:
        try:
            while data := client.recv(65536):
                if b"/pods?" in data and b"sendInitialEvents=true" in data and self._first:
                    self._first = False
                    held.set()
                server.sendall(data)
        except OSError:
            pass
        _shut(client, server)

    def _answer(self, server: socket.socket, client: socket.socket, held: threading.Event) -> None:
        passed = 0
        try:
            while data := server.recv(2048):
                client.sendall(data)
                passed += len(data) if held.is_set() else 0
                # Not held for good: after some seconds of silence the program would ask once more.
                if passed > FREE and self.go.wait(0.5) and self.cuts.is_set():
                    break
        except OSError:
            pass
        _shut(client, server)


def _shut(*ends: socket.socket) -> None:
    for end in ends:
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            continue


@pytest.fixture
def line(program: Program) -> Iterator[SlowLine]:
    store = Store(revision=100)
    store.create(namespace("shop"), manager="test")
    for number in range(1000):
        store.create(pod(f"p{number:03}-{'cart' if number % 10 else 'web'}", app="shop"), manager="test")
    with SimulatorServer(store) as serving:
        slow = SlowLine(serving.url)
        program.configure(slow.url)
        yield slow
        slow.close()


def test_rows_filter_and_an_object_while_the_list_comes(program: Program, line: SlowLine) -> None:
    with program.start(columns=120, rows=30) as terminal:
        terminal.wait_for("pods so far")
        terminal.wait_for("p001-cart")
        assert "of about 1,000" in terminal.text()
        terminal.press("/")
        terminal.press("web")
        terminal.wait_for(lambda text: "p000-web" in text and "p001-cart" not in text)
        terminal.press("enter")
        terminal.wait_for("pods so far  /web")
        terminal.press("down")
        terminal.press("d")
        terminal.wait_for(lambda text: "-web" in text.splitlines()[0] and "not there" not in text)
        terminal.press("escape")
        terminal.wait_for("pods so far  /web")
        line.go.set()
        terminal.wait_for("100 of 1,000 pods  /web")
        terminal.wait_for("live")
        quit_and_check(terminal, "q")


def test_rows_of_a_list_that_breaks_off_stay_until_the_next_one_is_whole(program: Program, line: SlowLine) -> None:
    with program.start(columns=120, rows=30) as terminal:
        terminal.wait_for("pods so far")
        terminal.wait_for("p001-cart")
        line.cuts.set()
        line.go.set()
        terminal.wait_for(lambda text: "1,000 pods" in text and "so far" not in text)
        assert terminal.wrote(b"not confirmed")
        quit_and_check(terminal, "q")


def test_quitting_while_the_list_comes(program: Program, line: SlowLine) -> None:
    with program.start() as terminal:
        terminal.wait_for("pods so far")
        quit_and_check(terminal, "q")
