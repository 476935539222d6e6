"""The explorer's own keys, for the footer and the help."""

from __future__ import annotations

from dataclasses import replace

from textual.binding import Binding

from kwatch.tui.features.explorer.narrowing_input import NarrowingInput
from kwatch.tui.keys import KeysInForce, readable
from kwatch.tui.widgets.footer import Hint

_FOOTER = {"explorer.choose": "filter", "explorer.exclude": "exclude", "explorer.close": "close"}
_FOLDING = (Hint("→", "open", "explorer.right"), Hint("←", "fold", "explorer.left"))


def explorer_hints(keys: KeysInForce, *, typed: bool) -> tuple[Hint, ...]:
    """What can be done while it has the focus; `typed`: while something is, where the arrows move in that."""
    first = {each.id: readable(keys.keys_of(each.id or "", each.key).partition(",")[0]) for each in _bindings()}
    choose, exclude, close = (Hint(first[name], word, name) for name, word in _FOOTER.items())
    leave = replace(close, text="clear" if typed else close.text, leaves=True)
    return choose, exclude, leave, *(() if typed else _FOLDING), Hint("Tab", "table", "explorer.table")


def explorer_help(keys: KeysInForce) -> list[tuple[str, str]]:
    """Its keys, and what they do."""
    named = [(keys.keys_of(each.id or "", each.key), each.description) for each in _bindings()]
    entries = [(", ".join(readable(key) for key in names.split(",")), title) for names, title in named]
    return [*entries, ("→, ←", "Open or fold the facet"), ("Tab", "To the table; i comes back")]


def _bindings() -> list[Binding]:
    return [each for each in NarrowingInput.BINDINGS if isinstance(each, Binding)]
