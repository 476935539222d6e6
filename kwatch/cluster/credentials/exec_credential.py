"""The words between kwatch and an exec plugin: what it is told in the environment, what it prints."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from kwatch.base.yaml_nodes import YAMLProblem
from kwatch.cluster.credentials.credential import Credential
from kwatch.cluster.credentials.fixed import bearer
from kwatch.cluster.kubeconfig.go_yaml import first_document
from kwatch.cluster.settings import ConnectionSettings
from kwatch.informer.errors import ApiError

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
        if _RFC3339.fullmatch(text):
            return datetime.fromisoformat(_FRACTION.sub("", text)).timestamp()
    except (ValueError, OverflowError):
        pass
    raise _useless(command, "printed an expirationTimestamp that is no moment")


_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
_FRACTION = re.compile(r"[.,]\d+")


def _useless(command: str, problem: str) -> ApiError:
    return ApiError(0, "Credentials", f"The login command {command!r} {problem}; run it by hand to see why.")
