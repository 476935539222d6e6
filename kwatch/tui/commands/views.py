"""Views with a name: save the one that is shown, open one, forget one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from kwatch.tui.commands.command import Command

if TYPE_CHECKING:
    from kwatch.config.saved_views import SavedView
    from kwatch.tui.kit.widgets.prompt import Completion
    from kwatch.tui.place import Place
    from kwatch.tui.screens.table_screen import TableScreen


class _Named(Command["TableScreen"]):
    group = "Views"

    def complete(self, screen: TableScreen, prefix: str) -> Sequence[Completion]:
        """The views there are."""
        from kwatch.tui.kit.widgets.prompt import Completion

        names = screen.kwatch.views.names()
        return [Completion(name) for name in names if name.startswith(prefix) and name != prefix]


class SaveView(_Named):
    """Ctrl-S."""

    id = "views.save"
    keys = "ctrl+s"
    title = "Save the view, or the filter that is being typed, under a name"
    words = ("save",)
    priority = True  # also while a filter is typed

    def run(self, screen: TableScreen) -> None:
        """Ask for the name, once the filter that is being typed is sound."""
        filtering = screen.is_filtering
        if screen.settle_filter():
            screen.open_command_line("save-filter " if filtering else "save ")

    def say(self, screen: TableScreen, argument: str) -> None:
        """`:save NAME`."""
        from kwatch.tui.saved_views import view_of

        _save(screen, argument, view_of)


class SaveFilter(_Named):
    """`:save-filter`."""

    id = "views.save-filter"
    title = "Save only the filter, for any resource"
    words = ("save-filter",)

    def run(self, screen: TableScreen) -> None:
        """Ask for the name."""
        screen.open_command_line("save-filter ")

    def say(self, screen: TableScreen, argument: str) -> None:
        """`:save-filter NAME`."""
        from kwatch.tui.saved_views import filter_of

        if screen.place is not None and not screen.place.filter:
            screen.notify("There is no filter to save: type one after /.", severity="warning", markup=False)
            return
        _save(screen, argument, filter_of)


class OpenView(_Named):
    """`:view`."""

    id = "views.open"
    title = "Saved views and filters"
    words = ("view", "views")

    def run(self, screen: TableScreen) -> None:
        """From a list."""
        from kwatch.tui.screens.choices import choose_view

        choose_view(screen, lambda name: self.say(screen, name))

    def say(self, screen: TableScreen, argument: str) -> None:
        """`:view NAME` at once."""
        from kwatch.config.document import InvalidDocument
        from kwatch.config.saved_views import InvalidViewName
        from kwatch.tui.saved_views import open_view

        if not argument:
            self.run(screen)
            return
        try:
            open_view(screen, screen.kwatch.views.load(argument))
        except FileNotFoundError:
            _complain(screen, _unknown(screen, argument))
        except (InvalidDocument, InvalidViewName) as error:
            _complain(screen, str(error))


class ForgetView(_Named):
    """`:forget`."""

    id = "views.forget"
    title = "Forget a saved view"
    words = ("forget",)

    def run(self, screen: TableScreen) -> None:
        """Ask which."""
        screen.open_command_line("forget ")

    def say(self, screen: TableScreen, argument: str) -> None:
        """`:forget NAME`."""
        try:
            screen.kwatch.views.remove(argument)
        except FileNotFoundError:
            _complain(screen, _unknown(screen, argument))
        except (ValueError, OSError) as error:
            _complain(screen, str(error))
        else:
            screen.notify(f"The view {argument} is forgotten.", markup=False)


def _save(screen: TableScreen, name: str, what: Callable[[Place], SavedView]) -> None:
    place = screen.place
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


def _unknown(screen: TableScreen, name: str) -> str:
    names = screen.kwatch.views.names()
    return f"There is no view {name!r}; " + (
        f"saved are: {', '.join(names)}" if names else "Ctrl-S saves the one that is shown"
    )


def _complain(screen: TableScreen, sentence: str) -> None:
    screen.notify(sentence, severity="warning", markup=False)


VIEWS: tuple[type[Command[Any]], ...] = (SaveView, OpenView, SaveFilter, ForgetView)
