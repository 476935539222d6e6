"""`kwatch demo`: simulated clusters in a child process, and the normal way to them."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from functools import partial
from typing import IO, TYPE_CHECKING

from kwatch.base.threads import reason_of, spawn
from kwatch.cli.arguments import ConnectionArguments, DemoArguments
from kwatch.cli.connecting import Clusters, connector, first_list
from kwatch.cli.watch import prints_plainly, watch_clusters

if TYPE_CHECKING:
    from kwatch.session.ports import Cluster, ContextEntry

START_TIMEOUT = 20.0
"""Seconds a large simulated cluster may take to be populated."""


class Simulator:
    """The child process. It dies with its parent; `stop` ends it sooner."""

    def __init__(self, arguments: DemoArguments) -> None:
        self._several = arguments.contexts
        command = [sys.executable, "-m", "kwatch.simulator", "--port", "0"]
        if self._several:
            command += ["--contexts", ",".join(self._several)]
        command += ["--objects", str(arguments.objects), "--rate", str(arguments.rate), "--seed", str(arguments.seed)]
        if arguments.faults:
            command += ["--faults", arguments.faults]
        if arguments.scenario:
            command += ["--scenario", arguments.scenario]
        # A group of its own: Ctrl-C in the terminal is for kwatch, which then ends the simulator.
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self._watch = arguments.watch
        self._ready = threading.Event()
        self._kubeconfig = ""
        self._complaint = ""
        self._lock = threading.Lock()
        spawn("kwatch-demo", self._read, self._crashed)

    def clusters(self) -> Clusters:
        """They are reached like any other once the child has printed where they listen."""
        watch = self._watch
        ahead = first_list(watch, prints_plainly(watch.output))

        def connect(context: str | None) -> Cluster:
            if not self._wait():
                raise ValueError("the simulated cluster did not start in time; try fewer --objects")
            if not self._kubeconfig:
                raise ValueError(f"the simulated cluster did not start: {self._complaint or 'it was stopped'}")
            found = ConnectionArguments(kubeconfig=self._kubeconfig)
            return connector(found, watch.selection.namespace, context, ahead=ahead, cache=False)()

        def contexts() -> tuple[ContextEntry, ...]:
            import kwatch.cluster

            self._wait()
            return kwatch.cluster.contexts(self._kubeconfig) if self._kubeconfig else ()

        def flags() -> list[str]:
            return [f"--kubeconfig={self._kubeconfig}"] if self._kubeconfig else []

        return Clusters(
            lambda context: partial(connect, context),
            contexts,
            cancel=self._ready.set,
            banner="demo",
            kubectl_flags=flags,
            several=self._several,
        )

    def _wait(self) -> bool:
        """Wait for the child; whether it was there in time. In a session's thread."""
        import kwatch.cluster

        kwatch.cluster.preload()  # while the child starts
        return self._ready.wait(START_TIMEOUT)

    def stop(self) -> None:
        """End it; its files go with it."""
        with self._lock:
            if self._process.poll() is None:
                self._process.terminate()
                try:
                    self._process.wait(timeout=1.0)
                except subprocess.TimeoutExpired:
                    self._process.kill()
                    self._process.wait()

    def _crashed(self, error: BaseException) -> None:
        """Nobody needs to wait for it any more."""
        self._complaint = self._complaint or f"internal error: {reason_of(error)}"
        self._ready.set()

    def _read(self) -> None:
        assert self._process.stdout is not None and self._process.stderr is not None
        line = self._process.stdout.readline()
        if line:
            self._kubeconfig = json.loads(line)["kubeconfig"]
        else:
            self._complaint = _last_line(self._process.stderr)
        self._ready.set()
        # Keep the pipe empty, so that the child never blocks on what it has to say.
        while self._process.stderr.readline():
            pass


def _last_line(stream: IO[bytes]) -> str:
    lines = stream.read().decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else ""


def demo(arguments: DemoArguments) -> int:
    simulator = Simulator(arguments)
    try:
        return watch_clusters(arguments.watch, simulator.clusters())
    finally:
        simulator.stop()
