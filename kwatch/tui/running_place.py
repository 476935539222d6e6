"""Where an object is watched already: opening it there starts no other watch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kwatch.tui.place import Place

if TYPE_CHECKING:
    from kwatch.session.session import Session
    from kwatch.session.watched import Watched


def place_of(session: Session, resource: str, key: str) -> Place | None:
    """The place of an object (`pods`, `deployments.apps`; namespace/name); None if there is no such resource."""
    namespace = key.rpartition("/")[0] or None
    running = [each for each in session.informers() if str(each.watched.resource) == resource]
    holding = [each.watched for each in running if each.informer.indexer.get_by_key(key) is not None]
    seeing = [each.watched for each in running if _sees(each.watched, namespace)]
    for watched in (*holding, *seeing):
        return Place(watched.resource, watched.namespace, watched.label_selector, watched.field_selector)
    known = session.names.resources if session.names is not None else ()
    found = next((each for each in known if str(each) == resource), None)
    return Place(found, namespace if found.namespaced else None) if found is not None else None


def _sees(watched: Watched, namespace: str | None) -> bool:
    """Whether it would see any object there."""
    is_whole = not watched.label_selector and not watched.field_selector
    return is_whole and watched.namespace in (None, namespace)
