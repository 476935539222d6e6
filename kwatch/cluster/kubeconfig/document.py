"""One kubeconfig file: YAML, checked field by field."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from kwatch.cluster.config_error import ConfigError


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML without dates: `2024-01-01` in a kubeconfig is a string."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in _Loader.yaml_implicit_resolvers.items()
}


def load_yaml(path: Path) -> Mapping[str, Any]:
    """The file's mapping, empty for an empty file; raise ConfigError with file and line."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"The kubeconfig {path} cannot be read: {error.strerror or error}.") from error
    try:
        tree = yaml.load(content, Loader=_Loader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ConfigError(f"The kubeconfig {_place(path, error)} is not valid YAML{_problem(error)}.") from error
    if tree is None:
        return {}
    if not isinstance(tree, dict):
        raise ConfigError(
            f"The kubeconfig {path} holds {_kind(tree)} where a mapping is expected; it is no kubeconfig."
        )
    return tree


def _place(path: Path, error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    return f"{path}, line {mark.line + 1}, column {mark.column + 1}," if mark is not None else str(path)


def _problem(error: Exception) -> str:
    problem = getattr(error, "problem", None) or getattr(error, "reason", None)
    return f": {problem}" if isinstance(problem, str) else ""


def _kind(value: Any) -> str:
    names = {list: "a list", dict: "a mapping", str: "a text", bool: "true or false", type(None): "nothing"}
    return names.get(type(value), "a number")


class Fields:
    """The fields of one mapping in one file, read with their types; what is wrong is told with its place."""

    def __init__(self, tree: Any, path: Path, place: str) -> None:
        if tree is None:
            tree = {}
        if not isinstance(tree, dict):
            raise ConfigError(f"In the kubeconfig {path}, {place} is {_kind(tree)} where a mapping is expected.")
        self._tree: Mapping[Any, Any] = tree
        self._path = path
        self._place = place

    def __contains__(self, name: str) -> bool:
        return self._tree.get(name) is not None

    def text(self, name: str) -> str:
        """A string; a number or a boolean is taken as it is spelled."""
        value = self._tree.get(name)
        if value is None:
            return ""
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, str | int | float):
            return str(value)
        raise self._wrong(name, value, "a text")

    def flag(self, name: str) -> bool:
        """A boolean."""
        value = self._tree.get(name)
        if value is None or isinstance(value, bool):
            return bool(value)
        raise self._wrong(name, value, "true or false")

    def raw(self, name: str) -> Any:
        """Whatever stands there."""
        return self._tree.get(name)

    def items(self, name: str) -> list[Fields]:
        """A list of mappings."""
        value = self._tree.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self._wrong(name, value, "a list")
        return [Fields(item, self._path, f"item {number} of {name}") for number, item in enumerate(value, 1)]

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of strings."""
        value = self._tree.get(name)
        if value is None:
            return ()
        if not isinstance(value, list) or any(isinstance(item, dict | list) for item in value):
            raise self._wrong(name, value, "a list of texts")
        return tuple("" if item is None else str(item) for item in value)

    def text_lists(self, name: str) -> Mapping[str, tuple[str, ...]]:
        """A mapping from strings to lists of strings."""
        lists = self.child(name)
        return {str(key): lists.texts(key) for key in lists._tree}

    def child(self, name: str, place: str = "") -> Fields:
        """A mapping inside, empty if there is none."""
        return Fields(self._tree.get(name), self._path, place or f"{name} of {self._place}")

    def file(self, name: str) -> Path | None:
        """A path; a relative one belongs to the folder of the kubeconfig."""
        text = self.text(name)
        return self._path.parent / text if text else None

    def data(self, name: str) -> bytes | None:
        """Base64."""
        text = self.text(name)
        if not text:
            return None
        try:
            return base64.b64decode("".join(text.split()), validate=True)
        except (binascii.Error, ValueError) as error:
            raise ConfigError(
                f"In the kubeconfig {self._path}, {name} of {self._place} is not valid base64."
            ) from error

    def _wrong(self, name: str, value: Any, expected: str) -> ConfigError:
        return ConfigError(
            f"In the kubeconfig {self._path}, {name} of {self._place} is {_kind(value)} where {expected} is expected."
        )
