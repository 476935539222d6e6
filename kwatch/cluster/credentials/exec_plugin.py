"""Credentials from a command, run when needed and once for everybody who waits."""

from __future__ import annotations

import logging
import os
import threading

from kwatch.base.threads import reason_of, spawn
from kwatch.cluster.credentials.credential import Credential
from kwatch.cluster.credentials.exec_credential import Issued, exec_info, read_exec_credential
from kwatch.cluster.credentials.exec_process import ExecProcess
from kwatch.cluster.kubeconfig.entries import ExecEntry
from kwatch.cluster.settings import ConnectionSettings
from kwatch.cluster.transport.in_flight import Call
from kwatch.informer.clock import Clock
from kwatch.informer.errors import ApiError, Closed

log = logging.getLogger("kwatch.cluster.credentials")

API_VERSIONS = ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1")


class ExecSource:
    """Keeps what the plugin printed until it expires or the server refuses it."""

    def __init__(self, entry: ExecEntry, settings: ConnectionSettings, clock: Clock) -> None:
        self._entry = entry
        self._settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._issued: Issued | None = None
        self._run: _Run | None = None
        self._closed = False

    def get(self, call: Call) -> Credential:
        """The credential; the plugin runs if there is none, and the call waits for it."""
        with self._lock:
            issued = self._issued
            if issued is not None and not self._expired(issued):
                return issued.credential
            if self._closed:
                raise Closed("closed while logging in")
            run = self._run
            if run is None:
                run = self._run = _Run(self._entry, self._settings)
                begun = run
            else:
                begun = None
        if begun is not None:
            spawn("kwatch-login", lambda: self._execute(begun), lambda error: self._crashed(begun, error))
        return run.wait(call).credential

    def rejected(self, credential: Credential) -> bool:
        """Forget it, unless a newer one is here already."""
        with self._lock:
            if self._issued is not None and self._issued.credential is credential:
                self._issued = None
            return not self._closed

    def close(self) -> None:
        """Kill the plugin if it runs."""
        with self._lock:
            self._closed = True
            run = self._run
        if run is not None:
            run.kill()

    def _crashed(self, run: _Run, error: BaseException) -> None:
        """Whoever waits hears of it; who comes next tries again."""
        with self._lock:
            self._run = None
        sentence = f"The login command {self._entry.command!r} could not be run: {reason_of(error)}."
        run.give_up(ApiError(0, "Credentials", sentence))

    def _execute(self, run: _Run) -> None:
        issued = run.execute()
        with self._lock:
            self._run = None
            if issued is not None:
                self._issued = issued
        run.tell()

    def _expired(self, issued: Issued) -> bool:
        return issued.expires_at is not None and self._clock.time() >= issued.expires_at


class _Run:
    """One run of the plugin and those who wait for it."""

    def __init__(self, entry: ExecEntry, settings: ConnectionSettings) -> None:
        self._entry = entry
        self._settings = settings
        self._lock = threading.Lock()
        self._waiting: set[threading.Event] = set()
        self._process: ExecProcess | None = None
        self._killed = False
        self._told = False
        self._issued: Issued | None = None
        self._error: ApiError | Closed | None = None

    def execute(self) -> Issued | None:
        """Run it; None if that failed."""
        try:
            output = self._start().run()
            self._issued = read_exec_credential(output, self._entry.api_version, self._entry.command)
        except (ApiError, Closed) as error:
            self._error = error
        return self._issued

    def give_up(self, error: ApiError) -> None:
        """There will be nothing."""
        self._error = error
        self.tell()

    def tell(self) -> None:
        """Wake everybody who waits."""
        with self._lock:
            self._told = True
            waiting = list(self._waiting)
        for each in waiting:
            each.set()

    def wait(self, call: Call) -> Issued:
        """What came of it; raise ApiError, or Closed if the call was aborted meanwhile."""
        woken = threading.Event()
        with self._lock:
            self._waiting.add(woken)
            if self._told:
                woken.set()
        try:
            call.interruptible_by(woken.set)
            woken.wait()
            call.interruptible_by(None)
        finally:
            with self._lock:
                self._waiting.discard(woken)
        if self._error is not None:
            raise _copy(self._error)
        if self._killed:
            raise Closed("closed while logging in")
        assert self._issued is not None, "what else came of it is an error"
        return self._issued

    def kill(self) -> None:
        """End the plugin."""
        with self._lock:
            self._killed = True
            process = self._process
        if process is not None:
            process.kill()

    def _start(self) -> ExecProcess:
        entry = self._entry
        _check(entry)
        info = exec_info(self._settings, entry.api_version, entry.provide_cluster_info)
        env = {**os.environ, **_variables(entry), "KUBERNETES_EXEC_INFO": info}
        process = ExecProcess(entry.command, entry.args, env, entry.install_hint)
        with self._lock:
            if self._killed:
                raise Closed("closed while logging in")
            self._process = process
        log.info("running the login command %r", entry.command)
        return process


def _variables(entry: ExecEntry) -> dict[str, str]:
    """Those of the kubeconfig. Like kubectl, who joins them to `NAME=VALUE`, takes a name that ends earlier."""
    parts = (f"{name}={value}".partition("=") for name, value in entry.env)
    return {name: value for name, _, value in parts}


def _check(entry: ExecEntry) -> None:
    if not entry.command:
        raise ApiError(0, "Credentials", "The kubeconfig's exec entry names no command.")
    if entry.api_version not in API_VERSIONS:
        raise ApiError(
            0,
            "Credentials",
            f"The login command {entry.command!r} is for the version {entry.api_version!r}, which is no longer "
            f"supported; update it and let it write the kubeconfig anew.",
        )
    if entry.interactive_mode == "Always":
        raise ApiError(
            0,
            "Credentials",
            f"The login command {entry.command!r} insists on asking in the terminal, which kwatch uses itself; "
            f"set its interactiveMode to IfAvailable or use another way to log in.",
        )


def _copy(error: ApiError | Closed) -> ApiError | Closed:
    """An error of one's own for each who waits: a raised exception gathers the traceback of its thread."""
    if isinstance(error, ApiError):
        return ApiError(error.status, error.reason, error.message)
    return Closed(*error.args)
