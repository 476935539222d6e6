"""Inside a pod: the service account's token and the address in the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from kwatch.cluster.kubeconfig.entries import UserEntry
from kwatch.cluster.settings import ConnectionSettings, Overrides, TLSTrust

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
CONTEXT = "in-cluster"


def in_cluster_settings(
    environ: Mapping[str, str], overrides: Overrides, service_account: Path = SERVICE_ACCOUNT
) -> ConnectionSettings | None:
    """The connection of the pod we run in; None if we do not run in one."""
    host, port = environ.get("KUBERNETES_SERVICE_HOST"), environ.get("KUBERNETES_SERVICE_PORT")
    token_file, authority = service_account / "token", service_account / "ca.crt"
    if not host or not port or not token_file.is_file():
        return None
    user = UserEntry(token_file=token_file)
    if overrides.token:
        user = replace(user, token=overrides.token, token_file=None)
    user = replace(user, impersonate=overrides.as_user or "", impersonate_groups=overrides.as_groups)
    return ConnectionSettings(
        context=CONTEXT,
        namespace=overrides.namespace or _own_namespace(service_account),
        server=overrides.server or f"https://{f'[{host}]' if ':' in host else host}:{port}",
        trust=TLSTrust(
            authority_file=authority if authority.is_file() and not overrides.insecure_skip_tls_verify else None,
            insecure=bool(overrides.insecure_skip_tls_verify),
        ),
        user=user,
        request_timeout=overrides.request_timeout,
    )


def _own_namespace(service_account: Path) -> str:
    try:
        return (service_account / "namespace").read_text("utf-8").strip() or "default"
    except (OSError, UnicodeDecodeError):
        return "default"
