"""The first place, when a cluster is connected: what the command line asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kwatch.informer.selectors import field_is
from kwatch.tui.place import Place

if TYPE_CHECKING:
    from kwatch.informer.resource import Resource
    from kwatch.tui.screens.table_screen import TableScreen


def arrive(screen: TableScreen) -> None:
    """Go there; where no such resource exists, to the pods."""
    start, session = screen.kwatch.start, screen.kwatch.session
    resources = screen.resolve_all(start.resource) or screen.resolve_all("pods")
    if session is None or not resources:
        return
    place = _first_place(screen, resources)
    screen.go(place)
    if start.name and not place.others:
        key = f"{place.namespace}/{start.name}" if place.namespace else start.name
        screen.push_object(session, place, key, "history")


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
