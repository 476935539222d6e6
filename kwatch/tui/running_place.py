"""Where an object is watched already: opening it there starts no other watch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kwatch.tui.place import Place

if TYPE_CHECKING:
    from kwatch.session.session import Session


def place_of(session: Session, resource: str, key: str) -> Place | None:
    """The place of an object (`pods`, `deployments.apps`; namespace/name); None if there is no such resource."""
    namespace = key.rpartition("/")[0] or None
    running = [
        informer.watched
        for informer in session.informers()
        if str(informer.watched.resource) == resource
        and informer.watched.namespace in (None, namespace)
        and not informer.watched.label_selector
        and not informer.watched.field_selector
    ]
    if running:
        return Place(running[0].resource, running[0].namespace)
    known = session.names.resources if session.names is not None else ()
    found = next((each for each in known if str(each) == resource), None)
    return Place(found, namespace if found.namespaced else None) if found is not None else None
