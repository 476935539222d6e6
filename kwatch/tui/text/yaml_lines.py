"""An object as YAML, line by line in the colours of its parts. Written out here, so that every line knows its path."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from kwatch.tui.text.line import Line, Span
from kwatch.view.printable import printable

_UNSAFE = re.compile(r"""^[\s\-?:,\[\]{}#&*!|>'"%@`]|:\s|:$|\s\#|\s$|^$""")
_DASH_WORD = re.compile(r"^-[^\s-]|^--\S")
_RESOLVERS: Mapping[str, Sequence[tuple[str, re.Pattern[str]]]] = yaml.SafeLoader.yaml_implicit_resolvers
_MUTED, _KEY = "kwatch-muted", "kwatch-key"


def without_managed_fields(tree: Mapping[str, Any]) -> dict[str, Any]:
    """The object without what servers note for themselves."""
    copy = dict(tree)
    metadata = copy.get("metadata")
    if isinstance(metadata, Mapping):
        copy["metadata"] = {key: value for key, value in metadata.items() if key != "managedFields"}
    return copy


def yaml_lines(tree: Mapping[str, Any]) -> list[Line]:
    """One Line a line of YAML, keys in the object's order."""
    return [Line(tuple(spans)) for spans in _mapping(tree, "")]


def _mapping(tree: Mapping[str, Any], indent: str) -> Iterator[list[Span]]:
    for key, value in tree.items():
        head = [Span(indent, _MUTED)] if indent else []
        yield from _entry([*head, Span(_plain_or_quoted(str(key)), _KEY), Span(":", _MUTED)], value, indent)


def _entry(head: list[Span], value: Any, indent: str) -> Iterator[list[Span]]:
    """A key and what belongs to it; lists stand at their key's own depth, as kubectl writes them."""
    if isinstance(value, Mapping) and value:
        yield head
        yield from _mapping(value, indent + "  ")
    elif isinstance(value, (list, tuple)) and value:
        yield head
        yield from _sequence(value, indent)
    elif isinstance(value, str) and _is_block(value):
        yield from _block(head, value, indent + "  ")
    else:
        yield [*head, Span(" ", _MUTED), _scalar(value)]


def _sequence(items: Sequence[Any], indent: str) -> Iterator[list[Span]]:
    dash = Span(f"{indent}- ", _MUTED)
    for item in items:
        if isinstance(item, Mapping) and item:
            lines = _mapping(item, indent + "  ")
            # The dash takes the place of the first line's indent.
            yield [dash, *next(lines)[1:]]
            yield from lines
        elif isinstance(item, (list, tuple)) and item:
            lines = _sequence(item, indent + "  ")
            first = next(lines)
            yield [dash, Span(first[0].text.removeprefix(indent + "  "), _MUTED), *first[1:]]
            yield from lines
        elif isinstance(item, str) and _is_block(item):
            yield from _block([dash], item, indent + "  ", space="")
        else:
            yield [dash, _scalar(item)]


def _block(head: list[Span], text: str, indent: str, space: str = " ") -> Iterator[list[Span]]:
    """A text of several lines, as people write it."""
    body = text.removesuffix("\n")
    hint = "2" if body.startswith((" ", "\n")) else ""
    yield [*head, Span(f"{space}|{hint}{'' if body != text else '-'}", "kwatch-constant")]
    for line in body.split("\n"):
        yield [Span(indent, _MUTED), Span(printable(line), "kwatch-string")]


def _is_block(text: str) -> bool:
    """Whether a text has several lines, and ends in at most one line's end; others are quoted."""
    return "\n" in text and text.strip("\n ") != "" and not text.endswith("\n\n")


def _scalar(value: Any) -> Span:
    if isinstance(value, str):
        return Span(_plain_or_quoted(value), "kwatch-string")
    if isinstance(value, bool) or value is None:
        return Span(json.dumps(value), "kwatch-constant")
    if isinstance(value, (int, float)):
        # YAML takes 1e-06 for a text: its floats have a dot.
        text = repr(value)
        return Span(text if "e" not in text or "." in text else text.replace("e", ".0e"), "kwatch-number")
    return Span("{}" if isinstance(value, Mapping) else "[]", "kwatch-constant")


def _plain_or_quoted(text: str) -> str:
    safe = printable(text)
    if safe != text:
        return printable(json.dumps(text, ensure_ascii=False))
    body = text.lstrip("-") if _DASH_WORD.match(text) else text
    if _UNSAFE.search(body) or _means_something_else(text):
        return json.dumps(text, ensure_ascii=False)
    return text


def _means_something_else(text: str) -> bool:
    """Whether YAML would read it as a number, a boolean, a time..."""
    resolvers = (*_RESOLVERS.get(text[:1], ()), *_RESOLVERS.get("", ()))
    return any(pattern.match(text) for _, pattern in resolvers)
