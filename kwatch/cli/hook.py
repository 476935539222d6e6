"""`kwatch RESOURCE --on FILTER`: a hook without a screen, and a line for each of its onsets."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from queue import Empty, Queue

from kwatch.base.timestamp import rfc3339
from kwatch.cli.arguments import WatchArguments
from kwatch.cli.connecting import Clusters
from kwatch.cli.running import running_on, select
from kwatch.cli.terminal import complain, is_terminal, write
from kwatch.output.opening import Connecting, Run, StreamError
from kwatch.output.printer import json_text
from kwatch.output.waiting import read_filter
from kwatch.session.hook import Hook, Onset, command_of, in_few_words
from kwatch.session.hook_actions import notification
from kwatch.session.hooks import Hooks

MOST_TOLD = 1_000
"""How often something may begin until it is printed; then the hooks wait."""
_TICK = 0.1


def run_hook(clusters: Clusters, arguments: WatchArguments) -> int:
    """`--on FILTER`: act, and print a line for each onset, until a signal; 1 for an error, 2 for wrong words."""
    try:
        hook = _hook(arguments)
    except ValueError as error:
        complain(str(error))
        return 2
    with running_on(clusters) as (runs, signalled):
        told = Queue[Sequence[Onset]](MOST_TOLD)
        hooks = Hooks(
            lambda: [run.session for run in runs], runs[0].clock, [hook], on_onsets=told.put, on_failure=complain
        )
        health = _Health(runs, hooks)
        try:
            while not runs[0].stop.is_set():
                with suppress(Empty):
                    _tell(told.get(timeout=_TICK), as_json=arguments.output.format == "json")
                health.look()
        except StreamError as error:
            complain(str(error))
            return 1
        finally:
            hooks.close()
    return signalled()


def _tell(onsets: Sequence[Onset], *, as_json: bool) -> None:
    for onset in onsets:
        write(f"{json_text(onset.payload) if as_json else f'{rfc3339(onset.at)} {onset.text}'}\n")
    for text in in_few_words(onsets) if onsets[0].hook.notifies and is_terminal() else ():
        write(notification(text, os.environ), is_safe=True)


class _Health:
    """Says once of each context why nothing can be seen there."""

    def __init__(self, runs: Sequence[Run], hooks: Hooks) -> None:
        self._runs = runs
        self._hooks = hooks
        self._waiting = {run.context: Connecting(run) for run in runs}
        self._refused = 0
        self._said: set[str] = set()

    def look(self) -> None:
        """Raise StreamError where nothing can be seen in any of them."""
        for run in self._runs:
            connecting = self._waiting.get(run.context)
            try:
                if connecting is not None and connecting.look():
                    del self._waiting[run.context]
            except StreamError as error:
                del self._waiting[run.context]  # it is tried on, and seen as soon as it answers
                self._refused += 1
                if self._refused == len(self._runs):
                    raise
                run.complain(str(error))
        state = self._hooks.states[0]
        if state.trouble and not self._waiting and not any(run.session.informers() for run in self._runs):
            raise StreamError(state.trouble)
        troubles = {each for each in (state.trouble, *state.without) if each}
        for trouble in sorted(troubles - self._said):
            complain(trouble)
        self._said = troubles


def _hook(arguments: WatchArguments) -> Hook:
    """Raise ValueError, which a QuerySyntaxError is."""
    asked, chosen = arguments.hook, select(arguments.selection)
    command = command_of(asked.command, is_for_shell=asked.shell)
    return Hook(
        read_filter(asked.on),
        chosen.resource,
        None if chosen.all_namespaces else chosen.namespace or "",
        chosen.label_selector,
        chosen.fields(),
        command,
        asked.webhook,
        asked.notifies,
        asked.existing,
    )
