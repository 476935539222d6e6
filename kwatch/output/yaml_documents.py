"""`-o yaml`: one document a change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml

from kwatch.output.change import Gap, ObjectChange
from kwatch.output.masking import Masking

_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class YamlPrinter:
    """What is there now is a List with --until-synced, as kubectl's; else every version is a document of its own."""

    def __init__(self, masking: Masking) -> None:
        self._masking = masking

    def initial(self, changes: Sequence[ObjectChange], final: bool) -> str:
        """One List, or a document each."""
        if not final:
            return "".join(map(self.change, changes))
        items = [self._masking.tree(each.object) for each in changes]
        return to_yaml({"apiVersion": "v1", "items": items, "kind": "List", "metadata": {"resourceVersion": ""}})

    def change(self, change: ObjectChange) -> str:
        """The object; what happened to it is a comment."""
        return f"--- # {change.type}\n{to_yaml(self._masking.tree(change.object))}"

    def gap(self, gap: Gap) -> str:
        """A comment between documents."""
        return f"# GAP: {gap.cause}\n"


def to_yaml(tree: Any) -> str:
    """As kubectl writes it: keys sorted, blocks, no line folding, control characters escaped by YAML itself."""
    text: str = yaml.dump(
        tree, Dumper=_Dumper, sort_keys=True, default_flow_style=False, width=1 << 30, allow_unicode=True
    )
    return text
