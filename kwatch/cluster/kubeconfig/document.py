"""One kubeconfig file: YAML, checked field by field."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kwatch.base.yaml_nodes import YAMLProblem
from kwatch.cluster.config_error import ConfigError
from kwatch.cluster.files import USER_FILES
from kwatch.cluster.kubeconfig.go_yaml import first_document

_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")


def load_yaml(path: Path) -> Mapping[str, Any]:
    """The file's mapping, empty for an empty file; raise ConfigError with file and line."""
    try:
        content = USER_FILES.read(path)
    except OSError as error:
        raise ConfigError(f"The kubeconfig {path} cannot be read: {error.strerror or error}.") from error
    try:
        tree = first_document(content)
    except YAMLProblem as error:
        place = f"{path}, line {error.line}, column {error.column}," if error.line is not None else str(path)
        raise ConfigError(f"The kubeconfig {place} is not valid YAML: {error.problem}.") from error
    if tree is None:
        return {}
    if not isinstance(tree, dict):
        raise ConfigError(
            f"The kubeconfig {path} holds {_kind(tree)} where a mapping is expected; it is no kubeconfig."
        )
    return tree


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
        self._tree: Mapping[str, Any] = tree
        self._path = path
        self._place = place

    def __contains__(self, name: str) -> bool:
        return self._tree.get(name) is not None

    def text(self, name: str) -> str:
        """A string. A number or a boolean is none, as to kubectl: what it looks like is not what was written."""
        value = self._tree.get(name)
        if value is None:
            return ""
        if isinstance(value, str):
            return value
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
        if not isinstance(value, list) or not all(item is None or isinstance(item, str) for item in value):
            raise self._wrong(name, value, "a list of texts")
        return tuple(item or "" for item in value)

    def all_texts(self) -> dict[str, str]:
        """Every field, as text."""
        return {name: self.text(name) for name in self._tree}

    def text_lists(self, name: str) -> Mapping[str, tuple[str, ...]]:
        """A mapping from strings to lists of strings."""
        lists = self.child(name)
        return {key: lists.texts(key) for key in lists._tree}

    def child(self, name: str, place: str = "") -> Fields:
        """A mapping inside, empty if there is none."""
        return Fields(self._tree.get(name), self._path, place or f"{name} of {self._place}")

    def file(self, name: str) -> Path | None:
        """A path; a relative one belongs to the folder of the kubeconfig."""
        text = self.text(name)
        return self._path.parent / text if text else None

    def data(self, name: str) -> bytes | None:
        """Base64, perhaps broken into lines; or, as Go takes it too, a list of the bytes."""
        value = self._tree.get(name)
        if isinstance(value, list) and all(type(byte) is int and 0 <= byte < 256 for byte in value):
            return bytes(value) or None
        text = self.text(name).replace("\r", "").replace("\n", "")
        if not _BASE64.fullmatch(text):
            raise ConfigError(f"In the kubeconfig {self._path}, {name} of {self._place} is not valid base64.")
        return base64.b64decode(text) or None

    def extensions(self) -> dict[str, Any]:
        """What other programs keep here, by name."""
        found: dict[str, Any] = {}
        for item in self.items("extensions"):
            name = item.text("name")
            if found.get(name) is not None:
                raise ConfigError(
                    f"In the kubeconfig {self._path}, {self._place} has two extensions named {name!r}; remove one."
                )
            found[name] = item.raw("extension")
        return found

    def _wrong(self, name: str, value: Any, expected: str) -> ConfigError:
        return ConfigError(
            f"In the kubeconfig {self._path}, {name} of {self._place} is {_kind(value)} where {expected} is expected"
            f"{'; write it in quotes' if isinstance(value, bool | int | float) and expected == 'a text' else ''}."
        )
