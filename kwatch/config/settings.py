"""config.yaml: every setting with its default, and noticing that a file was saved, so that it is read again."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from kwatch.base.duration import parse_span
from kwatch.base.limits import (
    DEFAULT_BUDGET,
    LAST_LINES,
    SMALLEST,
    check_age,
    check_budget,
    check_lines,
    check_memory,
    check_url,
    split_words,
)
from kwatch.base.quantity import parse_size
from kwatch.config.document import InvalidDocument, Problem, UnknownKey, fit, read_tree, reason_of, unknown_keys


class HistorySettings(msgspec.Struct, frozen=True, rename="camel"):
    """`history: {budget: 512Mi, age: 2h, lastLogLines: 50}`; raise ValueError if one of them is malformed."""

    budget: str = DEFAULT_BUDGET
    """The memory that history may take; the oldest versions make room."""
    age: str = ""
    """How old a version may get; empty is as old as there is room for."""

    last_log_lines: int = LAST_LINES
    """How many last lines of a container that ended badly are kept, in memory only; 0 is none."""

    def __post_init__(self) -> None:
        check_budget(self.budget)
        check_lines(self.last_log_lines)
        if self.age:
            check_age(self.age)

    @property
    def budget_bytes(self) -> int:
        return parse_size(self.budget)

    @property
    def max_age(self) -> float | None:
        return parse_span(self.age) if self.age else None

    def overridden(self, budget: str | None, age: str | None, lines: int | None = None) -> HistorySettings:
        """What the command line says; where it says None, these settings."""
        return HistorySettings(
            self.budget if budget is None else budget,
            self.age if age is None else age,
            self.last_log_lines if lines is None else lines,
        )


class BackgroundSettings(msgspec.Struct, frozen=True, rename="camel"):
    """`background: {kinds: [events, nodes], objects: 5000, memory: 64Mi}`; raise ValueError for a malformed bound."""

    kinds: tuple[str, ...] = ()
    """Anything one can type after the colon; empty is what explains other things."""
    objects: int = 10_000
    """Objects of one kind; one of which there are more is left out."""
    memory: str = "32Mi"
    """The memory that all of it may take; beyond that the last kinds are left out."""

    def __post_init__(self) -> None:
        if self.objects < 1:
            raise ValueError(f"{self.objects} objects are none; write 1 or more, or background: off")
        if parse_size(self.memory) < SMALLEST:
            raise ValueError(f"{self.memory} is too little to watch anything; write 1Mi or more, or background: off")


class HookSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """`{on: unhealthy, resource: pods, exec: ./page.sh}`; raise ValueError for what cannot be done."""

    on: str
    """A filter: what begins to match it is told, once per onset."""
    resource: str = "pods"
    """Anything one can type after the colon."""
    namespace: str = ""
    """Empty is the context's; `*` is all of them."""
    exec: str = ""
    """A command, which gets the object as JSON on stdin; words, not for a shell unless `shell` says so."""
    shell: bool = False
    webhook: str = ""
    """Where it is posted as JSON."""
    notify: bool = True
    """Whether the terminal is told, too."""

    def __post_init__(self) -> None:
        if not self.on.strip():
            raise ValueError("on is empty and would match everything; write a filter such as unhealthy")
        if self.webhook:
            check_url(self.webhook)
        if self.shell and not self.exec:
            raise ValueError("shell is for exec; say what to run")
        if self.exec and not self.shell:
            split_words(self.exec)


SPLIT_TABS = ("overview", "yaml", "history", "events")
"""What of an object can stand beside the table, the usual first."""
OFF = "off"


