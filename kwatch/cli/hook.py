"""`kwatch RESOURCE --on FILTER`: a hook without a screen, and a line for each of its onsets."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from contextlib import suppress
from queue import Empty, Queue

from kwatch.base.timestamp import rfc3339
from kwatch.cli.arguments import WatchArguments
from kwatch.cli.connecting import Clusters
from kwatch.cli.running import one_cluster, select, stop_on_signals
from kwatch.cli.terminal import complain, is_terminal, write
from kwatch.informer.clock import SystemClock
from kwatch.output.opening import Run, StreamError, await_connection
from kwatch.output.printer import json_text
from kwatch.output.waiting import read_filter
from kwatch.session.hook import Hook, Onset, command_of, in_few_words
from kwatch.session.hook_actions import notification
from kwatch.session.hooks import Hooks
from kwatch.session.session import Session

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
    clock, stop, told = clusters.clock or SystemClock(), threading.Event(), Queue[Sequence[Onset]](MOST_TOLD)
    signalled = stop_on_signals(stop)
    one_cluster(clusters)
    session = Session(
        clusters.connect_to(None), cancel=clusters.cancel, clock=clock, request_timeout=clusters.request_timeout()
    )
    session.start()
    try:
        await_connection(Run(session, complain, clock, stop))
        hooks = Hooks(lambda: (session,), clock, [hook], on_onsets=told.put, on_failure=complain)
        said: set[str] = set()
        try:
            while not stop.is_set():
                with suppress(Empty):
                    onsets = told.get(timeout=_TICK)
                    as_json = arguments.output.format == "json"
                    for onset in onsets:
                        write(f"{json_text(onset.payload) if as_json else f'{rfc3339(onset.at)} {onset.text}'}\n")
                    for text in in_few_words(onsets) if hook.notifies and is_terminal() else ():
                        write(notification(text, os.environ), is_safe=True)
                state = hooks.states[0]
                troubles = {each for each in (state.trouble, *state.without) if each}
                for trouble in sorted(troubles - said):
                    complain(trouble)
                if state.trouble and not session.informers():
                    return 1
                said = troubles
        finally:
            hooks.close()
    except StreamError as error:
        complain(str(error))
        return 1
    finally:
        session.close()
    return signalled()


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
