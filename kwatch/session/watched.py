"""What identifies a shared informer: two views of the same thing share one."""

from __future__ import annotations

from dataclasses import dataclass

from kwatch.informer.resource import Resource


@dataclass(frozen=True, slots=True)
class Watched:
    """A resource, where, and narrowed by which selectors on the server. `namespace` None is all namespaces."""

    resource: Resource
    namespace: str | None = None
    label_selector: str | None = None
    field_selector: str | None = None

    def __str__(self) -> str:
        parts = [str(self.resource)]
        if self.resource.namespaced:
            parts.append(f"in {self.namespace}" if self.namespace else "in all namespaces")
        if self.label_selector:
            parts.append(f"-l {self.label_selector}")
        if self.field_selector:
            parts.append(f"--field-selector {self.field_selector}")
        return " ".join(parts)
