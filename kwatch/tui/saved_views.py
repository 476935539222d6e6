"""Between a place and the view that is saved of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kwatch.config.saved_views import SavedView
from kwatch.tui.commands.command_line import Destination, go_to

if TYPE_CHECKING:
    from kwatch.tui.place import Place, StartView
    from kwatch.tui.screens.table_screen import TableScreen

ALL = "*"


def view_of(place: Place) -> SavedView:
    """Everything about a place but its context: a view is for any cluster."""
    column, descending = place.sort or ("", False)
    return SavedView(
        resource=place.asked or ",".join(map(str, place.resources)),
        namespace=(place.namespace or ALL) if place.namespaced else "",
        selector=place.label_selector or "",
        field_selector=place.field_selector or "",
        filter=place.filter,
        sort=f"-{column}" if descending else column,
        wide=place.wide,
    )


def filter_of(place: Place) -> SavedView:
    """Only the filter, for whatever is shown."""
    return SavedView(filter=place.filter)


def open_view(screen: TableScreen, view: SavedView) -> None:
    """Go where a view leads; one without a resource filters what is shown."""
    if not view.resource:
        screen.use_filter(view.filter)
        return
    namespace = "" if view.namespace == ALL else view.namespace or None
    destination = Destination(view.resource, namespace, view.filter, view.selector or None)
    go_to(screen, destination, lambda place: _narrowed(place, view))


def start_from(view: SavedView, start: StartView) -> StartView:
    """What the command line asked for, completed by a view; what was asked for goes first."""
    everywhere = start.all_namespaces or (view.namespace == ALL and not start.namespace)
    column, descending = sort_of(view.sort) or ("", False)
    return replace(
        start,
        resource=view.resource or start.resource,
        namespace=start.namespace or (view.namespace if view.namespace != ALL else None) or None,
        all_namespaces=everywhere,
        label_selector=start.label_selector or view.selector or None,
        field_selector=start.field_selector or view.field_selector or None,
        filter=view.filter,
        sort_by=start.sort_by or column,
        descending=descending and not start.sort_by,
        wide=start.wide or view.wide,
    )


def summary(view: SavedView) -> str:
    """A view on one line, as it would be typed after the colon."""
    namespace = "all namespaces" if view.namespace == ALL else view.namespace
    selectors = [f"-l {view.selector}" if view.selector else "", view.field_selector]
    words = [view.resource, namespace, *selectors, f"/{view.filter}" if view.filter else ""]
    words += [f"by {view.sort}" if view.sort else "", "wide" if view.wide else ""]
    return "  ".join(word for word in words if word)


def sort_of(text: str) -> tuple[str, bool] | None:
    """`AGE`, or `-AGE` for descending, as a place has it; None for nothing."""
    column = text.removeprefix("-")
    return (column.casefold(), column != text) if column else None


def _narrowed(place: Place, view: SavedView) -> Place:
    return replace(place, field_selector=view.field_selector or None, sort=sort_of(view.sort), wide=view.wide)
