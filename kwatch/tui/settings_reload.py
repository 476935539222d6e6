"""Settings and themes saved while kwatch runs take effect at once; a mistake is reported and changes nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.message import Message
from textual.theme import Theme

from kwatch.base.threads import reason_of, spawn
from kwatch.config.document import Problem, line_of
from kwatch.config.locations import user_themes
from kwatch.config.settings import FileWatch, Settings, files_of_k9s, load_settings
from kwatch.query.parser import parse
from kwatch.tui.base_app import Notice
from kwatch.tui.commands.command import Command
from kwatch.tui.commands.everywhere import APPLICATION_COMMANDS
from kwatch.tui.commands.lists import (
    CHANGES_COMMANDS,
    DELTA_LOG_COMMANDS,
    DIFF_COMMANDS,
    INFORMERS_COMMANDS,
    PROBLEMS_COMMANDS,
)
from kwatch.tui.commands.object_commands import LOGS_SCREEN_COMMANDS, OBJECT_COMMANDS
from kwatch.tui.commands.table_commands import TABLE_COMMANDS

if TYPE_CHECKING:
    from kwatch.tui.base_app import Application

PERIOD = 1.0
"""Seconds between looks."""


@dataclass(frozen=True, slots=True)
class News:
    """What was found in the files. Without `settings` and `theme` those in force stay."""

    settings: Settings | None = None
    theme: Theme | None = None
    complaints: tuple[str, ...] = ()


class SettingsSaved(Message):
    """Posted to the app by the thread that reads files."""

    def __init__(self, news: News) -> None:
        super().__init__()
        self.news = news


class SavedSettings:
    """Looks at the settings file, and at the files of the themes in use and asked for if they are the user's own.

    `follow` looks in a thread of its own, because a file may take long to be read, until `close`; what is found is
    posted to the app, which hands it to `apply`.
    """

    def __init__(self, app: Application, path: Path) -> None:
        self._app = app
        self._path = path
        self._files = FileWatch(self._watched())
        self._closed = threading.Event()

    def follow(self) -> None:
        """Tell what is wrong with the settings as they are, then look from time to time."""
        spawn("kwatch-settings", self._run, self._crashed, until=self._closed)

    def close(self) -> None:
        self._closed.set()

    def check_first(self) -> None:
        """Tell what is wrong with the settings as they are."""
        self.apply(self._first())

    def look(self) -> None:
        """Apply what was saved since the last look."""
        self.apply(self._read())

    def apply(self, news: News) -> None:
        """Take over what was found. On the UI thread."""
        if news.settings is not None:
            self._app.use_settings(news.settings)
            self._app.notify("Settings reloaded.", timeout=2)
        if news.theme is not None:
            self._app.wear(news.theme)
        for sentence in news.complaints:
            self._app.notify(sentence, title="Settings", severity="warning", timeout=10)

    def _run(self) -> None:
        self._post(self._first())
        while not self._closed.wait(PERIOD):
            self._post(self._read())

    def _post(self, news: News) -> None:
        if news != News() and not self._closed.is_set():
            self._app.post_message(SettingsSaved(news))

    def _crashed(self, error: BaseException) -> None:
        self._app.post_message(Notice(f"{self._path} could not be read: internal error: {reason_of(error)}", "error"))

    def _first(self) -> News:
        settings, problems = load_settings(self._path)
        if all(each.spares for each in problems) and settings != self._app.settings:
            return self._settings()  # saved since the program began, but before the first look
        return News(complaints=(*map(str, problems), *self._mistakes(settings)))

    def _read(self) -> News:
        saved = self._files.saved()
        if not saved:
            return News()
        is_setting = {self._path, *files_of_k9s(self._path, self._app.settings)} & {*saved}
        news = self._settings() if is_setting else self._theme(saved[0].stem)
        self._files.watch(*self._watched(news.settings))
        return news

    def _settings(self) -> News:
        settings, problems = load_settings(self._path)
        complaints = tuple(map(str, problems))
        if not all(each.spares for each in problems):
            return News(complaints=complaints)
        before = self._app.settings
        changed = any(
            getattr(settings, each) != getattr(before, each) for each in ("theme", "dark_theme", "light_theme")
        )
        if changed:
            self._app.theme_store.use(settings)
        theme = self._theme(settings.theme) if changed else News()
        return News(settings, theme.theme, (*complaints, *theme.complaints, *self._mistakes(settings)))

    def _theme(self, name: str) -> News:
        theme, problem = self._app.theme_store.load_or_default(name)
        return News(complaints=(problem,)) if problem else News(theme=theme)

    def _mistakes(self, settings: Settings) -> Iterator[str]:
        """What means nothing, though it is well-formed."""
        if settings.keys:
            yield from (f"{self._path}: {sentence}" for sentence in unknown_bindings(settings.keys))
        for place, hook in enumerate(settings.hooks):
            try:
                parse(hook.on)
            except ValueError as error:
                yield str(Problem(self._path, line_of(self._path, ("hooks", place, "on")), str(error)))
        if settings.indices:
            from kwatch.query.index_names import UserIndices

            for each in UserIndices(settings.indices).mistakes():
                line = line_of(self._path, ("indices", each.resource, each.place))
                yield str(Problem(self._path, line, each.reason))

    def _watched(self, settings: Settings | None = None) -> tuple[Path, ...]:
        settings = settings or self._app.settings
        files = self._path, *files_of_k9s(self._path, settings)
        folder = user_themes()
        if folder is None:
            return files
        names = dict.fromkeys((self._app.theme, settings.theme))
        # A name with a slash is none of a file in that folder.
        own = (folder / f"{name}.yaml" for name in names if Path(name).name == name and "\0" not in name)
        return *files, *own


COMMANDS: tuple[Command, ...] = tuple(
    dict.fromkeys(
        (
            *TABLE_COMMANDS,
            *PROBLEMS_COMMANDS,
            *OBJECT_COMMANDS,
            *DIFF_COMMANDS,
            *DELTA_LOG_COMMANDS,
            *CHANGES_COMMANDS,
            *INFORMERS_COMMANDS,
            *LOGS_SCREEN_COMMANDS,
            *APPLICATION_COMMANDS,
        )
    )
)
"""Every command there is."""


def binding_ids() -> frozenset[str]:
    """Everything that a key map may name."""
    from kwatch.tui.features.explorer.explorer_panel import NarrowingInput
    from kwatch.tui.kit.table.virtual_table import VirtualTable
    from kwatch.tui.kit.text.text_view import TextView

    widgets = (VirtualTable, TextView, NarrowingInput)
    moving = (each.id for kind in widgets for each in kind.BINDINGS if isinstance(each, Binding))
    return frozenset([*(command.id for command in COMMANDS), *(name for name in moving if name)])


def unknown_bindings(key_map: Mapping[str, str]) -> tuple[str, ...]:
    """A sentence for each name in a key map that nothing has."""
    known = binding_ids()
    sentences = []
    for name in key_map:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            sentences.append(f"keys: there is nothing called {name!r}{hint}")
    return tuple(sentences)
