"""`-o jsonpath=TEMPLATE`: text with `{.paths}`, `{"literals"}` and `{range}...{end}` in it, as kubectl takes them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from kwatch.catalog.jsonpath import JSONPath, JSONPathError, parse_json_path
from kwatch.output.printer import Masking, ObjectChange, Printer, value_text

_LITERAL = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'""")


@dataclass(frozen=True, slots=True)
class _Range:
    path: JSONPath
    body: tuple[_Part, ...]


_Part = str | JSONPath | _Range


class JsonPathTemplate:
    """A compiled template; raise JSONPathError for one that is broken."""

    def __init__(self, text: str) -> None:
        tokens = _tokens(text)
        self._parts = tuple(_parse(tokens, text, inside=False))

    def render(self, tree: Any) -> str:
        found = self._found(tree)
        return "".join(each if isinstance(each, str) else " ".join(map(value_text, each)) for each in found)

    def render_json(self, tree: Any) -> str:
        """What is found at each place as a list, as Go writes it."""
        found = ([value] if isinstance(value, str) else value for value in self._found(tree))
        text = "".join(f"{json.dumps(each, indent=4, ensure_ascii=False, sort_keys=True)}\n" for each in found)
        return text.translate(_OF_HTML)

    def _found(self, tree: Any) -> Iterator[str | list[Any]]:
        return _found(self._parts, tree)


_OF_HTML = {ord(each): f"\\u{ord(each):04x}" for each in "<>&\u2028\u2029"}


class JsonPathPrinter(Printer):
    """Each version of each object by itself; with --until-synced one List of all, as kubectl's. `single` is for one
    object asked for by its name, which has no List around it.
    """

    def __init__(self, template: str, masking: Masking, *, single: bool = False, as_json: bool = False) -> None:
        compiled = JsonPathTemplate(template)
        self._render = compiled.render_json if as_json else compiled.render
        self._masking = masking
        self._single = single

    def initial(self, changes: Sequence[ObjectChange], final: bool) -> str:
        if not final:
            return super().initial(changes, final)
        items = [self._masking.tree(each.object) for each in changes]
        if self._single and len(items) == 1:
            return self._render(items[0])
        return self._render({"kind": "List", "apiVersion": "v1", "metadata": {}, "items": items})

    def is_one(self, final: bool) -> bool:
        """The template sees a List, at the end."""
        return final

    def change(self, change: ObjectChange) -> str:
        """The template's text and a newline if it lacks one."""
        text = self._render(self._masking.tree(change.object))
        return text if text.endswith("\n") else text + "\n"


def _tokens(text: str) -> Iterator[str]:
    """Plain text and `{...}` in turn; braces inside quotes do not count."""
    position = 0
    while position < len(text):
        start = text.find("{", position)
        if start < 0:
            yield text[position:]
            return
        if start > position:
            yield text[position:start]
        end = start + 1
        while end < len(text) and text[end] != "}":
            quoted = _LITERAL.match(text, end)
            end = quoted.end() if quoted else end + 1
        if end >= len(text):
            raise JSONPathError(f"{text!r} has an unclosed brace")
        yield text[start : end + 1]
        position = end + 1


def _parse(tokens: Iterator[str], whole: str, inside: bool) -> Iterator[_Part]:
    for token in tokens:
        if not token.startswith("{"):
            yield token
            continue
        inner = token[1:-1].strip()
        if inner == "end":
            if not inside:
                raise JSONPathError(f"{whole!r} has an end without a range")
            return
        if inner.startswith("range ") or inner == "range":
            yield _Range(parse_json_path(inner.removeprefix("range").strip()), tuple(_parse(tokens, whole, True)))
        elif _LITERAL.fullmatch(inner):
            yield _literal(inner)
        else:
            yield parse_json_path(inner)
    if inside:
        raise JSONPathError(f"{whole!r} has a range without an end")


def _literal(quoted: str) -> str:
    inner = quoted[1:-1] if quoted[0] == '"' else quoted[1:-1].replace("\\'", "'").replace('"', '\\"')
    try:
        text: str = msgspec.json.decode(f'"{inner}"')
    except msgspec.DecodeError as error:
        raise JSONPathError(f"{quoted} is not a literal: {error}") from error
    return text


def _found(parts: Sequence[_Part], tree: Any) -> Iterator[str | list[Any]]:
    """Text as it is, and what is found at each path."""
    for part in parts:
        if isinstance(part, str):
            yield part
        elif isinstance(part, JSONPath):
            yield part.find(tree)
        else:
            for item in part.path.find(tree):
                yield from _found(part.body, item)
