"""Views with a name: save the one that is shown, open one, forget one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from kwatch.config.document import InvalidDocument
from kwatch.config.saved_views import InvalidViewName, SavedView
from kwatch.tui.commands.command_line import Destination, go_to
from kwatch.tui.location import sort_of
from kwatch.tui.navigation import load

if TYPE_CHECKING:
    from kwatch.tui.base_app import Application
    from kwatch.tui.kwatch_screen import KwatchScreen
    from kwatch.tui.location import Location, StartView

ALL = "*"


def save_view(screen: KwatchScreen[None], name: str) -> None:
    """`:save NAME`."""
    _save(screen, name, view_of)


def save_filter(screen: KwatchScreen[None], name: str) -> None:
    """`:save-filter NAME`."""
    place = screen.kwatch.home.place
    if place is not None and not place.filter:
        screen.notify("There is no filter to save: type one after /.", severity="warning", markup=False)
        return
    _save(screen, name, filter_of)


def open_view_named(screen: KwatchScreen[None], name: str = "") -> None:
    """`:view NAME` at once; without a name from a list."""
    if not name:
        load("kwatch.tui.features.choosing:choose_view")(screen, lambda chosen: open_view_named(screen, chosen))
        return
    try:
        open_view(screen.kwatch, screen.kwatch.views.load(name))
    except FileNotFoundError:
        _complain(screen, _unknown(screen, name))
    except (InvalidDocument, InvalidViewName) as error:
        _complain(screen, str(error))


def forget_view(screen: KwatchScreen[None], name: str) -> None:
    """`:forget NAME`."""
    try:
        screen.kwatch.views.remove(name)
    except FileNotFoundError:
        _complain(screen, _unknown(screen, name))
    except (ValueError, OSError) as error:
        _complain(screen, str(error))
    else:
        screen.notify(f"The view {name} is forgotten.", markup=False)


def view_of(place: Location) -> SavedView:
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
        columns=place.columns,
    )


def filter_of(place: Location) -> SavedView:
    """Only the filter, for whatever is shown."""
    return SavedView(filter=place.filter)


def open_view(app: Application, view: SavedView) -> None:
    """Go where a view leads; one without a resource filters what is shown."""
    if not view.resource:
        app.home.use_filter(view.filter)
        return
    namespace = "" if view.namespace == ALL else view.namespace or None
    destination = Destination(view.resource, namespace, view.filter, view.selector or None)
    go_to(app, destination, lambda place: _narrowed(place, view))


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
        columns=view.columns,
    )


def summary(view: SavedView) -> str:
    """A view on one line, as it would be typed after the colon."""
    namespace = "all namespaces" if view.namespace == ALL else view.namespace
    selectors = [f"-l {view.selector}" if view.selector else "", view.field_selector]
    words = [view.resource, namespace, *selectors, f"/{view.filter}" if view.filter else ""]
    words += [f"by {view.sort}" if view.sort else "", "wide" if view.wide else "", *view.columns]
    return "  ".join(word for word in words if word)


def _narrowed(place: Location, view: SavedView) -> Location:
    return replace(
        place, field_selector=view.field_selector or None, sort=sort_of(view.sort), wide=view.wide, columns=view.columns
    )


def _save(screen: KwatchScreen[None], name: str, what: Callable[[Location], SavedView]) -> None:
    place = screen.kwatch.home.place
    if place is None:
        _complain(screen, "There is nothing to save yet: the table is not open.")
    elif not name:
        _complain(screen, "Give it a name: :save NAME")
    else:
        try:
            path = screen.kwatch.views.save(name, what(place))
        except ValueError as error:
            _complain(screen, str(error))
        except OSError as error:
            _complain(screen, f"The view {name} cannot be saved: {error.strerror or error}")
        else:
            screen.notify(f"Saved in {path}; :view {name} brings it back.", markup=False)


def _unknown(screen: KwatchScreen[None], name: str) -> str:
    names = screen.kwatch.views.names()
    return f"There is no view {name!r}; " + (
        f"saved are: {', '.join(names)}" if names else "Ctrl-S saves the one that is shown"
    )


def _complain(screen: KwatchScreen[None], sentence: str) -> None:
    screen.notify(sentence, severity="warning", markup=False)
