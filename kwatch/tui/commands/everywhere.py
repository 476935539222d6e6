"""The commands that work on every screen, or on many."""

from __future__ import annotations

from functools import partial

from kwatch.tui.commands.command import Command
from kwatch.tui.navigation import CLEAR_FILTER

_go = partial(Command, group="Going places")
GOING = (
    _go("go.back", "left_square_bracket", "Back to the view before", "kwatch.home.navigation.step_back", (-1,)),
    _go("go.forward", "right_square_bracket", "Forward again", "kwatch.home.navigation.step_back", (1,)),
    _go("go.last", "minus", "The last view, there and back", "kwatch.home.navigation.last_view"),
    *(
        _go(
            f"go.favourite-{number}",
            str(number),
            f"Favourite {number}",
            "kwatch.tui.commands.command_line:run_favourite",
            (number,),
            when="has_favourite",
            needs=f"There is no favourite {number}: they are listed in config.yaml.",
            favourite=number,
        )
        for number in range(1, 10)
    ),
)

_MOMENTS = ("-5m", "-10m", "-1h", "now")
SET_BASELINE = Command(
    "baseline",
    "m",
    "Set a baseline here: what is now, or at the moment shown, is compared with from now on",
    "kwatch.tui.features.changes.changes_screen:set_baseline",
    run_with_args="kwatch.tui.features.changes.changes_screen:set_baseline_at",
    candidates=(*_MOMENTS, "clear"),
    footer="baseline",
    rank=7,
    group="What changed",
    words=("baseline",),
)
SHOW_CHANGES = Command(
    "changes",
    "M",
    "Everything that changed since the baseline",
    "kwatch.tui.features.changes.changes_screen:show_changes",
    run_with_args="kwatch.tui.features.changes.changes_screen:show_changes_since",
    candidates=_MOMENTS,
    footer="changed since",
    rank=7,
    group="What changed",
    words=("changes", "since"),
)
BASELINE = (SET_BASELINE, SHOW_CHANGES)

CLOSE = Command("screen.close", "escape", "Back", "leave", footer="back")
CLEAR_OR_CLOSE = partial(
    Command,
    keys="escape",
    title="Clear the filter, then back",
    run="clear_or_leave",
    footer="back",
    footer_if=("is_filtered", CLEAR_FILTER),
)
"""Escape where something can be filtered. Each screen has an id of its own."""
CLOSING = (CLOSE,)

LEAVING = (
    Command(
        "screen.command-line",
        "colon",
        "Type a command: a resource, ns, ctx, theme, q",
        "open_command_line",
        when="not is_typing",
        footer="command",
        rank=9,
        priority=True,
    ),
)
"""`:` on the screens that stand before the table."""

QUIT = Command(
    "app.quit", "q,ctrl+c", "Quit", "app.exit", (0,), footer="quit", words=("q", "quit", "exit", "q!", "qa", "Q")
)
COPY_SELECTION = Command(
    "copy-selection",
    "c",
    "Copy the text that the mouse selected",
    "copy_selection",
    when="has_selection",
    footer="copy selection",
)
APPLICATION_COMMANDS = (
    Command(
        "delta-log",
        "D",
        "Everything that arrives",
        "open_screen",
        ("delta log",),
        group="Going places",
        words=("deltas", "log"),
    ),
    Command(
        "informers",
        "I",
        "How the informers are doing",
        "open_screen",
        ("informers",),
        group="Going places",
        words=("informers",),
    ),
    Command(
        "contexts",
        "",
        "Choose a context",
        "kwatch.tui.features.choosing:choose_context",
        run_with_args="kwatch.tui.features.choosing:use_context",
        candidates="kwatch.tui.features.choosing:names_of_contexts",
        group="Going places",
        words=("ctx", "context", "contexts"),
    ),
    Command(
        "namespaces",
        "",
        "Choose a namespace",
        "kwatch.tui.features.choosing:choose_namespace",
        run_with_args="kwatch.tui.features.choosing:use_namespace",
        candidates="kwatch.tui.features.choosing:names_of_namespaces",
        group="Going places",
        words=("ns", "namespace"),
    ),
    Command(
        "themes",
        "",
        "Choose a theme",
        "kwatch.tui.features.choosing:choose_theme",
        run_with_args="kwatch.tui.features.choosing:use_theme",
        candidates="kwatch.theme_store.names",
        words=("theme", "themes", "skin"),
    ),
    Command(
        "aliases",
        "ctrl+a",
        "All aliases: short names, k9s's and yours, with what they stand for",
        "kwatch.tui.commands.aliases:open_aliases",
        group="Going places",
        words=("aliases", "alias", "a"),
    ),
    Command("palette", "ctrl+p", "All commands", "kwatch.tui.features.choosing:choose_command"),
    Command(
        "help",
        "question_mark",
        "Keys and the filter language",
        "kwatch.tui.features.help_screen:open_help",
        footer="help",
        words=("help", "h"),
    ),
    Command(
        "problems",
        "exclamation_mark",
        "Everything that is wrong, across all watched kinds",
        "kwatch.tui.features.problems.opening:open_problems",
        run_with_args="kwatch.tui.features.problems.opening:open_problems_with",
        candidates=("since:10m", "since:1h", "kind:pod", "-A", "-n"),
        group="Going places",
        words=("problems", "unhealthy"),
    ),
    Command(
        "pulses",
        "",
        "How many of each kind there are, and how many are unhealthy",
        "kwatch.tui.features.pulses_screen:open_pulses",
        group="Going places",
        words=("pulses", "pulse", "pu", "hz"),
    ),
    Command(
        "xray",
        "",
        "The objects of a kind as a tree of what they are made of: :xray deploy",
        "kwatch.tui.features.xray_screen:open_xray",
        run_with_args="kwatch.tui.features.xray_screen:open_xray",
        candidates=("deployments", "statefulsets", "daemonsets", "services", "jobs", "cronjobs", "nodes", "pods"),
        group="Going places",
        words=("xray", "xrays", "xr", "x"),
    ),
    Command(
        "notify",
        "",
        "Notify, by bell and on the desktop, when an object of this table begins to match a filter",
        "kwatch.tui.commands.notify:show_hooks",
        run_with_args="kwatch.tui.commands.notify:notify_on",
        candidates=("unhealthy", "deleted", "off"),
        words=("notify",),
    ),
    Command(
        "export",
        "",
        "Save everything that is remembered as a recording, for kwatch replay",
        "kwatch.tui.exporting:ask_file",
        when="has_journal",
        run_with_args="kwatch.tui.exporting:export",
        words=("export",),
    ),
    Command(
        "report",
        "",
        "A report to hand on, as a file: of the object, else of everything that is wrong",
        "kwatch.tui.exporting:report",
        when="has_journal",
        run_with_args="kwatch.tui.exporting:report_as",
        candidates=("--logs", "--mask-names", "--since", "--force"),
        words=("report",),
    ),
    Command(
        "kubectl",
        "K",
        "The kubectl command for what is on screen or under the cursor, to copy",
        "kwatch.tui.features.kubectl_screen:open_kubectl",
        words=("kubectl",),
    ),
    COPY_SELECTION,
    Command(
        "app.repaint",
        "ctrl+l",
        "Draw the screen from scratch",
        "kwatch.repaint",
        words=("redraw",),
        priority=True,
    ),
    QUIT,
)
