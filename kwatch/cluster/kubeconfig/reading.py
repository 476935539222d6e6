"""From one file's fields to entries."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from kwatch.cluster.config_error import ConfigError
from kwatch.cluster.kubeconfig.document import Fields, load_yaml
from kwatch.cluster.kubeconfig.entries import ClusterEntry, Context, ExecEntry, Kubeconfig, UserEntry

T = TypeVar("T")

EXEC_EXTENSION = "client.authentication.k8s.io/exec"
BEFORE_MODES = ("client.authentication.k8s.io/v1beta1", "client.authentication.k8s.io/v1alpha1")
"""Versions of `exec` that do not say whether they want to ask in the terminal."""


def read_kubeconfig(path: Path) -> Kubeconfig:
    """Read one file; raise ConfigError with the place of what is wrong."""
    path = path.absolute()
    top = Fields(load_yaml(path), path, "the file")
    _check_form(top, path)
    return Kubeconfig(
        current_context=top.text("current-context"),
        contexts=_named(top, path, "contexts", "context", _context),
        clusters=_named(top, path, "clusters", "cluster", _cluster),
        users=_named(top, path, "users", "user", _user),
        files=(path,),
    )


def _check_form(top: Fields, path: Path) -> None:
    """What kubectl looks at although nothing depends on it."""
    kind, version = top.text("kind") or "Config", top.text("apiVersion").removeprefix("/") or "v1"
    if (kind, version) != ("Config", "v1"):
        raise ConfigError(f"The file {path} is a {kind} of version {version}, and no kubeconfig (a Config of v1).")
    top.extensions()
    preferences = top.child("preferences")
    preferences.flag("colors")
    preferences.extensions()


def _named(top: Fields, path: Path, plural: str, singular: str, read: Callable[[Fields], T]) -> dict[str, T]:
    entries: dict[str, T] = {}
    for item in top.items(plural):
        name = item.text("name")
        if name in entries:
            raise ConfigError(f"The kubeconfig {path} has two {plural} named {name!r}; rename or remove one.")
        entries[name] = read(item.child(singular, f"{singular} {name!r}"))
    return entries


def _context(fields: Fields) -> Context:
    fields.extensions()
    return Context(fields.text("cluster"), fields.text("user"), fields.text("namespace"))


def _cluster(fields: Fields) -> ClusterEntry:
    return ClusterEntry(
        server=fields.text("server"),
        certificate_authority=fields.file("certificate-authority"),
        certificate_authority_data=fields.data("certificate-authority-data"),
        insecure_skip_tls_verify=fields.flag("insecure-skip-tls-verify"),
        tls_server_name=fields.text("tls-server-name"),
        proxy_url=fields.text("proxy-url"),
        disable_compression=fields.flag("disable-compression"),
        exec_config=fields.extensions().get(EXEC_EXTENSION),
    )


def _user(fields: Fields) -> UserEntry:
    fields.extensions()
    provider = fields.child("auth-provider")
    return UserEntry(
        client_certificate=fields.file("client-certificate"),
        client_certificate_data=fields.data("client-certificate-data"),
        client_key=fields.file("client-key"),
        client_key_data=fields.data("client-key-data"),
        token=fields.text("token"),
        token_file=fields.file("tokenFile"),
        username=fields.text("username"),
        password=fields.text("password"),
        impersonate=fields.text("as"),
        impersonate_uid=fields.text("as-uid"),
        impersonate_groups=fields.texts("as-groups"),
        impersonate_extra=fields.text_lists("as-user-extra"),
        auth_provider=provider.text("name") if "auth-provider" in fields else None,
        auth_config=provider.child("config").all_texts(),
        exec=_exec(fields) if "exec" in fields else None,
    )


def _exec(fields: Fields) -> ExecEntry:
    entry = fields.child("exec")
    command = entry.text("command")
    # A name is looked up in PATH; a path with a slash belongs to the folder of the kubeconfig.
    path = entry.file("command") if "/" in command else None
    version, mode = entry.text("apiVersion"), entry.text("interactiveMode")
    if not mode and version in BEFORE_MODES:
        mode = "IfAvailable"
    return ExecEntry(
        command=str(path) if path is not None else command,
        args=entry.texts("args"),
        env=tuple((item.text("name"), item.text("value")) for item in entry.items("env")),
        api_version=version,
        install_hint=entry.text("installHint"),
        provide_cluster_info=entry.flag("provideClusterInfo"),
        interactive_mode=mode,
    )
