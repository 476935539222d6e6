"""Which kubeconfig files count, what is in each, checked field by field, and what they say together."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from kwatch.base.files import expand, home
from kwatch.base.yaml_nodes import YAMLProblem, first_document
from kwatch.cluster.files import USER_FILES
from kwatch.cluster.settings import ClusterEntry, ConfigError, Context, ExecEntry, Kubeconfig, UserEntry

T = TypeVar("T")
EXEC_EXTENSION = "client.authentication.k8s.io/exec"
BEFORE_MODES = ("client.authentication.k8s.io/v1beta1", "client.authentication.k8s.io/v1alpha1")
"""Versions of `exec` that do not say whether they want to ask in the terminal."""


def candidate_files(kubeconfig: str | os.PathLike[str] | None, environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Where to look: the file asked for, or those of KUBECONFIG, or the one in the home folder; may not exist."""
    if kubeconfig:
        return (expand(kubeconfig),)
    listed = [Path(part) for part in environ.get("KUBECONFIG", "").split(os.pathsep) if part]
    if listed:
        return tuple(dict.fromkeys(listed))
    named = environ.get("HOME")
    own = Path(named) if named else home()
    return (own / ".kube" / "config",) if own is not None else ()


def load_kubeconfig(kubeconfig: str | os.PathLike[str] | None, environ: Mapping[str, str]) -> Kubeconfig:
    """Read and merge. A file asked for must exist; missing ones of KUBECONFIG are passed over."""
    files = candidate_files(kubeconfig, environ)
    there = [path for path in files if not _missing(path)]
    if kubeconfig and not there:
        several = ", which takes one file; KUBECONFIG takes several" if os.pathsep in str(kubeconfig) else ""
        raise ConfigError(f"The kubeconfig {files[0]} does not exist; check --kubeconfig{several}.")
    return merge([read_kubeconfig(path) for path in there])


def _missing(path: Path) -> bool:
    """Whether there is no such file; one that cannot be looked at is there, and reading it tells what is wrong."""
    try:
        path.stat()
    except FileNotFoundError:
        return True
    except OSError:
        pass
    return False


def merge(configs: Sequence[Kubeconfig]) -> Kubeconfig:
    """The first file that names an entry, or sets the current context, wins it whole."""
    return Kubeconfig(
        current_context=next((config.current_context for config in configs if config.current_context), ""),
        contexts=_first_wins([config.contexts for config in configs]),
        clusters=_first_wins([config.clusters for config in configs]),
        users=_first_wins([config.users for config in configs]),
        files=tuple(path for config in configs for path in config.files),
    )


def _first_wins(maps: Sequence[Mapping[str, T]]) -> dict[str, T]:
    merged: dict[str, T] = {}
    for entries in maps:
        for name, entry in entries.items():
            merged.setdefault(name, entry)
    return merged


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


_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")


def load_yaml(path: Path) -> Mapping[str, Any]:
    """The file's mapping, empty for an empty file; raise ConfigError with file and line."""
    try:
        content = USER_FILES.read(path)
    except OSError as error:
        raise ConfigError(f"The kubeconfig {path} cannot be read: {error.strerror or error}.") from error
    try:
        tree = first_document(content)
    except YAMLProblem as error:
        place = f"{path}, line {error.line}, column {error.column}," if error.line is not None else str(path)
        raise ConfigError(f"The kubeconfig {place} is not valid YAML: {error.problem}.") from error
    if tree is None:
        return {}
    if not isinstance(tree, dict):
        raise ConfigError(
            f"The kubeconfig {path} holds {_kind(tree)} where a mapping is expected; it is no kubeconfig."
        )
    return tree


def _kind(value: Any) -> str:
    names = {list: "a list", dict: "a mapping", str: "a text", bool: "true or false", type(None): "nothing"}
    return names.get(type(value), "a number")


class Fields:
    """The fields of one mapping in one file, read with their types; an error names its place."""

    def __init__(self, tree: Any, path: Path, place: str) -> None:
        if tree is None:
            tree = {}
        if not isinstance(tree, dict):
            raise ConfigError(f"In the kubeconfig {path}, {place} is {_kind(tree)} where a mapping is expected.")
        self._tree: Mapping[str, Any] = tree
        self._path = path
        self._place = place

    def __contains__(self, name: str) -> bool:
        return self._tree.get(name) is not None

    def text(self, name: str) -> str:
        """A string. A number or a boolean is none, as to kubectl: what it looks like is not what was written."""
        value = self._tree.get(name)
        if value is None:
            return ""
        if isinstance(value, str):
            return value
        raise self._wrong(name, value, "a text")

    def flag(self, name: str) -> bool:
        """A boolean."""
        value = self._tree.get(name)
        if value is None or isinstance(value, bool):
            return bool(value)
        raise self._wrong(name, value, "true or false")

    def raw(self, name: str) -> Any:
        """Whatever stands there."""
        return self._tree.get(name)

    def items(self, name: str) -> list[Fields]:
        """A list of mappings."""
        value = self._tree.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self._wrong(name, value, "a list")
        return [Fields(item, self._path, f"item {number} of {name}") for number, item in enumerate(value, 1)]

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of strings."""
        value = self._tree.get(name)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(item is None or isinstance(item, str) for item in value):
            raise self._wrong(name, value, "a list of texts")
        return tuple(item or "" for item in value)

    def all_texts(self) -> dict[str, str]:
        """Every field, as text."""
        return {name: self.text(name) for name in self._tree}

    def text_lists(self, name: str) -> Mapping[str, tuple[str, ...]]:
        """A mapping from strings to lists of strings."""
        lists = self.child(name)
        return {key: lists.texts(key) for key in lists._tree}

    def child(self, name: str, place: str = "") -> Fields:
        """A mapping inside, empty if there is none."""
        return Fields(self._tree.get(name), self._path, place or f"{name} of {self._place}")

    def file(self, name: str) -> Path | None:
        """A path; a relative one belongs to the folder of the kubeconfig."""
        text = self.text(name)
        return self._path.parent / text if text else None

    def data(self, name: str) -> bytes | None:
        """Base64, perhaps broken into lines; or, as Go takes it too, a list of the bytes."""
        value = self._tree.get(name)
        if isinstance(value, list) and all(type(byte) is int and 0 <= byte < 256 for byte in value):
            return bytes(value) or None
        text = self.text(name).replace("\r", "").replace("\n", "")
        if not _BASE64.fullmatch(text):
            raise ConfigError(f"In the kubeconfig {self._path}, {name} of {self._place} is not valid base64.")
        return base64.b64decode(text) or None

    def extensions(self) -> dict[str, Any]:
        """What other programs keep here, by name."""
        found: dict[str, Any] = {}
        for item in self.items("extensions"):
            name = item.text("name")
            if found.get(name) is not None:
                raise ConfigError(
                    f"In the kubeconfig {self._path}, {self._place} has two extensions named {name!r}; remove one."
                )
            found[name] = item.raw("extension")
        return found

    def _wrong(self, name: str, value: Any, expected: str) -> ConfigError:
        return ConfigError(
            f"In the kubeconfig {self._path}, {name} of {self._place} is {_kind(value)} where {expected} is expected"
            f"{'; write it in quotes' if isinstance(value, bool | int | float) and expected == 'a text' else ''}."
        )
