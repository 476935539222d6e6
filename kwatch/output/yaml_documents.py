"""`-o yaml`: one document a change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kwatch.base.printable import printable
from kwatch.output.change import Gap, ObjectChange
from kwatch.output.masking import Masking
from kwatch.view.yaml_text import to_yaml


class YamlPrinter:
    """What is there now is a List with --until-synced, as kubectl's; else every version is a document of its own.

    `single` is for one object asked for by its name: kubectl prints it without a List around it.
    """

    def __init__(self, masking: Masking, *, single: bool = False, managed_fields: bool = False) -> None:
        self._masking = masking
        self._single = single
        self._managed_fields = managed_fields

    def initial(self, changes: Sequence[ObjectChange], final: bool) -> str:
        """One List, or a document each."""
        if not final:
            return "".join(map(self.change, changes))
        items = [self._tree(each) for each in changes]
        if self._single and len(items) == 1:
            return to_yaml(items[0])
        return to_yaml({"apiVersion": "v1", "items": items, "kind": "List", "metadata": {"resourceVersion": ""}})

    def change(self, change: ObjectChange) -> str:
        """The object; what happened to it is a comment."""
        return f"--- # {change.type}\n{to_yaml(self._tree(change))}"

    def gap(self, gap: Gap) -> str:
        """A comment between documents."""
        return f"# GAP: {printable(gap.cause)}\n"

    def _tree(self, change: ObjectChange) -> dict[str, Any]:
        tree = self._masking.tree(change.object)
        if self._managed_fields or not isinstance(tree.get("metadata"), dict):
            return tree
        return {**tree, "metadata": {key: value for key, value in tree["metadata"].items() if key != "managedFields"}}
