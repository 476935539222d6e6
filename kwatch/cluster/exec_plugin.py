"""Credentials from a command (an exec plugin): run when needed, and once for everybody who waits.

What the plugin gets in its environment, what it must print, and for how long that is kept. It runs in its own process
group, without a terminal, and can be killed at any time.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import re
import selectors
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from kwatch.base.limits import LARGEST_CREDENTIAL, size_text
from kwatch.base.threads import reason_of, spawn
from kwatch.base.timestamp import RFC3339, parse_timestamp
from kwatch.base.yaml_nodes import YAMLProblem, first_document
from kwatch.cluster.credentials import Credential, CredentialSource, bearer
from kwatch.cluster.settings import ConnectionSettings, ExecEntry, PluginPolicy
from kwatch.cluster.transport.in_flight import Call, Outcome
from kwatch.informer.clock import Clock
from kwatch.informer.errors import ApiError, Closed

log = logging.getLogger("kwatch.cluster.credentials")

API_VERSIONS = ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1")


class ExecSource(CredentialSource):
    """Keeps what the plugin printed until it expires or the server refuses it."""

    def __init__(self, entry: ExecEntry, settings: ConnectionSettings, clock: Clock) -> None:
        self._entry = entry
        self._settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._issued: Issued | None = None
        self._run: _Run | None = None
        self._closed = False

    @property
    def waits_for(self) -> str:
        """`the login command 'aws'`, while it runs."""
        return f"the login command {self._entry.command!r}" if self._run is not None else ""

    def get(self, call: Call) -> Credential:
        """The credential; the plugin runs if there is none, and the call waits for it."""
        with self._lock:
            issued = self._issued
            if issued is not None and not self._expired(issued):
                return issued.credential
            if self._closed:
                raise Closed("closed while logging in")
            run = begun = self._run
            if run is None:
                run = self._run = _Run(self._process(), Outcome())
        if begun is None:
            spawn("kwatch-login", lambda: self._execute(run), lambda error: self._crashed(run, error))
        found = run.outcome.wait(call)
        assert found is not None, "what else came of it is an error"
        return found.credential

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
            run.process.kill()

    def _process(self) -> ExecProcess:
        entry = self._entry
        return ExecProcess(
            entry.command, entry.args, self._environment, entry.install_hint, self._settings.plugin_policy
        )

    def _environment(self) -> dict[str, str]:
        """The environment of the plugin; raise ApiError if it cannot be run."""
        entry = self._entry
        _check(entry)
        info = exec_info(self._settings, entry.api_version, entry.provide_cluster_info)
        log.info("running the login command %r", entry.command)
        return {**os.environ, **_variables(entry), "KUBERNETES_EXEC_INFO": info}

    def _execute(self, run: _Run) -> None:
        try:
            output = run.process.run()
            self._end(run, read_exec_credential(output, self._entry.api_version, self._entry.command))
        except (ApiError, Closed) as error:
            self._end(run, None, error)

    def _crashed(self, run: _Run, error: BaseException) -> None:
        sentence = f"The login command {self._entry.command!r} could not be run: {reason_of(error)}."
        self._end(run, None, ApiError(0, "Credentials", sentence))

    def _end(self, run: _Run, issued: Issued | None, error: BaseException | None = None) -> None:
        """Tell all who wait; after an error, the next request tries again."""
        with self._lock:
            self._run = None
            if issued is not None:
                self._issued = issued
        run.outcome.end(issued, error)

    def _expired(self, issued: Issued) -> bool:
        return issued.expires_at is not None and self._clock.time() >= issued.expires_at


@dataclass(frozen=True, slots=True)
class _Run:
    """One run of the plugin, and what comes of it for those who wait."""

    process: ExecProcess
    outcome: Outcome[Issued]


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
            f"supported; update it and let it write the kubeconfig again.",
        )
    if entry.interactive_mode == "Always":
        raise ApiError(
            0,
            "Credentials",
            f"The login command {entry.command!r} insists on asking in the terminal, which kwatch uses itself; "
            f"set its interactiveMode to IfAvailable or use another way to log in.",
        )


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
        "disable-compression": settings.compression is False,
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
    raise _useless(command, "printed an expirationTimestamp that is not a moment")


def _useless(command: str, problem: str) -> ApiError:
    return ApiError(0, "Credentials", f"The login command {command!r} {problem}; run it by hand to see why.")


GRACE = 0.3
"""Seconds a killed plugin has to clean up before it is killed for good."""
MAX_REASON = 300
_PART = 64 << 10
_SECRET = re.compile(r"[A-Za-z0-9_\-.+/=]{32,}")


class ExecProcess:
    """Runs a command once; `kill` may come from any thread, before, during and after."""

    def __init__(
        self,
        command: str,
        args: Sequence[str],
        environment: Callable[[], Mapping[str, str]],
        install_hint: str,
        policy: PluginPolicy,
    ) -> None:
        self._command = command
        self._policy = policy
        self._args = args
        self._environment = environment
        self._install_hint = install_hint
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._killed = False

    def run(self) -> bytes:
        """Its standard output; raise ApiError if it cannot run or fails, Closed if it was killed."""
        process = self._start()
        output, complaint = self._read(process)
        if self._killed:
            raise Closed(f"the login command {self._command!r} was ended")
        if process.returncode != 0:
            raise ApiError(0, "Credentials", self._failure(process.returncode, complaint))
        return output

    def _read(self, process: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
        """What it prints until it ends; it is ended if that is no credential by its size. Of complaints the last."""
        output, complaint = bytearray(), bytearray()
        assert process.stdout is not None and process.stderr is not None
        with process, selectors.DefaultSelector() as waiting:
            waiting.register(process.stdout, selectors.EVENT_READ, output)
            waiting.register(process.stderr, selectors.EVENT_READ, complaint)
            while waiting.get_map():
                for key, _ in waiting.select():
                    part = os.read(key.fd, _PART)
                    key.data.extend(part)
                    if not part:
                        waiting.unregister(key.fileobj)
                del complaint[:-_PART]
                if len(output) > LARGEST_CREDENTIAL:
                    self._signal(process, signal.SIGKILL)
                    sentence = f"The login command {self._command!r} prints more than {size_text(LARGEST_CREDENTIAL)}"
                    raise ApiError(0, "Credentials", f"{sentence}; run it by hand to see why.")
        return bytes(output), bytes(complaint)

    def kill(self) -> None:
        """End it and everything it started."""
        with self._lock:
            self._killed = True
            process = self._process
        if process is None or process.poll() is not None:
            return
        self._signal(process, signal.SIGTERM)
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:
            pass
        # Also when it has ended: what it started may still hold its output open.
        self._signal(process, signal.SIGKILL)

    def _start(self) -> subprocess.Popen[bytes]:
        environment = dict(self._environment())
        program = self._policy.program(self._command)
        with self._lock:
            if self._killed:
                raise Closed(f"the login command {self._command!r} was not started")
            try:
                self._process = subprocess.Popen(
                    [program, *self._args],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    env=environment,
                    start_new_session=True,
                )
            except FileNotFoundError as error:
                raise ApiError(0, "Credentials", self._not_installed()) from error
            except (OSError, ValueError) as error:  # ValueError: a NUL, or `=` in the name of a variable
                reason = getattr(error, "strerror", None) or error
                sentence = f"The login command {self._command!r} cannot be run: {reason}."
                raise ApiError(0, "Credentials", sentence) from error
            return self._process

    @staticmethod
    def _signal(process: subprocess.Popen[bytes], number: int) -> None:
        try:
            os.killpg(process.pid, number)
        except (ProcessLookupError, PermissionError):
            pass  # the whole group has ended

    def _not_installed(self) -> str:
        hint = " ".join(self._install_hint.split()) or "install it, or put it on the PATH."
        return f"The login command {self._command!r} of the kubeconfig is not installed: {hint}"

    def _failure(self, code: int, complaint: bytes) -> str:
        lines = [line.strip() for line in complaint.decode("utf-8", "replace").splitlines() if line.strip()]
        # Plugins that fail may print what they sent or got; long runs of token characters are no words.
        reason = _SECRET.sub("...", lines[-1])[:MAX_REASON].rstrip(".") if lines else "it said nothing"
        how = f"failed with exit code {code}" if code > 0 else f"was killed by signal {-code}"
        return f"The login command {self._command!r} {how}: {reason}."
