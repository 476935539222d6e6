"""`kwatch info`: versions, settings, contexts, and what the server says of itself."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from collections.abc import Iterator, Mapping, Sized

from kwatch import __version__
from kwatch.base.printable import printable
from kwatch.cli.arguments import ConnectionArguments, InfoArguments
from kwatch.cli.connecting import connector
from kwatch.cli.terminal import write
from kwatch.config.locations import settings_file, settings_folder
from kwatch.informer.errors import ApiError

PACKAGES = ("textual", "kubernetes", "msgspec", "aiohttp", "PyYAML")


def info(arguments: InfoArguments) -> int:
    """Print it; 1 if the server cannot be reached."""
    for line in _local(arguments.connection):
        _print(line)
    try:
        for line in _server(arguments.connection):
            _print(line)
    except (ApiError, ValueError) as error:
        _print(f"server      cannot be reached: {error}")
        return 1
    return 0


def _print(line: str) -> None:
    write(printable(line) + "\n")


def _local(arguments: ConnectionArguments) -> Iterator[str]:
    yield f"kwatch      {__version__}, Python {platform.python_version()}, {platform.platform(terse=True)}"
    versions = (f"{name} {_version(name)}" for name in PACKAGES)
    yield f"packages    {', '.join(versions)}"
    yield f"settings    {settings_folder() or 'nowhere: there is no home folder; set HOME or KWATCH_CONFIG'}"
    yield from _k9s()
    yield from _kuberc(arguments.kuberc)
    yield from _contexts(arguments)


def _k9s() -> Iterator[str]:
    """What is set up for it, where that counts; nothing where there is nothing."""
    from kwatch.config.k9s import k9s_folder, read_k9s, skins_in
    from kwatch.config.settings import IMPORTED, load_settings

    file, folder = settings_file(), k9s_folder()
    if file is None or folder is None or not load_settings(file, alone=True)[0].k9s:
        return
    if file.with_name(IMPORTED).exists():
        yield f"k9s         {file.with_name(IMPORTED)}, imported; skins from {folder}"
        return
    found = read_k9s(folder)
    parts: Mapping[str, Sized] = {
        "aliases": found.aliases,
        "hot keys": found.hotkeys,
        "columns": found.columns,
        "orders": found.orders,
        "skins": skins_in(folder),
    }
    counts = [f"{name}: {len(each):,}" for name, each in parts.items() if each]
    yield f"k9s         {folder} ({', '.join(counts) or 'nothing in it'})"
    for problem in found.problems:
        yield f"{'':<12}{problem}"


def _kuberc(named: str | None) -> Iterator[str]:
    """Nothing where there is none."""
    from kwatch.config.kuberc import KubercError, load_kuberc
    from kwatch.config.locations import has_kuberc

    if named is None and not has_kuberc():
        return
    try:
        found = load_kuberc(named, os.environ)
    except KubercError as error:
        yield f"kuberc      {error}"
        return
    policy = found.kuberc.credential_plugin_policy or "AllowAll"
    yield f"kuberc      {found.warning or f'{found.path} (login commands: {policy})'}"


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "missing"


def _contexts(arguments: ConnectionArguments) -> Iterator[str]:
    import kwatch.cluster

    try:
        entries = kwatch.cluster.contexts(arguments.kubeconfig)
    except (ValueError, OSError) as error:
        yield f"contexts    {error}"
        return
    if not entries:
        yield "contexts    none"
    for number, entry in enumerate(entries):
        mark = "*" if entry.current else " "
        yield f"{'contexts' if number == 0 else '':<11}{mark}{entry.name}  (cluster {entry.cluster}, user {entry.user})"


def _server(arguments: ConnectionArguments) -> Iterator[str]:
    cluster = connector(arguments)()
    try:
        version, discovery = cluster.version(), cluster.discover()
        yield f"context     {cluster.context}, namespace {cluster.namespace}"
        yield f"server      {cluster.server}, {version}"
        watchable = [resource for resource in discovery.resources if resource.watchable]
        groups = sorted({resource.gvr.api_version for resource in watchable})
        yield f"resources   {len(watchable)} can be watched, in {', '.join(groups)}"
        for group, why in sorted(discovery.failed_groups.items()):
            yield f"missing     {group}: {why}"
    finally:
        cluster.close()
