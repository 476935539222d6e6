"""`kwatch [RESOURCE]`: the screen, or the plain stream."""

from __future__ import annotations

import os
import sys
from dataclasses import replace

from kwatch.cli.arguments import OutputArguments, WatchArguments
from kwatch.cli.connecting import Clusters, configured_clusters, first_list
from kwatch.cli.terminal import complain, stderr_problem


def watch(arguments: WatchArguments) -> int:
    plainly = bool(arguments.hook.on) or prints_plainly(arguments.output) or bool(cannot_draw())
    ahead = first_list(replace(arguments, output=_printed(arguments.output)) if plainly else arguments, plainly)
    return watch_clusters(arguments, configured_clusters(arguments.connection, arguments.selection.namespace, ahead))


def watch_clusters(arguments: WatchArguments, clusters: Clusters) -> int:
    if arguments.hook.on:
        from kwatch.cli.hook import run_hook

        return run_hook(clusters, arguments)
    plainly = prints_plainly(arguments.output)
    if not plainly and (why := cannot_draw()):
        complain(f"{why}, so instead of the screen here is the stream of changes")
        plainly = True
    if plainly:
        if arguments.view:
            complain("--view is for the screen; for the stream say RESOURCE, -n and -l")
            return 2
        from kwatch.cli.plain import run_plain

        return run_plain(clusters, arguments.selection, _printed(arguments.output), arguments.memory_limit)
    if problem := stderr_problem():
        complain(f"{problem}, and kwatch says there what goes wrong")
        return 1
    _drop_textual_settings()
    from kwatch.cli.screen import run_screen

    return run_screen(clusters, arguments)


def _drop_textual_settings() -> None:
    """Before it is imported: its settings for developers write the screen to files that others can read, press keys, or
    end it with a mistake. What is only a matter of taste or of the terminal stays. KWATCH_DEVTOOLS asks for
    textual's console (.github/CONTRIBUTING.md).
    """
    for name in [*os.environ]:
        if name.startswith("TEXTUAL") and name not in ("TEXTUAL_ANIMATIONS", "TEXTUAL_DISABLE_KITTY_KEY"):
            del os.environ[name]
    if os.environ.get("KWATCH_DEVTOOLS"):
        os.environ["TEXTUAL"] = "devtools"


def _printed(output: OutputArguments) -> OutputArguments:
    """As it is where there is no screen."""
    return replace(output, format=output.format or output.printed, until_synced=output.until_synced or output.once)


def prints_plainly(output: OutputArguments) -> bool:
    """Whether no screen is wanted: a format, an end, or no terminal to draw on."""
    return output.format is not None or output.until_synced or not sys.stdout.isatty()


def cannot_draw() -> str:
    """Why the terminal cannot show a screen; empty if it can."""
    name = os.environ.get("TERM", "")
    if not name:
        return "TERM says nothing about this terminal"
    return f"this terminal cannot show a screen (TERM={name})" if name in ("dumb", "unknown") else ""
