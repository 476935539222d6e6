"""An object's tree: walking it without minding what is missing, and reading only what some paths can reach."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

import msgspec

from kwatch.catalog.go_text import go_text
from kwatch.catalog.jsonpath import JSONPath
from kwatch.informer.kube_object import KubeObject


class Tree:
    """A place in a tree. Beyond what is there everything is empty, and nothing raises."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __getitem__(self, key: str) -> Tree:
        return Tree(self.value.get(key)) if isinstance(self.value, dict) else _NOWHERE

    def at(self, *keys: str) -> Tree:
        """The place below."""
        place = self
        for key in keys:
            place = place[key]
        return place

    def __iter__(self) -> Iterator[Tree]:
        if isinstance(self.value, list):
            yield from map(Tree, self.value)

    def entries(self) -> Iterator[tuple[str, Tree]]:
        """Keys and places of an object, sorted."""
        if isinstance(self.value, dict):
            for key in sorted(self.value):
                yield key, Tree(self.value[key])

    def __bool__(self) -> bool:
        return self.value not in (None, "", [], {})

    def __len__(self) -> int:
        return len(self.value) if isinstance(self.value, list | dict) else 0

    def text(self, default: str = "") -> str:
        """A scalar as text; `default` for anything that is absent, empty or no scalar."""
        if self.value is None or self.value == "" or isinstance(self.value, list | dict):
            return default
        return go_text(self.value)

    def compact(self) -> str:
        """Scalars as they are, the rest as JSON."""
        return go_text(self.value) if self else ""

    def joined(self, separator: str = ", ") -> str:
        """The scalars of a list."""
        return separator.join([text for text in (item.text() for item in self) if text])

    def names(self, key: str = "name") -> str:
        """What each item of a list has under a key."""
        return ", ".join([item[key].text() for item in self])

    def pairs(self, separator: str = ", ") -> str:
        """`key=value` of an object."""
        return separator.join([f"{key}={value.text()}" for key, value in self.entries()])

    def number(self) -> int:
        """A whole number, 0 for anything else."""
        return self.value if isinstance(self.value, int) and not isinstance(self.value, bool) else 0


_NOWHERE = Tree(None)


_METADATA_FIELD = re.compile(r"[{$@.\s]*metadata\.(\w+)")
_METADATA = (
    "annotations",
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "finalizers",
    "generateName",
    "generation",
    "labels",
    "name",
    "namespace",
    "ownerReferences",
    "resourceVersion",
    "uid",
)


def partial_tree_reader(paths: Sequence[JSONPath]) -> Callable[[KubeObject], Any]:
    """What reads enough of an object for every path; raises ValueError or RecursionError for bytes that are no tree."""
    roots = {path.root for path in paths}
    if None in roots or not all(_is_within(path) for path in paths):
        return KubeObject.tree
    decode = msgspec.json.Decoder(_shape({root for root in roots if root is not None})).decode

    def read(obj: KubeObject) -> Any:
        try:
            return _present(decode(obj.raw))
        except ValueError:
            return obj.tree()

    return read


def _is_within(path: JSONPath) -> bool:
    """Whether it stays within the metadata that is read, if it enters it at all."""
    if path.root != "metadata":
        return True
    match = _METADATA_FIELD.match(path.text)
    return match is not None and match[1] in _METADATA


def _shape(roots: Collection[str]) -> type[msgspec.Struct]:
    metadata = _struct(dict.fromkeys(_METADATA, Any))
    return _struct({root: metadata | msgspec.UnsetType if root == "metadata" else Any for root in sorted(roots)})


def _struct(fields: dict[str, Any]) -> type[msgspec.Struct]:
    """A Struct of fields that are unset unless they are there, so that null stays null."""
    numbered = {f"field{number}": key for number, key in enumerate(fields)}
    definitions = [(name, fields[key], msgspec.UNSET) for name, key in numbered.items()]
    return msgspec.defstruct("Part", definitions, rename=numbered, gc=False)


def _present(part: msgspec.Struct) -> dict[str, Any]:
    tree = {}
    for name, key in zip(part.__struct_fields__, part.__struct_encode_fields__, strict=True):
        value = getattr(part, name)
        if value is not msgspec.UNSET:
            tree[key] = _present(value) if isinstance(value, msgspec.Struct) else value
    return tree
