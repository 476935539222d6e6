"""`-o name`: one `pod/web-1` a change."""

from __future__ import annotations

from collections.abc import Sequence

from kwatch.base.printable import printable
from kwatch.informer.resource import Resource
from kwatch.output.change import Gap, ObjectChange


class NamePrinter:
    """As kubectl: the singular resource, its group, the name."""

    def initial(self, changes: Sequence[ObjectChange], final: bool) -> str:
        """A line each."""
        return "".join(map(self.change, changes))

    def change(self, change: ObjectChange) -> str:
        """One line."""
        return f"{type_prefix(change.resource)}/{printable(change.object.name)}\n"

    def gap(self, gap: Gap) -> str:
        """A list of names has no place for it."""
        return ""


def type_prefix(resource: Resource) -> str:
    """`pod`, `deployment.apps`: how kubectl names the type of one object."""
    singular = resource.singular or resource.kind.casefold()
    return f"{singular}.{resource.group}" if resource.group else singular
