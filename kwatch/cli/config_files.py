"""`kwatch config`: a config.yaml to begin with, and the schemas by which an editor checks it."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

from kwatch.base.files import save_private
from kwatch.cli.terminal import write
from kwatch.cli.watch_parser import Parser
from kwatch.config.locations import NO_HOME, settings_file, user_themes

DESCRIPTION = """\
kwatch's own settings, and how an editor can check them.

  kwatch config init              a config.yaml with every setting and its default, and the schemas beside it;
                                  what is there already stays, but for the schemas, which are renewed
  kwatch config schema            the JSON schema of config.yaml
  kwatch config schema themes     the JSON schema of a theme
  kwatch config path              where config.yaml is looked for
"""


@dataclass(frozen=True, slots=True)
class ConfigArguments:
    """`kwatch config ACTION [OF]`."""

    action: str
    of: str = "settings"


def config_parser() -> Parser:
    parser = Parser(prog="kwatch config", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=("init", "schema", "path"), help=argparse.SUPPRESS)
    parser.add_argument("of", nargs="?", choices=("settings", "themes"), default="settings", help=argparse.SUPPRESS)
    return parser


def read_config(found: argparse.Namespace) -> ConfigArguments:
    return ConfigArguments(found.action, found.of)


def config(arguments: ConfigArguments) -> int:
    """Raise ValueError with a sentence where there is no place for settings, OSError where none can be written."""
    from kwatch.config.schema import settings_schema, theme_schema

    if arguments.action == "schema":
        write(_json(theme_schema() if arguments.of == "themes" else settings_schema()))
        return 0
    file, themes = settings_file(), user_themes()
    if file is None or themes is None:
        raise ValueError(NO_HOME)
    if arguments.action == "path":
        write(f"{file}\n")
        return 0
    return _init(file, themes)


def _init(file: Path, themes: Path) -> int:
    from kwatch.config.schema import SETTINGS_NAME, THEME_NAME, first_settings, settings_schema, theme_schema

    for schema, path in ((settings_schema(), file.parent / SETTINGS_NAME), (theme_schema(), themes / THEME_NAME)):
        path.parent.mkdir(parents=True, exist_ok=True)
        save_private(path, _json(schema), overwrite=True)
    try:
        save_private(file, first_settings())
    except FileExistsError:
        write(f"{file} is there already and stays as it is; the schemas beside it are those of this version\n")
        return 0
    write(f"{file} has every setting with its default; an editor that knows YAML schemas checks it\n")
    return 0


def _json(schema: object) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
