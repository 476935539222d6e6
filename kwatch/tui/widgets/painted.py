"""Widgets that paint themselves in the colours of the theme."""

from __future__ import annotations

from typing import Generic, TypeVar

from textual.widget import Widget

from kwatch.tui.palette import Palette

S = TypeVar("S")


class PaintedWidget(Widget):
    """`_palette` has the colours."""

    ALLOW_SELECT = False
    """A bar says how things are; the mouse clicks there."""

    def __init__(self, palette: Palette) -> None:
        super().__init__()
        self._palette = palette

    def set_palette(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self._palette = palette
        self.refresh()


class StateWidget(PaintedWidget, Generic[S]):
    """Shows a state, which is a value: an equal one needs no repaint."""

    def __init__(self, palette: Palette, state: S) -> None:
        super().__init__(palette)
        self._state = state

    @property
    def state(self) -> S:
        """What is shown now."""
        return self._state

    def show(self, state: S) -> None:
        """Show another state; does nothing when it is equal."""
        if state != self._state:
            self._state = state
            self.refresh()
