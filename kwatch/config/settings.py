"""The user's config.yaml."""

from __future__ import annotations

from pathlib import Path

import msgspec

from kwatch.config.document import InvalidDocument, read_document, reason_of
from kwatch.config.history_settings import HistorySettings
from kwatch.config.problem import Problem


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """Everything that can be set; a missing file means all defaults."""

    theme: str = "kwatch-dark"
    keys: dict[str, str] = {}
    """Binding id -> keys, separated by commas."""
    favourites: tuple[str, ...] = (
        "pods",
        "deployments",
        "services",
        "nodes",
        "events",
        "statefulsets",
        "jobs",
        "configmaps",
        "secrets",
    )
    """What the keys 1 to 9 open: anything one can type after the colon."""
    columns: dict[str, tuple[str, ...]] = {}
    """Resource -> its columns in order: `AGE`, `IMAGE:.spec.containers[0].image`, `TIER:label:tier`."""
    indices: dict[str, tuple[str, ...]] = {}
    """Resource -> indices of one's own: `tier:.metadata.labels.tier` gives the filter term `tier:web`, and a facet."""
    mouse: bool = True
    history: HistorySettings = HistorySettings()


def load_settings(path: Path) -> tuple[Settings, tuple[Problem, ...]]:
    """The settings, and what was wrong with the file; a broken file gives the defaults."""
    try:
        return read_document(path, Settings), ()
    except FileNotFoundError:
        return Settings(), ()
    except InvalidDocument as error:
        return Settings(), (error.problem,)
    except OSError as error:
        return Settings(), (Problem(path, 0, reason_of(error)),)
