"""Where settings and themes live."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from kwatch.base.files import expand, home

NO_HOME = "there is no home folder to keep it in; set HOME or KWATCH_CONFIG"
_PACKAGE = Path(__file__).parent.parent


def settings_folder() -> Path | None:
    """The user's folder: KWATCH_CONFIG, or the platform's place for configuration; None where there is no home.

    Raise ValueError with a sentence, as all here do, where KWATCH_CONFIG cannot be understood.
    """
    if chosen := _chosen():
        return chosen.parent if _is_file(chosen) else chosen
    return _place("XDG_CONFIG_HOME", ".config")


def settings_file() -> Path | None:
    """The user's config.yaml; KWATCH_CONFIG may name the file itself, or its folder."""
    if chosen := _chosen():
        return chosen if _is_file(chosen) else chosen / "config.yaml"
    return _within("config.yaml")


def saved_views() -> Path | None:
    return _within("views")


def state_folder() -> Path | None:
    """What kwatch keeps by itself; beside the settings if KWATCH_CONFIG says where those are."""
    return settings_folder() if _chosen() else _place("XDG_STATE_HOME", ".local/state")


def discovery_cache() -> Path | None:
    """What servers said they offer: kwatch can do without, and asks for it again where it is gone."""
    folder = _place("XDG_CACHE_HOME", ".cache")
    return folder / "discovery" if folder is not None else None


def prompt_history_file() -> Path | None:
    folder = state_folder()
    return folder / "prompt-history" if folder is not None else None


def has_kuberc() -> bool:
    """Whether there may be one to read (`kwatch.config.kuberc`): most people have none."""
    own = home()
    return bool(os.environ.get("KUBERC")) or (own is not None and os.path.lexists(own / ".kube" / "kuberc"))


def shipped_themes() -> Path:
    """The themes that come with kwatch: inside the package when installed, beside it in a checkout."""
    installed = _PACKAGE / "themes"
    return installed if installed.is_dir() else _PACKAGE.parent / "themes"


def user_themes() -> Path | None:
    return _within("themes")


def _within(name: str) -> Path | None:
    folder = settings_folder()
    return folder / name if folder is not None else None


def _chosen() -> Path | None:
    """Raise ValueError for the home of somebody who does not exist: nothing is to be kept in a folder of that name."""
    chosen = os.environ.get("KWATCH_CONFIG")
    if not chosen:
        return None
    path = expand(chosen)
    if path.parts[:1] and path.parts[0].startswith("~"):
        raise ValueError(f"KWATCH_CONFIG is {chosen}, but there is no such home; give the whole path")
    return path


def _is_file(path: Path) -> bool:
    """Whether it is the settings themselves, and not the folder that they are in."""
    try:
        return path.suffix in {".yaml", ".yml"} or (path.exists() and not path.is_dir())
    except OSError:
        return False


def _place(variable: str, below_home: str) -> Path | None:
    """A relative path in such a variable is to be ignored, the standard says."""
    if sys.platform in ("win32", "darwin"):
        from platformdirs import user_cache_path, user_config_path, user_state_path

        places = {"XDG_CONFIG_HOME": user_config_path, "XDG_CACHE_HOME": user_cache_path}
        return places.get(variable, user_state_path)("kwatch", appauthor=False)
    named = Path(os.environ.get(variable, "").strip())
    own = home()
    if named.is_absolute():
        return named / "kwatch"
    return own / below_home / "kwatch" if own is not None else None
