"""Where settings and themes live."""

from __future__ import annotations

import os
from pathlib import Path

_PACKAGE = Path(__file__).parent.parent


def settings_folder() -> Path:
    """The user's folder: KWATCH_CONFIG, or the platform's place for configuration."""
    if chosen := os.environ.get("KWATCH_CONFIG"):
        path = Path(chosen).expanduser()
        return path.parent if path.suffix in {".yaml", ".yml"} else path
    from platformdirs import user_config_path

    return user_config_path("kwatch", appauthor=False)


def settings_file() -> Path:
    """The user's config.yaml; KWATCH_CONFIG may name the file itself, or its folder."""
    if chosen := os.environ.get("KWATCH_CONFIG"):
        path = Path(chosen).expanduser()
        return path if path.suffix in {".yaml", ".yml"} else path / "config.yaml"
    return settings_folder() / "config.yaml"


def saved_views() -> Path:
    """The views that were saved."""
    return settings_folder() / "views"


def state_folder() -> Path:
    """What kwatch keeps by itself; beside the settings if KWATCH_CONFIG says where those are."""
    if os.environ.get("KWATCH_CONFIG"):
        return settings_folder()
    from platformdirs import user_state_path

    return user_state_path("kwatch", appauthor=False)


def prompt_history_file() -> Path:
    """What was typed after `/` and `:`."""
    return state_folder() / "prompt-history"


def shipped_themes() -> Path:
    """The themes that come with kwatch: inside the package when installed, beside it in a checkout."""
    installed = _PACKAGE / "themes"
    return installed if installed.is_dir() else _PACKAGE.parent / "themes"


def user_themes() -> Path:
    """The user's own themes."""
    return settings_folder() / "themes"
