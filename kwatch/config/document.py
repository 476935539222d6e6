"""A YAML file checked against a msgspec type, with the line of every mistake."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

from kwatch.config.problem import Problem

T = TypeVar("T")

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_AT = re.compile(r" - at `([^`]*)`$")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")


class InvalidDocument(Exception):
    """A file that cannot be used; `problem` says where and why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def read_document(path: Path, shape: type[T]) -> T:
    """Read a YAML file as `shape`; raise InvalidDocument, or OSError when it cannot be read."""
    return parse_document(read_text(path), shape, path)


def read_text(path: Path) -> str:
    """A file's text; raise InvalidDocument if it is none, or OSError."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InvalidDocument(Problem(path, 0, f"is not UTF-8 text: {error.reason}")) from error


def read_tree(text: str, path: Path) -> Any:
    """The YAML in a text; raise InvalidDocument."""
    try:
        return yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise InvalidDocument(_syntax_problem(path, error)) from error
    except RecursionError as error:
        raise InvalidDocument(Problem(path, 0, "is nested too deeply")) from error


def parse_document(text: str, shape: type[T], path: Path) -> T:
    """Like read_document, from text; `path` is only named in the problem."""
    try:
        tree = yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise InvalidDocument(_syntax_problem(path, error)) from error
    except RecursionError as error:
        raise InvalidDocument(Problem(path, 0, "is nested too deeply")) from error
    try:
        return msgspec.convert({} if tree is None else tree, shape)
    except msgspec.ValidationError as error:
        message = str(error)
        where = _AT.search(message)
        line = _line_of(text, where.group(1)) if where else 0
        raise InvalidDocument(Problem(path, line, _AT.sub("", message) + _place(where))) from error


def _place(where: re.Match[str] | None) -> str:
    path = where.group(1).removeprefix("$").removeprefix(".") if where else ""
    return f" (at {path})" if path else ""


def _syntax_problem(path: Path, error: yaml.YAMLError) -> Problem:
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        return Problem(path, mark.line + 1 if mark else 0, error.problem or "is not YAML")
    return Problem(path, 0, str(error))


def line_of(path: Path, place: Sequence[str | int]) -> int:
    """The line of what stands under these keys and indices in a file, or of its nearest parent; 0 if it is not YAML."""
    try:
        return _line_at(read_text(path), place)
    except (InvalidDocument, OSError, yaml.YAMLError, RecursionError):
        return 0


def _line_of(text: str, where: str) -> int:
    """The line of a msgspec path such as `$.keys[...]`."""
    return _line_at(text, [name or (int(index) if index.isdigit() else index) for name, index in _STEP.findall(where)])


def _line_at(text: str, place: Sequence[str | int]) -> int:
    node = yaml.compose(text, Loader=_Loader)
    line = node.start_mark.line if node is not None else 0
    for each in place:
        step = None
        if isinstance(node, yaml.MappingNode) and isinstance(each, str):
            step = next(((key, value) for key, value in node.value if key.value == each), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(each, int) and each < len(node.value):
            step = (node.value[each], node.value[each])
        if step is None:
            break
        line, node = step[0].start_mark.line, step[1]
    return int(line) + 1
