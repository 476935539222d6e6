"""What is said beside each namespace in the list of them: its phase, and how much of what is watched is in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from kwatch.informer.index import NAMESPACE_INDEX

if TYPE_CHECKING:
    from kwatch.session.namespaces import Namespaces

COUNTED = ("pods", "deployments", "statefulsets", "daemonsets", "jobs", "services")
"""In this order; nothing is listed for it."""


def namespace_notes(known: Namespaces) -> Callable[[str], str]:
    """`Active · 43 pods, 12 deployments`; counts are of what is watched already, for whatever reason."""
    counts: dict[str, dict[str, int]] = {}
    for each in known.session.informers():
        watched, indexer = each.watched, each.informer.indexer
        name = watched.resource.name
        if name not in COUNTED or not watched.is_whole or not each.informer.status.synced:
            continue
        if watched.namespace is not None:
            counts.setdefault(watched.namespace, {})[name] = len(indexer)
        elif NAMESPACE_INDEX in indexer.index_names:
            for namespace, count in indexer.index_counts(NAMESPACE_INDEX).items():
                counts.setdefault(namespace, {})[name] = count

    def note(name: str) -> str:
        found = counts.get(name, {})
        told = ", ".join(f"{found[each]:,} {each}" for each in COUNTED if found.get(each))
        return " · ".join(part for part in (known.phase(name), told) if part)

    return note
