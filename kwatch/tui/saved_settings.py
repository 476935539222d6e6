"""Settings and themes that are saved while kwatch runs take effect at once; a mistake is told and changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kwatch.config.document import line_of
from kwatch.config.file_watch import FileWatch
from kwatch.config.locations import user_themes
from kwatch.config.problem import Problem
from kwatch.config.settings import Settings, load_settings

if TYPE_CHECKING:
    from kwatch.tui.app import KwatchApp

PERIOD = 1.0
"""Seconds between looks."""


class SavedSettings:
    """Looks at the settings file, and at the file of the theme in use if it is one of the user's."""

    def __init__(self, app: KwatchApp, path: Path) -> None:
        self._app = app
        self._path = path
        self._files = FileWatch(self._watched())

    def check_first(self) -> None:
        """Tell what is wrong with the settings as they are."""
        settings, problems = load_settings(self._path)
        self._tell([str(problem) for problem in problems])
        self._check(settings)

    def look(self) -> None:
        """Apply what was saved since the last look."""
        saved = self._files.saved()
        if self._path in saved:
            self._apply_settings()
        elif saved:
            self._app.use_theme(self._app.theme)
        self._files.watch(*self._watched())

    def _apply_settings(self) -> None:
        settings, problems = load_settings(self._path)
        if problems:
            self._tell([str(problem) for problem in problems])
            return
        theme = settings.theme if settings.theme != self._app.settings.theme else None
        self._app.use_settings(settings)
        if theme is not None:
            self._app.use_theme(theme)
        self._check(settings)
        self._app.notify("Settings reloaded.", markup=False, timeout=2)

    def _check(self, settings: Settings) -> None:
        """Tell what means nothing, though it is well-formed."""
        self._check_keys(settings.keys)
        if settings.indices:
            from kwatch.query.user_indices import UserIndices

            mistakes = UserIndices(settings.indices).mistakes()
            self._tell([str(self._problem(each.reason, "indices", each.resource, each.place)) for each in mistakes])

    def _problem(self, reason: str, *place: str | int) -> Problem:
        return Problem(self._path, line_of(self._path, place), reason)

    def _check_keys(self, key_map: dict[str, str]) -> None:
        if key_map:
            from kwatch.tui.commands.catalogue import unknown_bindings

            self._tell([f"{self._path}: {sentence}" for sentence in unknown_bindings(key_map)])

    def _tell(self, sentences: list[str]) -> None:
        for sentence in sentences:
            self._app.notify(sentence, title="Settings", severity="warning", timeout=10, markup=False)

    def _watched(self) -> tuple[Path, ...]:
        return self._path, user_themes() / f"{self._app.theme}.yaml"
