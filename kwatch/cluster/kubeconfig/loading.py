"""Which kubeconfig files count, and what they say together."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from kwatch.base.files import expand, home
from kwatch.cluster.config_error import ConfigError
from kwatch.cluster.kubeconfig.entries import Kubeconfig
from kwatch.cluster.kubeconfig.reading import read_kubeconfig

T = TypeVar("T")


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
        raise ConfigError(f"The kubeconfig {files[0]} does not exist; check --kubeconfig.")
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
