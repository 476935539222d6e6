"""An object as YAML, line by line in the colours of its parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kwatch.tui.kit.text.line import Line, Span
from kwatch.view import yaml_text

_INKS = {
    "": "kwatch-muted",
    "key": "kwatch-key",
    "text": "kwatch-string",
    "number": "kwatch-number",
    "constant": "kwatch-constant",
    "block": "kwatch-constant",
}


def without_managed_fields(tree: Mapping[str, Any]) -> dict[str, Any]:
    """The object without what servers note for themselves."""
    copy = dict(tree)
    metadata = copy.get("metadata")
    if isinstance(metadata, Mapping):
        copy["metadata"] = {key: value for key, value in metadata.items() if key != "managedFields"}
    return copy


def yaml_lines(tree: Mapping[str, Any]) -> list[Line]:
    """One Line a line of YAML, keys in the object's order, texts unbroken."""
    return [Line(tuple([Span(text, _INKS[kind]) for text, kind in line])) for line in yaml_text.yaml_lines(tree)]
