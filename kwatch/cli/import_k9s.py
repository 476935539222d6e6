"""`kwatch import k9s`: what was set up for k9s, beside one's own settings; nothing that is there is overwritten."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kwatch.base.files import expand
from kwatch.base.printable import printable_lines
from kwatch.cli.terminal import write
from kwatch.cli.watch_parser import Parser

if TYPE_CHECKING:
    from kwatch.config.k9s import FromK9s

DESCRIPTION = """\
Take over what was set up for another program.

  kwatch import k9s [DIR]         aliases, hot keys, columns, orders and skins of k9s, from DIR or where k9s keeps them
  kwatch import k9s --dry-run     only say what would be done

They go into k9s.yaml beside config.yaml, which goes before it, into themes/ and into saved views.
"""


@dataclass(frozen=True, slots=True)
class ImportArguments:
    """`kwatch import k9s [DIR]`."""

    folder: str | None = None
    dry_run: bool = False


def import_parser() -> Parser:
    parser = Parser(prog="kwatch import", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", choices=("k9s",), help=argparse.SUPPRESS)
    parser.add_argument("folder", nargs="?", metavar="DIR", help="where its files are (default: where k9s keeps them)")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
    return parser


def read_import(found: argparse.Namespace) -> ImportArguments:
    return ImportArguments(found.folder, found.dry_run)


def import_settings(arguments: ImportArguments) -> int:
    """Raise ValueError with a sentence where there is nothing to import, or no place for it."""
    from kwatch.config.k9s import k9s_folders, read_k9s
    from kwatch.config.locations import NO_HOME, settings_file, user_themes

    places = [expand(arguments.folder)] if arguments.folder else [*k9s_folders()]
    folder = next((each for each in places if each.is_dir()), None)
    if folder is None:
        looked = ", ".join(map(str, places)) or "no home"
        raise ValueError(f"there is no configuration of k9s; looked in {looked}")
    file, themes = settings_file(), user_themes()
    if file is None or themes is None:
        raise ValueError(NO_HOME)
    found = read_k9s(folder)
    _leave_out_unknown_columns(found)
    for sentence in found.problems:
        write(printable_lines(f"left out: {sentence}\n"))
    if found.is_empty:
        write(f"there is nothing to import in {folder}\n")
        return 0
    does = "would go" if arguments.dry_run else "went"
    for sentence in (*_settings(found, file, arguments), *_skins(found, themes, arguments), *_views(found, arguments)):
        write(printable_lines(sentence.replace("{does}", does)) + "\n")
    return 0


def _settings(found: FromK9s, file: Path, arguments: ImportArguments) -> list[str]:
    """Aliases, hot keys and columns, in a file of their own, made anew by each import."""
    from kwatch.base.files import save_private
    from kwatch.config.settings import IMPORTED, load_settings

    import yaml  # isort: skip - it is slow to import

    parts: dict[str, Mapping[str, str | tuple[str, ...]]]
    parts = {"aliases": found.aliases, "hotkeys": found.hotkeys, "columns": found.columns}
    tree = {name: _plain(part) for name, part in parts.items() if part}
    if not tree:
        return []
    target = file.with_name(IMPORTED)
    head = f"# From {found.folder} by `kwatch import k9s`, which makes it anew. What config.yaml says goes before it.\n"
    text = head + yaml.safe_dump(tree, sort_keys=False, allow_unicode=True)
    renewed = " in the place of what was imported before" if target.exists() else ""
    if not arguments.dry_run:
        target.parent.mkdir(parents=True, exist_ok=True)
        save_private(target, text, overwrite=True)
    own = load_settings(file, alone=True)[0].aliases
    words = [f"{len(part):,} {name}" for name, part in parts.items() if part]
    said = [f"{', '.join(words)} {{does}} into {target}{renewed}"]
    kept = [each for each, meant in found.aliases.items() if own.get(each, meant) != meant]
    if kept:
        said.append(f"config.yaml has aliases of its own for {', '.join(kept)}: those count")
    if arguments.dry_run:
        said.append(text.rstrip())
    return said


def _plain(part: Mapping[str, str | tuple[str, ...]]) -> dict[str, str | list[str]]:
    return {key: [*value] if isinstance(value, tuple) else value for key, value in part.items()}


def _skins(found: FromK9s, themes: Path, arguments: ImportArguments) -> list[str]:
    said = []
    for name, path in found.skins.items():
        target = themes / f"{name}.yaml"
        if target.exists():
            said.append(f"the skin {name} stays as it is: {target} is there already")
            continue
        if not arguments.dry_run:
            themes.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        said.append(f"the skin {name} {{does}} into {target}; :theme {name} wears it")
    return said


def _views(found: FromK9s, arguments: ImportArguments) -> list[str]:
    from kwatch.config.locations import saved_views
    from kwatch.config.saved_views import SavedView, SavedViews

    views = SavedViews(saved_views())
    said = []
    for resource, sort in found.sorts.items():
        name = f"k9s-{resource.partition('.')[0]}"
        if name in views.names():
            said.append(f"the view {name} stays as it is: it is there already")
            continue
        if not arguments.dry_run:
            views.save(name, SavedView(resource=resource, sort=sort))
        said.append(f"the order of {resource} {{does}} into the saved view {name}; :view {name} opens it")
    return said


def _leave_out_unknown_columns(found: FromK9s) -> None:
    """Of what every server has, the columns are known; some of k9s's are its own."""
    from kwatch.catalog.registry import kind_for
    from kwatch.informer.resources import BUILTIN_RESOURCES

    known = {str(each): each for each in BUILTIN_RESOURCES.values()}
    for name, columns in [*found.columns.items()]:
        resource = known.get(name)
        kind = kind_for(resource) if resource is not None else None
        if resource is None and "." not in name:
            del found.columns[name]
            found.problems.append(f"no server has {name}, so its columns mean nothing")
            found.sorts.pop(name, None)
        elif kind is not None:
            titles = {each.title.upper() for each in kind.columns} | {"NAMESPACE", "CPU", "MEMORY"}
            renamed = [_RENAMED.get(each.upper(), each) for each in columns]
            lost = [each for each in renamed if ":" not in each and each.upper() not in titles]
            found.columns[name] = tuple(each for each in renamed if each not in lost and each.upper() != "NAMESPACE")
            if lost:
                found.problems.append(f"{name} has no columns {', '.join(lost)} here; the rest is taken over")


_RENAMED = {"MEM": "MEMORY", "ROLE": "ROLES"}
"""Columns that are called otherwise here."""
