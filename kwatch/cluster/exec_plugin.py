"""Credentials from a command (an exec plugin): run when needed, and once for everybody who waits.

What the plugin gets in its environment, what it must print, and for how long that is kept; `exec_process` is one run.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import threading
from dataclasses import dataclass
from typing import Any

import msgspec

from kwatch.base.threads import reason_of, spawn
from kwatch.base.timestamp import RFC3339, parse_timestamp
from kwatch.base.yaml_nodes import YAMLProblem
from kwatch.cluster.credentials import Credential, bearer
from kwatch.cluster.exec_process import ExecProcess
from kwatch.cluster.kubeconfig.go_yaml import first_document
from kwatch.cluster.settings import ConnectionSettings, ExecEntry
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


KIND = "ExecCredential"


class _Status(msgspec.Struct, gc=False, rename="camel"):
    token: str | None = None
    client_certificate_data: str | None = None
    client_key_data: str | None = None
    expiration_timestamp: str | None = None


class _ExecCredential(msgspec.Struct, gc=False, rename="camel"):
    kind: str = ""
    api_version: str = ""
    status: _Status | None = None


@dataclass(frozen=True, slots=True)
class Issued:
    """A credential and when it ends, in seconds since the epoch; None is never."""

    credential: Credential
    expires_at: float | None


def exec_info(settings: ConnectionSettings, api_version: str, with_cluster: bool) -> str:
    """KUBERNETES_EXEC_INFO; raise ApiError if the authority it must name cannot be read."""
    spec: dict[str, Any] = {"interactive": False}
    if with_cluster:
        spec["cluster"] = {name: value for name, value in _cluster(settings).items() if value}
    return json.dumps({"apiVersion": api_version, "kind": KIND, "spec": spec})


def _cluster(settings: ConnectionSettings) -> dict[str, Any]:
    from kwatch.cluster.tls import authority_of

    trust = settings.trust
    authority = authority_of(trust)
    return {
        "server": settings.server,
        "tls-server-name": trust.server_name,
        "insecure-skip-tls-verify": trust.insecure,
        "certificate-authority-data": base64.b64encode(authority).decode("ascii") if authority else "",
        "proxy-url": settings.proxy_url,
        "disable-compression": not settings.compression,
        "config": settings.exec_config,
    }


def read_exec_credential(output: bytes, api_version: str, command: str) -> Issued:
    """What the plugin printed; raise ApiError if it is no credential. The error holds nothing of the output."""
    try:
        # As kubectl: what begins like JSON is JSON, all else YAML.
        looks_like_json = output.lstrip().startswith(b"{")
        tree = msgspec.json.decode(output) if looks_like_json else first_document(output)
        parsed = msgspec.convert(tree, _ExecCredential)
    except (msgspec.MsgspecError, YAMLProblem, RecursionError):
        raise _useless(command, "printed no ExecCredential") from None
    if (parsed.kind or KIND) != KIND or parsed.api_version != api_version:
        raise _useless(command, f"printed another kind or version than {KIND} of {api_version}")
    status = parsed.status or _Status()
    certificate, key = status.client_certificate_data, status.client_key_data
    if bool(certificate) != bool(key):
        raise _useless(command, "printed a client certificate without its key, or a key without its certificate")
    if not status.token and not certificate:
        raise _useless(command, "printed neither a token nor a client certificate")
    return Issued(
        Credential(
            authorization=bearer(status.token) if status.token else "",
            certificate=certificate.encode() if certificate else None,
            key=key.encode() if key else None,
        ),
        None if status.expiration_timestamp is None else _moment(status.expiration_timestamp, command),
    )


def _moment(text: str, command: str) -> float:
    """Seconds since the epoch."""
    try:
        if RFC3339.fullmatch(text):
            return parse_timestamp(text)
    except ValueError:
        pass
    raise _useless(command, "printed an expirationTimestamp that is no moment")


def _useless(command: str, problem: str) -> ApiError:
    return ApiError(0, "Credentials", f"The login command {command!r} {problem}; run it by hand to see why.")
