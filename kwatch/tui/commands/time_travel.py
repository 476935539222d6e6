"""Looking at the table as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kwatch.tui.commands.command import Command

if TYPE_CHECKING:
    from kwatch.tui.screens.table_screen import TableScreen


class Travel(Command["TableScreen"]):
    """`t`."""

    id = "time.travel"
    keys = "t"
    title = "Time travel: the table as it was; again for now"
    footer = "time travel"
    rank = 6
    group = "Time travel"
    words = ("at", "time")
    needs = "Nothing is remembered, so there is no past to go to."

    def available(self, screen: TableScreen) -> bool:
        """Whether anything is remembered."""
        return (
            screen.live is not None and screen.kwatch.session is not None and screen.kwatch.session.journal is not None
        )

    def run(self, screen: TableScreen) -> None:
        """Open the time bar, or come back to now; a recording has no now."""
        if screen.is_travelling and not screen.is_replaying:
            screen.return_to_now()
        else:
            screen.travel()

    def say(self, screen: TableScreen, argument: str) -> None:
        """`:at 14:02`, `:at -10m`, `:at +5m`, `:at now`."""
        if argument in ("now", "live", "end"):
            screen.go_to_end()
        elif argument:
            screen.travel_to(argument)
        else:
            self.run(screen)


class _Travelling(Command["TableScreen"]):
    group = "Time travel"
    needs = "That is for time travel: t begins it."
    priority = True

    def available(self, screen: TableScreen) -> bool:
        """Only in the past, and not while something is typed."""
        return screen.is_travelling and not screen.is_typing and screen.kwatch.screen is screen


class PlayPause(_Travelling):
    """Space."""

    id = "time.play"
    keys = "space"
    title = "Play, or pause"
    footer = "play"
    rank = -3
    words = ("play", "pause")

    def footer_on(self, screen: TableScreen) -> str:
        """What it does now."""
        return "pause" if screen.journey is not None and screen.journey.is_playing else self.footer

    def run(self, screen: TableScreen) -> None:
        """Let time pass, or stay."""
        screen.toggle_playing()


class OlderDelta(_Travelling):
    """Left."""

    id = "time.older"
    keys = "left"
    title = "To the delta before"
    footer = "older"
    rank = -2

    def run(self, screen: TableScreen) -> None:
        """One delta back."""
        screen.step_in_time(-1)


class NewerDelta(_Travelling):
    """Right."""

    id = "time.newer"
    keys = "right"
    title = "To the next delta"
    footer = "newer"
    rank = -2

    def run(self, screen: TableScreen) -> None:
        """One delta on."""
        screen.step_in_time(1)


class _ChangeSpeed(_Travelling):
    direction: int

    def run(self, screen: TableScreen) -> None:
        """The next one."""
        if screen.journey is not None:
            screen.journey.change_speed(self.direction)


class Slower(_ChangeSpeed):
    """`<`."""

    id = "time.slower"
    keys = "less_than_sign"
    title = "Play slower, down to a quarter"
    footer = "slower"
    rank = -1
    direction = -1


class Faster(_ChangeSpeed):
    """`>`."""

    id = "time.faster"
    keys = "greater_than_sign"
    title = "Play faster, up to 1000 times"
    footer = "faster"
    rank = -1
    direction = 1


class _InThePast(Command["TableScreen"]):
    group = "Time travel"

    def available(self, screen: TableScreen) -> bool:
        """Only there."""
        return screen.is_travelling


class SetSpeed(_InThePast):
    """`:speed 10`."""

    id = "time.speed"
    title = "Play so many seconds in one: :speed 10"
    words = ("speed",)

    def run(self, screen: TableScreen) -> None:
        """Ask for it."""
        screen.open_command_line("speed ")

    def say(self, screen: TableScreen, argument: str) -> None:
        """A number."""
        from kwatch.tui.features.time_travel.moment import read_speed

        try:
            speed = read_speed(argument)
        except ValueError as error:
            screen.notify(str(error), severity="error", markup=False)
            return
        if screen.journey is not None:
            screen.journey.set_speed(speed)


class SetIdleLimit(_InThePast):
    """`:idle 5`."""

    id = "time.idle"
    title = "Play at most so many seconds in which nothing happens: :idle 5, :idle off"
    words = ("idle",)

    def run(self, screen: TableScreen) -> None:
        """Ask for it."""
        screen.open_command_line("idle ")

    def say(self, screen: TableScreen, argument: str) -> None:
        """Seconds, or off."""
        if argument == "off":
            screen.limit_idleness(None)
        elif argument.replace(".", "", 1).isdecimal():  # not isdigit: of ² no number can be made
            screen.limit_idleness(float(argument))
        else:
            screen.notify(f"{argument!r} are no seconds: write :idle 5 or :idle off", severity="error", markup=False)


class MinuteBack(_Travelling):
    """Ctrl-Left."""

    id = "time.minute-back"
    keys = "ctrl+left"
    title = "A minute back"

    def run(self, screen: TableScreen) -> None:
        """Sixty seconds."""
        screen.jump_in_time(-60)


class MinuteOn(_Travelling):
    """Ctrl-Right."""

    id = "time.minute-on"
    keys = "ctrl+right"
    title = "A minute on"

    def run(self, screen: TableScreen) -> None:
        """Sixty seconds."""
        screen.jump_in_time(60)


class Beginning(_Travelling):
    """Home."""

    id = "time.beginning"
    keys = "home"
    title = "To the first moment that is known"

    def run(self, screen: TableScreen) -> None:
        """Just after the first list."""
        screen.go_to_beginning()


class Now(_Travelling):
    """End."""

    id = "time.now"
    keys = "end"
    title = "Back to now; in a recording, to its end"
    footer = "now"
    rank = -1

    def footer_on(self, screen: TableScreen) -> str:
        """What it does here."""
        return "end" if screen.is_replaying else self.footer

    def run(self, screen: TableScreen) -> None:
        """Live again, or as it was last."""
        screen.go_to_end()


TIME_TRAVEL: tuple[type[Command[Any]], ...] = (
    PlayPause,
    OlderDelta,
    NewerDelta,
    Slower,
    Faster,
    Now,
    Travel,
    Beginning,
    MinuteBack,
    MinuteOn,
    SetSpeed,
    SetIdleLimit,
)
