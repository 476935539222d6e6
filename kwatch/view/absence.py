"""Why there is nothing to show of a resource: it is still being listed, refused, gone, or out of reach."""

from __future__ import annotations

from collections.abc import Sequence

from kwatch.base.printable import printable
from kwatch.informer.status import LIST, WATCH, InformerStatus, Phase
from kwatch.view.freshness import phase_of, short_reason


def absence(status: InformerStatus, things: str) -> tuple[str, ...]:
    """Sentences, the first one a heading; none once the first list is there. `things` as in `Listing pods …`."""
    if status.synced:
        return ()
    error = printable(status.last_error.message) if status.last_error is not None else ""
    match status.phase:
        case Phase.FORBIDDEN:
            verb = WATCH if status.refused == (WATCH,) else LIST
            return (f"You may not {verb} {things} here", error)
        case Phase.GONE:
            return (f"The server does not know {things}", error, "It is looked for from time to time.")
        case Phase.BACKING_OFF:
            answered = status.last_error is not None and status.last_error.status
            trouble = f"The server does not list {things}" if answered else "The server cannot be reached"
            return (trouble, error, "It is tried again by itself.")
        case Phase.STOPPED:
            return (f"Nobody asks for {things} any more",)
    return (f"Listing {things} … {status.received:,} so far" if status.received else f"Listing {things} …",)


def obstacle(status: InformerStatus) -> str:
    """The same in a few words, where something is in the way; empty while it is on its way, or there."""
    if status.synced or status.phase not in (Phase.FORBIDDEN, Phase.GONE, Phase.BACKING_OFF):
        return ""
    return printable(status.last_error.message) if status.last_error is not None else str(phase_of(status))


def hindrance(status: InformerStatus) -> str:
    """The same where there is room for a few words only."""
    if not obstacle(status):
        return ""
    match status.phase:
        case Phase.FORBIDDEN:
            return "may not be listed"
        case Phase.GONE:
            return "not on the server"
    return short_reason(obstacle(status))


def enumerated(names: Sequence[str], most: int = 3) -> str:
    """`pods`, `pods and nodes`, `pods, nodes, jobs and 4 more`."""
    shown = [printable(name) for name in names[:most]]
    if len(names) > most:
        return f"{', '.join(shown)} and {len(names) - most} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)
