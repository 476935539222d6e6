"""The states of a reflector, what may follow what, and the phase that a status shows. kube-rs's watcher is the model.

    EMPTY --> STREAMING --- end bookmark --------------> WATCHING --> the next watch, from the last version
      |           | not offered, or incomplete              ^   |
      +-----> LISTING --- last page --> LISTED --- opened --+   +---> a list, where a watch does not suffice

From anywhere: a wait (BACKING_OFF, POLLING, FORBIDDEN, GONE), after which it is listed or watched again, and STOPPED.
"""

from __future__ import annotations

from enum import Enum, StrEnum, auto

from kwatch.informer.errors import is_forbidden, is_gone, is_refused

LIST, WATCH = "list", "watch"
"""The verbs that a server may refuse."""


class Phase(StrEnum):
    """What a reflector is doing now."""

    STARTING = "starting"
    LISTING = "listing"
    STREAMING = "streaming"
    """A streaming list is under way: objects arrive, the end bookmark has not."""
    WATCHING = "watching"
    BACKING_OFF = "backing off"
    POLLING = "polling"
    """Watches are refused, lists are not: the whole list is fetched again from time to time."""
    FORBIDDEN = "forbidden"
    """Nothing may be asked that would bring objects; tried again with a long interval."""
    GONE = "gone"
    """The resource does not exist on the server (a deleted CRD); probed for with a long interval."""
    STOPPED = "stopped"


class State(Enum):
    """Where a reflector is between knowing nothing and following the server."""

    EMPTY = auto()
    """Nothing was asked yet."""
    STREAMING = auto()
    """The initial events of a streaming list arrive."""
    LISTING = auto()
    """The pages of a list arrive."""
    LISTED = auto()
    """The whole list is in the store; its watch is not open yet."""
    WATCHING = auto()
    """A watch is open, or the next one is being opened where the last one ended."""
    BACKING_OFF = auto()
    """Something failed, or a watch came to its end: a wait."""
    POLLING = auto()
    """Lists are allowed and watches are not: the wait until the next list."""
    FORBIDDEN = auto()
    GONE = auto()
    STOPPED = auto()


WAITS = frozenset({State.BACKING_OFF, State.POLLING, State.FORBIDDEN, State.GONE})
_FROM_ANYWHERE = WAITS | {State.STOPPED}
_A_LIST = frozenset({State.STREAMING, State.LISTING})

TRANSITIONS = {
    State.EMPTY: _A_LIST,
    State.STREAMING: {State.WATCHING, State.LISTING},  # the end bookmark came, and the stream is the watch; or give up
    State.LISTING: {State.LISTED, State.STREAMING},  # it may fail, and the caller of list_and_watch try again
    State.LISTED: {State.WATCHING, *_A_LIST},  # refreshed before the watch is open
    State.WATCHING: _A_LIST,
    State.BACKING_OFF: {State.WATCHING, *_A_LIST},  # the next watch, from the last version; or a list
    State.POLLING: {State.WATCHING, *_A_LIST},  # a watch, too, if the error named two reasons at once
    State.FORBIDDEN: {State.WATCHING, *_A_LIST},
    State.GONE: {State.WATCHING, *_A_LIST},
    State.STOPPED: _A_LIST,  # run() once more
}
"""What may follow a state beside itself, a wait and STOPPED, which may follow any."""

PHASES = {
    State.EMPTY: Phase.STARTING,
    State.STREAMING: Phase.STREAMING,
    State.LISTING: Phase.LISTING,
    State.LISTED: Phase.LISTING,
    State.WATCHING: Phase.WATCHING,
    State.BACKING_OFF: Phase.BACKING_OFF,
    State.POLLING: Phase.POLLING,
    State.FORBIDDEN: Phase.FORBIDDEN,
    State.GONE: Phase.GONE,
    State.STOPPED: Phase.STOPPED,
}


def check_transition(before: State, after: State) -> None:
    """Raise RuntimeError for a step that no reflector takes: the machine is wrong then, not the server."""
    if after is not before and after not in _FROM_ANYWHERE and after not in TRANSITIONS[before]:
        raise RuntimeError(f"a reflector does not go from {before.name} to {after.name}")


def wait_after(error: Exception | None, refused: tuple[str, ...]) -> State:
    """The state after an attempt that ended with this error, or with none; `refused` are the verbs refused lately."""
    if error is not None and is_refused(error) and refused == (WATCH,):
        return State.POLLING
    if error is not None and is_forbidden(error):
        return State.FORBIDDEN
    if error is not None and is_gone(error):
        return State.GONE
    return State.BACKING_OFF
