"""The first place, when a cluster is connected: what was asked for meanwhile, else what the command line asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kwatch.catalog.names import UnknownResource
from kwatch.informer.selectors import field_is
from kwatch.tui.place import Place

if TYPE_CHECKING:
    from kwatch.catalog.names import ResourceNames
    from kwatch.informer.resource import Resource
    from kwatch.tui.screens.table_screen import TableScreen


def arrive(screen: TableScreen) -> None:
    """Go there; where no such resource exists, to the pods; where there are none either, once there are."""
    start, session = screen.kwatch.start, screen.kwatch.session
    if session is None or session.names is None or session.names is screen.looked_through:
        return
    is_first, screen.looked_through = screen.looked_through is None, session.names
    wish, screen.wish = screen.wish, None
    if wish is not None:
        wish()
        if screen.live is not None:
            return
    resources = screen.resolve_all(start.resource) if is_first else _found(session.names, start.resource)
    resources = resources or _found(session.names, "pods")
    if not resources:
        return
    place = _first_place(screen, resources)
    screen.go(place)
    if start.name and not place.others:
        key = f"{place.namespace}/{start.name}" if place.namespace else start.name
        screen.push_object(session, place, key, "history")


def _found(names: ResourceNames, text: str) -> tuple[Resource, ...]:
    """Of what was told already, nothing is said again."""
    try:
        return names.resolve(text)
    except UnknownResource:
        return ()


def _first_place(screen: TableScreen, resources: tuple[Resource, ...]) -> Place:
    start = screen.kwatch.start
    by_name = field_is("metadata.name", start.name) if start.name else None
    fields = ",".join(each for each in (start.field_selector, by_name) if each) or None
    column = screen.column_choice().sort_column
    ahead, screen.filter_ahead = screen.filter_ahead, ""
    return replace(
        Place.of(resources, screen.home_namespace, start.resource),
        label_selector=start.label_selector,
        field_selector=fields,
        filter=ahead or start.filter,
        sort=(column.casefold(), start.descending) if column else None,
        wide=start.wide,
    )
