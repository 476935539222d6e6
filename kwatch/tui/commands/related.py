"""Going from an object to those it has to do with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kwatch.tui.commands.command import Command
from kwatch.tui.commands.tab_command import TabCommand
from kwatch.tui.place import Place

if TYPE_CHECKING:
    from kwatch.tui.screens.object_screen import ObjectScreen


class GoToRelated(TabCommand):
    """Enter."""

    id = "related.open"
    keys = "enter"
    title = "Go to the related object"
    footer = "go there"
    group = "Related"
    on = "related"

    def run(self, screen: ObjectScreen) -> None:
        """Open it on top; Escape comes back."""
        from kwatch.tui.features.object.related_tab import RelatedTab
        from kwatch.tui.screens.object_screen import ObjectScreen as Opened

        chosen = screen.tab_of(RelatedTab).chosen()
        if chosen is not None:
            place, key = chosen
            subject = screen.subject
            past = subject.past_of(place.resource, key)
            screen.app.push_screen(Opened(subject.session, place, key, "overview", past))


class GoToOwner(Command["ObjectScreen"]):
    """Shift-J."""

    id = "related.owner"
    keys = "J"
    title = "The owner of the object"
    group = "Related"

    def run(self, screen: ObjectScreen) -> None:
        """Open it on top; Escape comes back."""
        from kwatch.tui.screens.object_screen import ObjectScreen as Opened
        from kwatch.view.relations import nearest_owner

        subject = screen.subject
        names = subject.session.names
        obj = subject.object
        owner = nearest_owner(subject.resource, obj, names) if names is not None and obj is not None else None
        if owner is None:
            screen.notify("It has no owner.", markup=False)
            return
        resource, key = owner
        place = Place(resource, key.rpartition("/")[0] or None)
        screen.app.push_screen(Opened(subject.session, place, key, screen.active, subject.past_of(resource, key)))


RELATED: tuple[type[Command[ObjectScreen]], ...] = (GoToRelated, GoToOwner)
