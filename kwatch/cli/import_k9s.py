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

They go into k9s.yaml beside config.yaml, which goes before it, and into themes/. Without it they count where k9s keeps
them (k9s: false in config.yaml ends that); what was imported counts in their place.
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
    from kwatch.config.k9s import k9s_folders, read_k9s, skins_in
    from kwatch.config.locations import NO_HOME, settings_file, user_themes

    places = [expand(arguments.folder)] if arguments.folder else [*k9s_folders()]
    folder = next((each for each in places if each.is_dir()), None)
    if folder is None:
        looked = ", ".join(map(str, places)) or "no home"
        raise ValueError(f"there is no configuration of k9s; looked in {looked}")
    file, themes = settings_file(), user_themes()
    if file is None or themes is None:
        raise ValueError(NO_HOME)
    found, skins = read_k9s(folder), skins_in(folder)
    said = [*_settings(found, folder, file, arguments), *_skins(skins, themes, found, arguments)]
    for problem in found.problems:
        write(printable_lines(f"left out: {problem}\n"))
    does = "would go" if arguments.dry_run else "went"
    for sentence in said or [f"there is nothing to import in {folder}"]:
        write(printable_lines(sentence.replace("{does}", does)) + "\n")
    return 0


def _settings(found: FromK9s, folder: Path, file: Path, arguments: ImportArguments) -> list[str]:
    """Aliases, hot keys, columns and orders, in a file of their own, written again by each import."""
    from kwatch.base.files import save_private
    from kwatch.config.settings import IMPORTED, load_settings

    import yaml  # isort: skip - it is slow to import

    parts: dict[str, Mapping[str, str | tuple[str, ...]]]
    parts = {
        "aliases": found.aliases,
        "hotkeys": found.hotkeys,
        "columns": found.columns,
        "orders": found.orders,
    }
    tree = {name: _plain(part) for name, part in parts.items() if part}
    if not tree:
        return []
    target = file.with_name(IMPORTED)
    head = f"# From {folder} by `kwatch import k9s`, which writes it again. What config.yaml says goes before it.\n"
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


def _skins(skins: Mapping[str, Path], themes: Path, found: FromK9s, arguments: ImportArguments) -> list[str]:
    from kwatch.config.document import InvalidDocument, reason_of
    from kwatch.config.theme import read_skin

    said = []
    for name, path in skins.items():
        target = themes / f"{name}.yaml"
        if target.exists():
            said.append(f"the skin {name} stays as it is: {target} is there already")
            continue
        try:
            read_skin(path)
            if not arguments.dry_run:
                themes.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
        except InvalidDocument as error:
            found.problems.append(error.problem)
        except OSError as error:
            found.say(path, reason_of(error))
        else:
            said.append(f"the skin {name} {{does}} into {target}; :theme {name} wears it")
    return said
