"""What can be done with the object under the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kwatch.base.printable import printable
from kwatch.tui.commands.command import Command

if TYPE_CHECKING:
    from kwatch.tui.screens.table_screen import TableScreen


class _OnObject(Command["TableScreen"]):
    group = "Object"
    needs = "There is no row to open."

    def available(self, screen: TableScreen) -> bool:
        """Only when the cursor stands on something."""
        return screen.live is not None and screen.table.cursor_key is not None


class DrillDown(_OnObject):
    """Enter."""

    id = "object.drill-down"
    keys = "enter"
    title = "Drill down: a deployment's pods, a node's pods; else open the object"
    footer = "open"
    rank = 0

    def run(self, screen: TableScreen) -> None:
        """To what the object consists of, or to its containers or its history."""
        from kwatch.tui.drill_down import deepest_tab, drill_down

        subject = screen.subject()
        if subject is None:
            return
        destination = drill_down(subject.resource, subject.object)
        resource = screen.resolve(destination.resource) if destination is not None else None
        if destination is not None and resource is not None:
            screen.go(destination.place(resource))
        else:
            screen.open_object(deepest_tab(subject.resource))


class _OpenTab(_OnObject):
    tab: str

    def run(self, screen: TableScreen) -> None:
        """Open the object there."""
        screen.open_object(self.tab)


class Overview(_OpenTab):
    """`d`."""

    id = "object.overview"
    keys = "d"
    title = "The object at a glance: what is wrong, what describe says"
    footer = "overview"
    tab = "overview"


class History(_OpenTab):
    """`v`."""

    id = "object.history"
    keys = "v"
    title = "What changed, when and by whom"
    footer = "history"
    tab = "history"


class Timeline(_OpenTab):
    """Shift-T."""

    id = "object.timeline"
    keys = "T"
    title = "Its changes among those of its owners, children and node, and the Events, on one time line"
    footer = "timeline"
    tab = "timeline"


class Yaml(_OpenTab):
    """`y`."""

    id = "object.yaml"
    keys = "y"
    title = "The object as YAML"
    footer = "yaml"
    tab = "yaml"


class Events(_OpenTab):
    """`e`."""

    id = "object.events"
    keys = "e"
    title = "Events about the object"
    footer = "events"
    tab = "events"


class Related(_OpenTab):
    """`r`."""

    id = "object.related"
    keys = "r"
    title = "Owners, children, what it uses and what uses it"
    footer = "related"
    tab = "related"


class _OnPod(_OpenTab):
    needs = "Only pods have logs."

    def available(self, screen: TableScreen) -> bool:
        """Only pods have logs."""
        subject = screen.subject()
        return super().available(screen) and subject is not None and str(subject.resource) == "pods"


class Logs(_OnPod):
    """`l`."""

    id = "object.logs"
    keys = "l"
    title = "Logs of the pod"
    footer = "logs"
    tab = "logs"


class PreviousLogs(_OnPod):
    """`p`."""

    id = "object.previous-logs"
    keys = "p"
    title = "Logs of the container before its last restart"
    tab = "previous-logs"


class ShowNode(_OnPod):
    """`o`."""

    id = "object.node"
    keys = "o"
    needs = "Only pods run on a node."
    title = "The node the pod runs on"

    def run(self, screen: TableScreen) -> None:
        """Nodes, with the cursor on it."""
        subject = screen.subject()
        if subject is not None and subject.object is not None and subject.object.node:
            screen.go_to_named("nodes", cursor=subject.object.node)


class ShowOwner(_OnObject):
    """Shift-J."""

    id = "object.owner"
    keys = "J"
    title = "The owner of the object"

    def run(self, screen: TableScreen) -> None:
        """Its resource, with the cursor on it."""
        subject = screen.subject()
        if subject is None or subject.object is None:
            return
        from kwatch.view.relations import nearest_owner

        names = subject.session.names
        owner = nearest_owner(subject.resource, subject.object, names) if names is not None else None
        if owner is None:
            screen.notify("It has no owner.", markup=False)
            return
        resource, key = owner
        screen.go_to_named(str(resource), cursor=key)


class CopyName(_OnObject):
    """`c`."""

    id = "object.copy-name"
    keys = "c"
    title = "Copy the name, or those of the marked rows; or what the mouse selected"

    def available(self, screen: TableScreen) -> bool:
        """What is selected comes first."""
        return super().available(screen) and not screen.has_selection

    def run(self, screen: TableScreen) -> None:
        """By OSC 52, which works over ssh too."""
        keys = sorted(screen.table.marks) or [screen.table.cursor_key or ""]
        names = [printable(key.rpartition("/")[2]) for key in keys]
        screen.app.copy_to_clipboard("\n".join(names))
        what = names[0] if len(names) == 1 else f"{len(names)} names"
        screen.notify(f"Copied {what}.", markup=False, timeout=2)


OBJECTS: tuple[type[Command[TableScreen]], ...] = (
    DrillDown,
    Overview,
    Yaml,
    History,
    Timeline,
    Events,
    Related,
    Logs,
    PreviousLogs,
    ShowNode,
    ShowOwner,
    CopyName,
)
