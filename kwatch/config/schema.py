"""JSON schemas of config.yaml and of themes, made from their types, and a config.yaml to begin with.

An editor with a YAML language server checks and completes by them. They take what `document` takes: what should be a
text may look like a number or a truth, and truths are YAML 1.1's.
"""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
from collections.abc import Iterator
from itertools import pairwise
from types import UnionType
from typing import Any, Union, get_args, get_origin

import msgspec

from kwatch.config.document import TRUTHS
from kwatch.config.settings import Settings
from kwatch.config.theme import COLOUR, Colors, States, Syntax, ThemeFile

DIALECT = "http://json-schema.org/draft-07/schema#"
"""What language servers of YAML read."""
SETTINGS_NAME, THEME_NAME = "config.schema.json", "theme.schema.json"
_TEXT = ["string", "number", "boolean"]
_TRUTHS = [form for word in TRUTHS for form in (word, word.capitalize(), word.upper())]
_COLOURED = (Colors, States, Syntax)


def settings_schema() -> dict[str, Any]:
    return {"$schema": DIALECT, "title": "kwatch: config.yaml", **_of(Settings)}


def theme_schema() -> dict[str, Any]:
    """Of a theme of ours, or a skin of k9s, whose own schema is k9s's."""
    skin = {"type": "object", "required": ["k9s"], "properties": {"k9s": {"type": "object"}}}
    return {"$schema": DIALECT, "title": "kwatch: a theme", "if": skin, "then": True, "else": _of(ThemeFile)}


def first_settings() -> str:
    """A config.yaml in which every setting stands with its default, all of them commented out."""
    lines = [
        f"# yaml-language-server: $schema={SETTINGS_NAME}",
        "# All of it is optional. What is commented out is the default; kwatch reads this file again when it is saved.",
    ]
    meanings = _meanings(Settings)
    for field in msgspec.structs.fields(Settings):
        default = field.default_factory() if field.default is msgspec.NODEFAULT else field.default
        lines.append("")
        lines += [f"# {line}" for line in textwrap.wrap(meanings.get(field.name, ""), 110)]
        built = msgspec.to_builtins(default)
        lines.append(f"#{field.encode_name}: {json.dumps(built, ensure_ascii=False)}")
    return "\n".join(lines) + "\n"


def _of(shape: Any) -> dict[str, Any]:
    """As `document.fit` reads that type."""
    origin = get_origin(shape)
    if origin in (Union, UnionType):
        return {"anyOf": [_of(each) for each in get_args(shape)]}
    if isinstance(shape, type) and issubclass(shape, msgspec.Struct):
        return _of_struct(shape)
    if origin is tuple:
        return {"type": "array", "items": _of(get_args(shape)[0])}
    if origin is dict:
        return {"type": "object", "additionalProperties": _of(get_args(shape)[1])}
    if shape is bool:
        return {"anyOf": [{"type": "boolean"}, {"enum": _TRUTHS}]}
    if shape is int:
        return {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": "^[-+]?[0-9]{1,15}$"}]}
    return {"type": [*_TEXT, "null"]}


def _of_struct(shape: type[msgspec.Struct]) -> dict[str, Any]:
    meanings = _meanings(shape)
    properties, required = {}, []
    for field in msgspec.structs.fields(shape):
        described = _of(field.type)
        if shape in _COLOURED:
            empty = "" if field.required else "?"
            described = {"type": "string", "pattern": f"^(?:{COLOUR.pattern}){empty}$"}
        if field.required:
            required.append(field.encode_name)
            described = {"type": _TEXT} if field.type is str and shape not in _COLOURED else described
        elif "null" not in described.get("type", ()):
            described = {"anyOf": [described, {"type": "null"}]}  # as if it was not there
        if field.name in meanings:
            described = {"description": meanings[field.name], **described}
        properties[field.encode_name] = described
    found = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**found, "required": required} if required else found


def _meanings(shape: type) -> dict[str, str]:
    """Field -> the text that stands below it in the source."""
    body = ast.parse(textwrap.dedent(inspect.getsource(shape))).body[0]
    return dict(_texts(body.body)) if isinstance(body, ast.ClassDef) else {}


def _texts(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    for each, after in pairwise(body):
        match each, after:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str() as text)):
                yield name, " ".join(text.split())
