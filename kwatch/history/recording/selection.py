"""Which objects of a recording a reader wants: by namespace, labels and fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kwatch.informer.kube_object import KubeObject
from kwatch.informer.selectors import parse_field_selector, parse_label_selector


@dataclass(frozen=True, slots=True)
class Selection:
    """None selects everything; raise SelectorSyntaxError when asked with a selector that is none."""

    namespace: str | None = None
    label_selector: str | None = None
    field_selector: str | None = None

    def matches(self, obj: KubeObject) -> bool:
        """Whether an object is wanted."""
        if self.namespace is not None and obj.namespace != self.namespace:
            return False
        if self.label_selector and not parse_label_selector(self.label_selector).matches(obj.labels):
            return False
        if not self.field_selector:
            return True
        selector = parse_field_selector(self.field_selector)
        return selector.matches(_fields(obj.tree(), [each.key for each in selector.requirements]))


def _fields(tree: Mapping[str, Any], paths: list[str]) -> dict[str, str]:
    return {path: text for path in paths if (text := _text(tree, path))}


def _text(tree: Any, path: str) -> str:
    for name in path.split("."):
        tree = tree.get(name) if isinstance(tree, Mapping) else None
    return "" if tree is None else str(tree).lower() if isinstance(tree, bool) else str(tree)
