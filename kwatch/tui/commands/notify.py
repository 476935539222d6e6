"""`:notify`, which adds a hook to those of the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kwatch.base.namespaces import in_words
from kwatch.query.parser import parse

if TYPE_CHECKING:
    from kwatch.tui.kwatch_screen import KwatchScreen


def show_hooks(screen: KwatchScreen[Any]) -> None:
    """`:notify`: how the hooks are doing, or how to have one."""
    hooks = screen.kwatch.hooks
    words = [state.words for state in hooks.states] if hooks is not None else []
    screen.notify("\n".join(words) or "Give it a filter: :notify unhealthy", title="Hooks", markup=False, timeout=10)


def notify_on(screen: KwatchScreen[Any], argument: str) -> None:
    """`:notify FILTER`, of what the table shows; `:notify off` ends it."""
    from kwatch.session.hook import Hook

    app, place = screen.kwatch, screen.kwatch.home.place
    if argument == "off":
        ended = app.hooks.remove(lambda hook: not hook.of_settings) if app.hooks is not None else 0
        screen.notify(f"{ended} filters are no longer watched." if ended else "Nothing was watched.", markup=False)
        return
    try:
        query = parse(argument)
    except ValueError as error:
        screen.notify(str(error), severity="error", markup=False)
        return
    if place is None or not query:
        show_hooks(screen)
        return
    resources = ",".join(map(str, place.resources))
    app.add_hook(Hook(query, resources, place.namespace, place.label_selector, place.field_selector, notifies=True))
    where = f" in {in_words(place.namespace)}" if place.namespace else ""
    screen.notify(f"You will be notified when {place.things}{where} begin to match: {query}", markup=False)