class Settings(msgspec.Struct, frozen=True, rename="camel"):
    """Everything that can be set; a missing file means all defaults."""

    theme: str = "auto"
    """`auto` follows the terminal where it says whether it is light: `darkTheme` or `lightTheme`."""
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
    aliases: dict[str, str] = {}
    """A word of one's own for anything one can type after the colon: `{pp: pods -n kube-system}`."""
    hotkeys: dict[str, str] = {}
    """Key -> what one would type after the colon; where the key means nothing else: `{f6: pods -A /unhealthy}`."""
    columns: dict[str, tuple[str, ...]] = {}
    """Resource -> its columns in order: `AGE`, `IMAGE:.spec.containers[0].image`, `TIER:label:tier`."""
    indices: dict[str, tuple[str, ...]] = {}
    """Resource -> indexes of one's own: `tier:.metadata.labels.tier` gives the filter term `tier:web`, and a facet."""
    mouse: bool = True
    split: str = OFF
    """What of the object under the cursor stands beside the table where there is room; `off` for nothing."""
    history: HistorySettings = HistorySettings()
    memory_limit: str = ""
    """The memory that the program may take, in all; empty is no limit."""
    background: bool | tuple[str, ...] | BackgroundSettings = True
    """What is watched from the start because it explains other things: `off`, kinds, or its bounds."""

    hooks: tuple[HookSettings, ...] = ()
    """What is done when objects begin to match a filter, while the screen runs."""

    plain_screen: bool = False
    """For screen readers: no drawing characters, changes told in a line, the terminal's cursor on the selected row."""
    dark_theme: str = "kwatch-dark"
    light_theme: str = "kwatch-light"

    def __post_init__(self) -> None:
        for word, meant in self.aliases.items():
            if not meant.strip() or len(word.split()) != 1:
                raise ValueError(f"the alias {word!r} must be one word that stands for something, such as pp: pods")
        if self.memory_limit:
            check_memory(self.memory_limit)
        if self.split not in (*SPLIT_TABS, OFF):
            raise ValueError(f"split is {self.split!r}; write {', '.join(SPLIT_TABS)} or {OFF}")

    @property
    def background_bounds(self) -> BackgroundSettings | None:
        """None for off."""
        if isinstance(self.background, BackgroundSettings):
            return self.background
        kinds = self.background if isinstance(self.background, tuple) else ()
        return BackgroundSettings(kinds) if self.background else None


def load_settings(path: Path, *, alone: bool = False) -> tuple[Settings, tuple[Problem, ...]]:
    """The settings, and what was wrong with the file; a broken file gives the defaults.

    Keys of a later version are named, and the rest counts; but not in a hook, which would do more than was meant.
    `alone`: without what was imported.
    """
    settings, problems = _read(path)
    imported, more = _read(path.with_name(IMPORTED)) if not alone else (Settings(), ())
    if imported == Settings():
        return settings, (*problems, *more)
    # What somebody wrote goes before what was imported.
    both = {name: {**getattr(imported, name), **getattr(settings, name)} for name in ("aliases", "hotkeys", "columns")}
    return msgspec.structs.replace(settings, **both), (*problems, *more)


IMPORTED = "k9s.yaml"
"""Beside config.yaml: aliases, hot keys and columns of k9s, by `kwatch import k9s`."""


def _read(path: Path) -> tuple[Settings, tuple[Problem, ...]]:
    unknown: list[UnknownKey] = []
    try:
        settings = fit(read_tree(path), Settings, path, unknown)
        return settings, (unknown_keys(unknown, path),) if unknown else ()
    except FileNotFoundError:
        return Settings(), ()
    except InvalidDocument as error:
        return Settings(), (error.problem,)
    except OSError as error:
        return Settings(), (Problem(path, 0, reason_of(error)),)


_Stamp = tuple[int, int] | None


class FileWatch:
    """Which files were saved since the last look; cheap enough to ask every second."""

    def __init__(self, paths: Iterable[Path] = ()) -> None:
        self._stamps: dict[Path, _Stamp] = {}
        self.watch(*paths)

    def watch(self, *paths: Path) -> None:
        """Watch exactly these from now on, as they are now; a missing file may appear."""
        self._stamps = {path: self._stamps.get(path, _stamp(path)) for path in paths}

    def saved(self) -> tuple[Path, ...]:
        """The files that changed since the last time."""
        found = []
        for path, before in self._stamps.items():
            now = _stamp(path)
            if now != before:
                self._stamps[path] = now
                found.append(path)
        return tuple(found)


def _stamp(path: Path) -> _Stamp:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
