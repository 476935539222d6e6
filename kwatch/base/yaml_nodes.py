"""YAML as a tree of what was written, each piece with its place.

No number, date or object is made of a text here, so that nothing in a file can break the reading: callers interpret it.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Any

import yaml

MOST_NODES = 1_000_000
"""How much aliases may blow a file up to."""
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class YAMLProblem(ValueError):
    """What is wrong, and where if that is known: lines and columns count from 1."""

    def __init__(self, problem: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True, eq=False)
class Scalar:
    """A text; `plain` if it has no quotes and may mean something else. `tag` is what it is claimed to be, or empty."""

    line: int
    column: int
    text: str
    plain: bool
    tag: str


@dataclass(frozen=True, slots=True, eq=False)
class Sequence:
    """A list."""

    line: int
    column: int
    items: list[Node]
    tag: str


@dataclass(frozen=True, slots=True, eq=False)
class Mapping:
    """Keys with their values, in order, doubled keys and merge keys (`<<`) as they stand there."""

    line: int
    column: int
    pairs: list[tuple[Node, Node]]
    tag: str


Node = Scalar | Sequence | Mapping


def is_merge(key: Node) -> bool:
    """Whether a key asks for the pairs of other mappings."""
    return isinstance(key, Scalar) and key.plain and key.text == "<<"


def compose(
    content: bytes | str,
    *,
    first_only: bool = False,
    versions: Container[tuple[int, int]] | None = None,
    most_nodes: int = MOST_NODES,
) -> Node | None:
    """The tree of a file; None if there is nothing in it. Raise YAMLProblem.

    A second document is a mistake unless only the `first_only` is wanted; so is a version that is not among `versions`.
    An alias is the very node that it names; `most_nodes` counts them as if each was written out.
    """
    try:
        return _Document(yaml.parse(content, Loader=_Loader), most_nodes).tree(first_only, versions)
    except yaml.YAMLError as error:
        raise _problem(error, content) from error
    except RecursionError:
        raise YAMLProblem("it is nested too deep") from None


class _Document:
    """Builds the tree from the parser's events."""

    def __init__(self, events: Iterator[Any], most_nodes: int) -> None:
        self._events = events
        self._most = most_nodes
        self._anchors: dict[str, tuple[Node, int]] = {}
        """Nodes by anchor, each with the number of nodes in it."""
        self._unfinished: set[str] = set()
        self._nodes = 0

    def tree(self, first_only: bool, versions: Container[tuple[int, int]] | None) -> Node | None:
        found = None
        started = False
        for event in self._events:
            if not isinstance(event, yaml.DocumentStartEvent):
                continue
            if started:
                raise YAMLProblem("there is more than one document in it", *_place(event))
            started = True
            if event.version is not None and versions is not None and event.version not in versions:
                written = ".".join(map(str, event.version))
                raise YAMLProblem(f"it says that it is YAML {written}, which is not read here")
            found = self._node(next(self._events))
            if first_only:
                break
        return found

    def _node(self, event: Any) -> Node:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        before = self._nodes
        self._count(1)
        if event.anchor is not None:
            self._unfinished.add(event.anchor)
        node: Node
        tag = event.tag or ""
        if isinstance(event, yaml.ScalarEvent):
            node = Scalar(*_place(event), event.value, bool(event.implicit[0]), tag)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = Sequence(*_place(event), [*self._items(yaml.SequenceEndEvent)], tag)
        else:
            node = Mapping(*_place(event), [*self._pairs()], tag)
        if event.anchor is not None:
            self._unfinished.discard(event.anchor)
            self._anchors[event.anchor] = node, self._nodes - before
        return node

    def _alias(self, event: Any) -> Node:
        if event.anchor in self._unfinished:
            raise YAMLProblem(f"the anchor {event.anchor!r} contains itself", *_place(event))
        if event.anchor not in self._anchors:
            raise YAMLProblem(f"the anchor {event.anchor!r} is not known", *_place(event))
        node, nodes = self._anchors[event.anchor]
        self._count(nodes)
        return node

    def _count(self, nodes: int) -> None:
        self._nodes += nodes
        if self._nodes > self._most:
            raise YAMLProblem("its aliases make it too large")

    def _items(self, end: type[Any]) -> Iterator[Node]:
        while not isinstance(event := next(self._events), end):
            yield self._node(event)

    def _pairs(self) -> Iterator[tuple[Node, Node]]:
        nodes = self._items(yaml.MappingEndEvent)
        for key in nodes:
            yield key, next(nodes)


def _place(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _problem(error: yaml.YAMLError, content: bytes | str) -> YAMLProblem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None)
    words = problem if isinstance(problem, str) else "it is not YAML"
    if mark is not None:
        return YAMLProblem(words, mark.line + 1, mark.column + 1)
    position = getattr(error, "position", None)
    if not isinstance(position, int):
        return YAMLProblem(words)
    before = content[:position]
    newlines = before.count(b"\n") if isinstance(before, bytes) else before.count("\n")
    return YAMLProblem(f"it is not text: {words}", newlines + 1)
