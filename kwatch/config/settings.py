"""config.yaml: every setting with its default, and noticing that a file was saved, so that it is read again."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

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
from kwatch.base.namespaces import is_one
from kwatch.base.quantity import parse_size
from kwatch.config.document import InvalidDocument, Problem, UnknownKey, fit, read_tree, reason_of, unknown_keys

if TYPE_CHECKING:
    from kwatch.config.k9s import FromK9s


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
    """Resource -> its columns in order: `AGE`, `IMAGE:.spec.containers[0].image`, `TIER:label:tier`.

    `pods@kube-*` is for some namespaces only.
    """
    orders: dict[str, str] = {}
    """Resource, or `pods@kube-*` -> the column that its table is ordered by at first: `AGE`, `-RESTARTS` descending."""
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

    k9s: bool = True
    """Whether aliases, hot keys, columns, orders and skins that are found in k9s's folder count below one's own."""
    plain_screen: bool = False
    """For screen readers: no drawing characters, changes in a line, the terminal's cursor on the selected row."""
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
    `alone`: without what was set up for k9s.
    """
    settings, problems = _read(path)
    imported = path.with_name(IMPORTED)
    other: Settings | FromK9s
    if alone:
        return settings, problems
    if os.path.exists(imported):  # noqa: PTH110 - it may be out of reach
        other, more = _read(imported)
    elif settings.k9s and (folder := _k9s_folder()) is not None:
        from kwatch.config.k9s import in_few_words, read_k9s

        other = read_k9s(folder)
        more = in_few_words(other.problems)
    else:
        return settings, problems
    # What somebody wrote goes before what was set up for k9s.
    parts = ("aliases", "hotkeys", "columns", "orders")
    both = {name: {**getattr(other, name), **getattr(settings, name)} for name in parts}
    return msgspec.structs.replace(settings, **both), (*problems, *more)


IMPORTED = "k9s.yaml"
"""Beside config.yaml: aliases, hot keys, columns and orders, by `kwatch import k9s`; those in k9s's folder do not count
then.
"""


def files_of_k9s(path: Path, settings: Settings) -> tuple[Path, ...]:
    """Those that count beside a config.yaml, or would if they were there."""
    from kwatch.config.k9s import settings_files

    folder = _k9s_folder() if settings.k9s else None
    return (path.with_name(IMPORTED), *(settings_files(folder) if folder is not None else ()))


def _k9s_folder() -> Path | None:
    from kwatch.config.k9s import k9s_folder  # it is not needed where settings are read alone

    return k9s_folder()


T = TypeVar("T")


def for_place(set_up: Mapping[str, T], resource: str, namespace: str | None) -> T | None:
    """What is set up for a resource, `deployments.apps`, by that name or by its first word: where it is for a namespace
    before all others.
    """
    for name in (resource, resource.partition(".")[0]):
        for key, value in set_up.items():
            word, at, pattern = key.partition("@")
            if at and word == name and namespace is not None and is_one(namespace) and fnmatchcase(namespace, pattern):
                return value
        if name in set_up:
            return set_up[name]
    return None


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
