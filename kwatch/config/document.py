"""A YAML file fitted to a type, with the line of each mistake. What should be a text is one, whatever it looks like."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import Any, NoReturn, TypeVar, Union, get_args, get_origin

import msgspec

from kwatch.base import yaml_nodes
from kwatch.base.files import read_file
from kwatch.base.yaml_nodes import Mapping, Node, Scalar, YAMLProblem, compose, is_merge


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. `line` counts from 1; 0 when it concerns the whole file. `spares`: all else in the file counts."""

    file: Path
    line: int
    reason: str
    spares: bool = False

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else str(self.file)
        return f"{place}: {self.reason}"


T = TypeVar("T")

MOST_NODES = 100_000
TRUTHS = {
    **dict.fromkeys(("true", "yes", "on", "y"), True),
    **dict.fromkeys(("false", "no", "off", "n"), False),
}
_NOTHING = ("", "~", "null", "Null", "NULL")
_STRING = "tag:yaml.org,2002:str"
_INTEGER = re.compile(r"[-+]?[0-9]{1,15}")
_LONGEST = 40
_MOST_NAMED = 3


class InvalidDocument(Exception):
    """A file that cannot be used; `problem` says where and why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def read_document(path: Path, shape: type[T]) -> T:
    """Read a YAML file as `shape`; raise InvalidDocument, or OSError when it cannot be read."""
    return fit(read_tree(path), shape, path)


def parse_document(text: str | bytes, shape: type[T], path: Path) -> T:
    """Like read_document, from text; `path` is only named in the problem."""
    return fit(parse_tree(text, path), shape, path)


def read_tree(path: Path) -> Node | None:
    """The tree of a YAML file, None if it is empty; raise InvalidDocument, or OSError when it cannot be read."""
    return parse_tree(read_file(path), path)


def parse_tree(text: str | bytes, path: Path) -> Node | None:
    try:
        return compose(text, most_nodes=MOST_NODES)
    except YAMLProblem as error:
        raise InvalidDocument(Problem(path, error.line or 0, error.problem)) from error


def fit(tree: Node | None, shape: type[T], path: Path, unknown: list[UnknownKey] | None = None) -> T:
    """A tree as `shape`, a msgspec Struct of texts, numbers, truths, lists and mappings; raise InvalidDocument.

    Keys that mean nothing are added to `unknown`, where a struct does not forbid them and there is such a list.
    """
    try:
        value: T = _Fitting(path, unknown).value(tree or Mapping(1, 1, [], ""), shape, "")
        return value
    except RecursionError:
        raise InvalidDocument(Problem(path, 0, "it is nested too deep")) from None


def reason_of(error: OSError) -> str:
    """Why a file cannot be read, for a Problem."""
    return f"cannot be read: {error.strerror or error}"


def line_of(path: Path, place: Sequence[str | int]) -> int:
    """The line of what stands under these keys and indexes in a file, or of its nearest parent; 0 if it is not YAML."""
    try:
        node = read_tree(path)
    except (InvalidDocument, OSError):
        return 0
    line = node.line if node is not None else 0
    for each in place:
        key, node = _child(node, each)
        if key is None:
            break
        line = key.line
    return line


def as_plain(node: Node | None) -> Any:
    """A tree of dicts, lists and texts; None for what says nothing."""
    if isinstance(node, Scalar):
        return None if node.plain and node.text in _NOTHING else node.text
    if isinstance(node, Mapping):
        return {key.text: as_plain(value) for key, value in node.pairs if isinstance(key, Scalar)}
    return [as_plain(each) for each in node.items] if node is not None else None


def _child(node: Node | None, step: str | int) -> tuple[Node | None, Node | None]:
    """The node that names a part, and the part; for what is in a list they are one."""
    if isinstance(node, Mapping):
        named = [pair for pair in node.pairs if isinstance(pair[0], Scalar) and pair[0].text == step]
        return named[0] if named else (None, None)
    if isinstance(node, yaml_nodes.Sequence) and isinstance(step, int) and step < len(node.items):
        return node.items[step], node.items[step]
    return None, None


class _Fitting:
    """Makes values of the nodes of one file."""

    def __init__(self, path: Path, unknown: list[UnknownKey] | None = None) -> None:
        self._path = path
        self._unknown = unknown

    def value(self, node: Node, shape: Any, name: str) -> Any:
        if get_origin(shape) in (Union, UnionType):
            return None if _is_nothing(node) else self.value(node, _alternative(node, get_args(shape)), name)
        if isinstance(shape, type) and issubclass(shape, msgspec.Struct):
            return self._struct(node, shape, name)
        origin = get_origin(shape)
        if origin is tuple:
            items = self._sequence(node, name)
            return tuple(self.value(each, get_args(shape)[0], f"an item of {name}") for each in items)
        if origin is dict:
            pairs = self._pairs(node, name)
            return {key.text: self.value(each, get_args(shape)[1], f"{name}.{_short(key.text)}") for key, each in pairs}
        return self._scalar(node, shape, name)

    def _struct(self, node: Node, shape: type[msgspec.Struct], name: str) -> Any:
        fields = {field.encode_name: field for field in msgspec.structs.fields(shape)}
        values: dict[str, Any] = {}
        for key, each in self._pairs(node, name):
            field = fields.get(key.text)
            if field is None and self._unknown is not None and not shape.__struct_config__.forbid_unknown_fields:
                self._unknown.append(UnknownKey(key.text, key.line, _near(key.text, fields)))
                continue
            if field is None:
                near = _near(key.text, fields)
                self._refuse(key, f"{_short(key.text)!r} means nothing here{f'; {near}?' if near else ''}")
            if not _is_nothing(each):
                values[field.name] = self.value(each, field.type, f"{name}.{key.text}".removeprefix("."))
        missing = [field.encode_name for field in fields.values() if field.required and field.name not in values]
        if missing:
            self._refuse(node, f"{', '.join(missing)} must be set{f' in {name}' if name else ''}")
        try:
            return shape(**values)
        except ValueError as error:
            self._refuse(node, str(error))

    def _scalar(self, node: Node, shape: Any, name: str) -> Any:
        expected = {bool: "true or false", int: "a number"}.get(shape, "a text")
        if not isinstance(node, Scalar):
            self._refuse(node, f"{name} is {_kind(node)} where {expected} is expected")
        if node.tag not in ("", "!", _STRING):
            self._refuse(node, f"the tag {_short(node.tag)!r} means nothing here")
        if shape is bool:
            word = TRUTHS.get(node.text.casefold())
            if word is None:
                self._refuse(node, f"{name} is {_short(node.text)!r} where {expected} is expected")
            return word
        if shape is int:
            if not _INTEGER.fullmatch(node.text):
                self._refuse(node, f"{name} is {_short(node.text)!r} where {expected} is expected")
            return int(node.text)
        return "" if _is_nothing(node) else node.text

    def _sequence(self, node: Node, name: str) -> list[Node]:
        if not isinstance(node, yaml_nodes.Sequence):
            self._refuse(node, f"{name} is {_kind(node)} where a list is expected")
        return node.items

    def _pairs(self, node: Node, name: str) -> list[tuple[Scalar, Node]]:
        """Each key once: what a mapping says itself wins over what it merges."""
        if not isinstance(node, Mapping):
            self._refuse(node, f"{name or 'the file'} is {_kind(node)} where a mapping is expected")
        own: dict[str, tuple[Scalar, Node]] = {}
        merged: dict[str, tuple[Scalar, Node]] = {}
        for key, value in node.pairs:
            if is_merge(key):
                for source in self._sources(value):
                    for pair in self._pairs(source, "what is merged"):
                        merged.setdefault(pair[0].text, pair)
            elif not isinstance(key, Scalar):
                self._refuse(key, "a key is not text")
            elif key.text in own:
                self._refuse(key, f"{_short(key.text)!r} is there twice; the first is in line {own[key.text][0].line}")
            else:
                own[key.text] = key, value
        return [*(merged | own).values()]

    def _sources(self, node: Node) -> Iterator[Node]:
        yield from node.items if isinstance(node, yaml_nodes.Sequence) else (node,)

    def _refuse(self, node: Node, reason: str) -> NoReturn:
        raise InvalidDocument(Problem(self._path, node.line, reason))


@dataclass(frozen=True, slots=True)
class UnknownKey:
    """One that means nothing; `near` is one that does, or empty."""

    name: str
    line: int
    near: str

    def __str__(self) -> str:
        return f"{_short(self.name)!r}{f' ({self.near}?)' if self.near else ''}"


def unknown_keys(keys: Sequence[UnknownKey], path: Path) -> Problem:
    """One sentence for keys that mean nothing, as they may in a file for a later version."""
    names = [*map(str, keys[:_MOST_NAMED]), *([f"{len(keys) - _MOST_NAMED:,} more"] if len(keys) > _MOST_NAMED else [])]
    listed = " and ".join([*([", ".join(names[:-1])] if len(names) > 1 else []), names[-1]])
    reason = f"{listed} {'mean' if len(names) > 1 else 'means'} nothing here; all else counts"
    return Problem(path, keys[0].line, reason, spares=True)


def _near(text: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    return next(iter(get_close_matches(text, known, 1)), "")


def _alternative(node: Node, shapes: tuple[Any, ...]) -> Any:
    """The one of several shapes that a node can have; the first where it can have none."""
    for shape in shapes:
        if isinstance(node, Mapping) and isinstance(shape, type) and issubclass(shape, msgspec.Struct):
            return shape
        if isinstance(node, yaml_nodes.Sequence) and get_origin(shape) is tuple:
            return shape
    return shapes[0]


def _is_nothing(node: Node) -> bool:
    return isinstance(node, Scalar) and node.plain and node.text in _NOTHING


def _kind(node: Node) -> str:
    if isinstance(node, Scalar):
        return "empty" if _is_nothing(node) else f"the text {_short(node.text)!r}"
    return "a mapping" if isinstance(node, Mapping) else "a list"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
