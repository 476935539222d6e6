"""Keys go to whom they are meant for: each one when all that the one before it did is done."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, Protocol, TypeGuard, runtime_checkable
from weakref import WeakSet

from textual import events
from textual.app import App
from textual.message import Message
from textual.message_pump import MessagePump
from textual.widget import Widget
from textual.widgets import Input

log = logging.getLogger("kwatch.keys")

MOST_TURNS = 2500
"""After so many turns of the event loop a key waits no more: something never ends."""
WORKER_TURNS = 200
"""The same for what works beside the screen: that may wait for a cluster, half a second is enough."""
PROMPT_TURNS = 50
"""Turns that follow at once. Later ones pause: what is waited for is no message then, but a repaint or a thread."""
PAUSE = 0.002
"""Seconds of a pause."""


@runtime_checkable
class Awaiting(Protocol):
    """A screen on which a thread may make what was asked for with the last key."""

    def awaited(self) -> Iterator[object]:
        """Who makes it, until it is shown: the next key is for that."""


class KeyOrder:
    """What a person does, in order: keys, pastes and the mouse.

    The toolkit hands a key at once to whatever has the focus. But what the key before it does may be under way still,
    in messages: a line to type into opens, a screen comes or goes, the focus changes. Keys typed ahead, on a slow
    line or a busy machine, would go to the wrong place. So the next one waits here until no part of the app has
    anything left to do. That is counted in messages, not in time: the order holds at any load. What never ends is
    waited for once. Ctrl-C waits for nothing: it is pressed because all the rest takes too long.
    """

    def __init__(
        self,
        app: App[Any],
        forward: Callable[[Message], object],
        between: Callable[[], object] = lambda: None,
        *,
        quits: Callable[[str], bool] = lambda key: key == "ctrl+c",
    ) -> None:
        """`between` is called before a key that had to wait: it shows what the keys before it led to. `quits` tells
        whether a key quits now, and from everywhere.
        """
        self._app = app
        self._forward = forward
        self._between = between
        self._quits = quits
        self._waiting: deque[Message] = deque()
        self._task: asyncio.Task[None] | None = None
        self._stuck: WeakSet[object] = WeakSet()
        """What was waited for long enough."""
        self._has_copied = False
        """Whether Ctrl-C was there, and copied something, since keys wait."""

    @staticmethod
    def takes(message: Message) -> bool:
        """Whether a message comes from the keyboard or the mouse, and has not been on its way yet."""
        return isinstance(message, (events.InputEvent, events.Paste)) and not message.is_forwarded

    @property
    def is_settled(self) -> bool:
        """Whether all that was typed is done."""
        return self._task is None

    @property
    def waiting(self) -> int:
        """How many keys wait."""
        return len(self._waiting)

    def add(self, message: Message) -> None:
        """Hand it on, now or when it is its turn."""
        if self._task is not None and self._interrupts(message):
            return
        if isinstance(message, events.MouseMove) and self._waiting and isinstance(self._waiting[-1], events.MouseMove):
            self._waiting.pop()  # where the mouse was on its way interests nobody
        self._waiting.append(message)
        if self._task is None:
            self._hand_on()
            self._task = asyncio.create_task(self._in_turn(), name="key order")

    def _interrupts(self, message: Message) -> bool:
        """Whether it is Ctrl-C, which quits; or first copies what is selected, as at any time."""
        if not isinstance(message, events.Key) or message.key != "ctrl+c" or not self._quits(message.key):
            return False
        if self._is_text_selected and not self._has_copied:
            self._has_copied = True
            self._forward(message)
        else:
            self._app.exit(0)
        return True

    @property
    def _is_text_selected(self) -> bool:
        focused = self._app.focused
        return bool(self._app.screen.selections) or (isinstance(focused, Input) and not focused.selection.is_empty)

    async def settled(self) -> None:
        """Wait until all that was typed is done."""
        while self._task is not None:
            await asyncio.wait((self._task,))

    async def _in_turn(self) -> None:
        try:
            self._stuck &= set(self._busy())
            await asyncio.sleep(0)  # a loop that begins its tasks at once must know this one before it ends
            await self._all_done()
            self._show()
            while self._waiting and self._app.is_running and not self._app._exit:
                changes_nothing = self._hand_on()
                if not (changes_nothing and self._waiting and self._changes_nothing(self._waiting[0])):
                    await self._all_done()
                    self._show()
        except Exception as error:  # noqa: BLE001 - what the toolkit does with a mistake in any of its own tasks
            self._app._handle_exception(error)
        finally:
            self._task = None
            self._has_copied = False
            if self._app._exit:
                self._waiting.clear()

    def _hand_on(self) -> bool:
        """Hand the next one on; whether it leaves everything as it is but a text."""
        message = self._waiting.popleft()
        changes_nothing = self._changes_nothing(message)
        self._forward(self._with_what_follows(message))
        return changes_nothing

    def _with_what_follows(self, message: Message) -> Message:
        """A text that waits is one paste: for each key of it the line would be completed, and filtered by."""
        focused = self._app.focused
        if not isinstance(message, events.Key) or not isinstance(focused, Input) or not self._is_text(message):
            return message
        room = (focused.max_length or len(self._waiting)) - len(focused.value)
        text = message.character or ""
        while self._waiting and len(text) < room and self._is_text(follows := self._waiting[0]):
            text += follows.character or ""
            self._waiting.popleft()
        return events.Paste(text) if len(text) > 1 else message

    def _changes_nothing(self, message: Message) -> bool:
        """Whether what comes next cannot be meant for another: a text need not be waited for."""
        return isinstance(message, events.MouseMove) or self._is_text(message)

    def _is_text(self, message: Message) -> TypeGuard[events.Key]:
        focused = self._app.focused
        return (
            isinstance(message, events.Key)
            and isinstance(focused, Input)
            and focused.check_consume_key(message.key, message.character)
        )

    def _show(self) -> None:
        if self._waiting and not self._app._exit:
            self._between()

    async def _all_done(self) -> None:
        for turn in range(MOST_TURNS):
            if self._app._exit or all(each in self._stuck for each in self._busy(self._waits_for_threads)):
                return
            if turn == WORKER_TURNS:
                self._give_up(self._workers())
            await asyncio.sleep(0 if turn < PROMPT_TURNS else PAUSE)
        self._give_up(self._busy())

    def _give_up(self, busy: Iterator[object]) -> None:
        for each in busy:
            if each not in self._stuck:
                log.warning("keys wait no more for %r", each)
                self._stuck.add(each)

    @property
    def _waits_for_threads(self) -> bool:
        """Not to show what is typed."""
        return not (self._waiting and self._app.screen_stack and self._is_text(self._waiting[0]))

    def _busy(self, with_threads: bool = True) -> Iterator[object]:
        yield from (pump for pump in self._pumps() if _is_busy(pump))
        yield from (self._workers() if with_threads else ())
        # What is done after the next repaint.
        yield from (screen for screen in self._app.screen_stack[-1:] if screen._callbacks)

    def _workers(self) -> Iterator[object]:
        yield from (worker for worker in self._app.workers if not worker.is_finished)
        yield from (
            each for screen in self._app.screen_stack[-1:] if isinstance(screen, Awaiting) for each in screen.awaited()
        )

    def _pumps(self) -> Iterator[MessagePump]:
        yield self._app
        for screen in self._app.screen_stack:
            yield from screen.walk_children(Widget, with_self=True)


def _is_busy(pump: MessagePump) -> bool:
    """Whether it has messages left, works on one, or is being made."""
    if not pump._running:
        return pump._task is not None and not pump._mounted_event.is_set()
    if pump._closing:
        return False
    # Only a pump with nothing to do waits for its queue; one that waits for anything else is in the middle of its work.
    ready: asyncio.Event = pump._message_queue.ready_event
    return ready.is_set() or not ready._waiters or bool(pump._next_callbacks) or not pump._mounted_event.is_set()
