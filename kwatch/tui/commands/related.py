"""Going from an object to those it has to do with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kwatch.tui.commands.command import Command

if TYPE_CHECKING:
    from kwatch.tui.screens.object_screen import ObjectScreen


class GoToRelated(Command["ObjectScreen"]):
    """Enter."""

    id = "related.open"
    keys = "enter"
    title = "Go to the related object"
    footer = "go there"
    group = "Related"

    def available(self, screen: ObjectScreen) -> bool:
        """Only on that tab."""
        return screen.active == "related"

    def run(self, screen: ObjectScreen) -> None:
        """Open it on top; Escape comes back."""
        from kwatch.tui.object.related_tab import RelatedTab
        from kwatch.tui.screens.object_screen import ObjectScreen as Opened

        chosen = screen.tab_of(RelatedTab).chosen()
        if chosen is not None:
            place, key = chosen
            screen.app.push_screen(Opened(screen.subject.session, place, key, "overview"))


RELATED: tuple[type[Command[ObjectScreen]], ...] = (GoToRelated,)
