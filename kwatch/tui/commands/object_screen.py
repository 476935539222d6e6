"""What can be done on the object screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from kwatch.tui.commands.command import Command
from kwatch.tui.commands.containers import CONTAINERS
from kwatch.tui.commands.related import RELATED
from kwatch.tui.object.object_tab import ObjectTab

if TYPE_CHECKING:
    from kwatch.tui.screens.object_screen import ObjectScreen

T = TypeVar("T", bound=ObjectTab)


class _ShowTab(Command["ObjectScreen"]):
    group = "Tabs"
    tab: str

    def available(self, screen: ObjectScreen) -> bool:
        """Whether the object has it."""
        return self.tab in screen.tab_ids

    def run(self, screen: ObjectScreen) -> None:
        """Bring it on top."""
        screen.show_tab(self.tab)


class ShowOverview(_ShowTab):
    """`d`."""

    id = "tab.overview"
    keys = "d"
    title = "Overview"
    footer = "overview"
    tab = "overview"


class ShowYaml(_ShowTab):
    """`y`."""

    id = "tab.yaml"
    keys = "y"
    title = "YAML"
    footer = "yaml"
    tab = "yaml"


class ShowHistory(_ShowTab):
    """`v`."""

    id = "tab.history"
    keys = "v"
    title = "History"
    footer = "history"
    tab = "history"


class ShowEvents(_ShowTab):
    """`e`."""

    id = "tab.events"
    keys = "e"
    title = "Events"
    footer = "events"
    tab = "events"


class ShowRelated(_ShowTab):
    """`r`."""

    id = "tab.related"
    keys = "r"
    title = "Related: owners, children, what it uses and what uses it"
    footer = "related"
    tab = "related"


class ShowLogs(_ShowTab):
    """`l`."""

    id = "tab.logs"
    keys = "l"
    title = "Logs"
    footer = "logs"
    tab = "logs"


class NextTab(Command["ObjectScreen"]):
    """Tab."""

    id = "tab.next"
    keys = "tab"
    title = "Next tab"
    group = "Tabs"

    def run(self, screen: ObjectScreen) -> None:
        """Round and round."""
        screen.next_tab(1)


class PreviousTab(Command["ObjectScreen"]):
    """Shift-Tab."""

    id = "tab.previous"
    keys = "shift+tab"
    title = "Previous tab"
    group = "Tabs"

    def run(self, screen: ObjectScreen) -> None:
        """Round and round."""
        screen.next_tab(-1)


class Close(Command["ObjectScreen"]):
    """Escape."""

    id = "object.close"
    keys = "escape"
    title = "Back to the table"
    footer = "back"

    def run(self, screen: ObjectScreen) -> None:
        """Leave the object."""
        screen.dismiss()


class _OnText(Command["ObjectScreen"]):
    group = "Text"

    def available(self, screen: ObjectScreen) -> bool:
        """Only on tabs that are texts."""
        return screen.text is not None


class Search(_OnText):
    """`/`."""

    id = "text.search"
    keys = "slash"
    title = "Search; n and Shift-N go from match to match"
    footer = "search"

    def run(self, screen: ObjectScreen) -> None:
        """Open the search bar."""
        screen.open_search()


class Wrap(_OnText):
    """`w`."""

    id = "text.wrap"
    keys = "w"
    title = "Break long lines, or let them run on"

    def run(self, screen: ObjectScreen) -> None:
        """Turn it around."""
        if screen.text is not None:
            screen.text.toggle_wrap()


class CopyText(_OnText):
    """`c`."""

    id = "text.copy"
    keys = "c"
    title = "Copy the whole text"

    def run(self, screen: ObjectScreen) -> None:
        """By OSC 52, which works over ssh too."""
        if screen.text is not None:
            text = screen.text.document.text()
            screen.app.copy_to_clipboard(text)
            screen.notify(f"Copied {text.count(chr(10)) + 1:,} lines.", markup=False, timeout=2)


class _OnYaml(Command["ObjectScreen"]):
    group = "YAML"

    def available(self, screen: ObjectScreen) -> bool:
        """Only on the YAML."""
        return screen.active == "yaml"


class ToggleManagedFields(_OnYaml):
    """`m`."""

    id = "yaml.managed-fields"
    keys = "m"
    title = "Show or hide managedFields"
    footer = "managed fields"

    def run(self, screen: ObjectScreen) -> None:
        """Turn it around."""
        from kwatch.tui.object.yaml_tab import YamlTab

        screen.tab_of(YamlTab).toggle_managed_fields()


class Unmask(_OnYaml):
    """`x`."""

    id = "yaml.unmask"
    keys = "x"
    title = "Show or hide a Secret's values"
    footer = "unmask"

    def available(self, screen: ObjectScreen) -> bool:
        """Only on a Secret."""
        return super().available(screen) and screen.subject.resource.kind == "Secret"

    def run(self, screen: ObjectScreen) -> None:
        """Turn it around."""
        from kwatch.tui.object.yaml_tab import YamlTab

        screen.tab_of(YamlTab).toggle_mask()


class _OnHistory(Command["ObjectScreen"]):
    group = "History"

    def available(self, screen: ObjectScreen) -> bool:
        """Only on the history."""
        return screen.active == "history"


class CompareVersions(_OnHistory):
    """Enter."""

    id = "history.compare"
    keys = "enter"
    title = "Side by side: the two marked versions, or this one and the one before"
    footer = "side by side"

    def run(self, screen: ObjectScreen) -> None:
        """Open the diff."""
        screen.compare_versions()


class _OnLogs(Command["ObjectScreen"]):
    group = "Logs"

    def available(self, screen: ObjectScreen) -> bool:
        """Only on the logs."""
        return screen.active == "logs"


class Follow(_OnLogs):
    """`f`."""

    id = "logs.follow"
    keys = "f"
    title = "Follow the log, or stay"
    footer = "follow"

    def run(self, screen: ObjectScreen) -> None:
        """Turn it around."""
        from kwatch.tui.object.logs_tab import LogsTab

        screen.tab_of(LogsTab).toggle_follow()


class ChooseContainer(_OnLogs):
    """`o`."""

    id = "logs.container"
    keys = "o"
    title = "Choose the container"
    footer = "container"

    def run(self, screen: ObjectScreen) -> None:
        """From a list, or the only other one."""
        from kwatch.tui.screens.choices import choose_container

        choose_container(screen)


class Previous(_OnLogs):
    """`p`."""

    id = "logs.previous"
    keys = "p"
    title = "The log before the last restart, or the present one"
    footer = "previous"

    def run(self, screen: ObjectScreen) -> None:
        """Turn it around."""
        from kwatch.tui.object.logs_tab import LogsTab

        screen.tab_of(LogsTab).toggle_previous()


class Timestamps(_OnLogs):
    """`t`."""

    id = "logs.timestamps"
    keys = "t"
    title = "With the node's time, or without"

    def run(self, screen: ObjectScreen) -> None:
        """Turn it around."""
        from kwatch.tui.object.logs_tab import LogsTab

        screen.tab_of(LogsTab).toggle_timestamps()


OBJECT_SCREEN: tuple[type[Command[Any]], ...] = (
    Close,
    CompareVersions,
    *RELATED,
    *CONTAINERS,
    ShowOverview,
    ShowYaml,
    ShowHistory,
    ShowEvents,
    ShowRelated,
    ShowLogs,
    Search,
    ToggleManagedFields,
    Unmask,
    Follow,
    ChooseContainer,
    Previous,
    Timestamps,
    Wrap,
    CopyText,
    NextTab,
    PreviousTab,
)
