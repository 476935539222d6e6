"""The commands of the object screen: its tabs', then those for going from tab to tab."""

from __future__ import annotations

from functools import partial

from kwatch.tui.commands.command import Command
from kwatch.tui.commands.everywhere import BASELINE, CLEAR_OR_CLOSE, GOING, LEAVING
from kwatch.tui.features.object.tabs import TABS

_history = partial(Command, tab="history", group="History", when="not screen.is_typing", rank=4)
HISTORY = (
    _history(
        "history.compare",
        "enter",
        "Side by side: the two marked versions, or this one and the one before",
        "screen.compare",
        footer="side by side",
    ),
    _history(
        "history.mark",
        "space",
        "Mark a version; two marked ones are compared with each other",
        "table.action_mark",
        footer="mark two",
    ),
    _history(
        "history.time",
        "t",
        "To the version that was in force at a time: 14:02, -10m",
        "screen.ask_moment",
        footer="time",
        needs="There is no moment to go to here; the history and the timeline have them.",
    ),
    _history("history.older", "left", "To the version before", "move", (1,), footer="older", priority=True),
    _history("history.newer", "right", "To the version after", "move", (-1,), footer="newer", priority=True),
)

_timeline = partial(Command, tab="timeline", group="Timeline", rank=4)
TIMELINE = (
    _timeline(
        "timeline.open",
        "enter",
        "Side by side with the version before; of an Event, the Event; of a container that ended, its last lines",
        "screen.open_timeline_row",
        footer="side by side",
    ),
    _timeline(
        "timeline.cycle",
        "f",
        "Show changes, everything, this object alone, or Events alone",
        "cycle",
        footer="show",
    ),
    _timeline(
        "timeline.filter",
        "slash",
        "Filter the timeline",
        "screen.filter_timeline",
        when="not screen.is_typing",
        footer="filter",
        priority=True,
    ),
    _timeline(
        "timeline.history",
        "v",
        "The history of the row's object",
        "screen.open_history_of_row",
        footer="its history",
    ),
    _timeline(
        "timeline.time",
        "t",
        "To what had happened last at a time: 14:02, -10m",
        "screen.ask_moment",
        footer="time",
    ),
)

SUSPECTS = (
    Command(
        "overview.suspect",
        "enter",
        "Of the overview: what the likeliest cause changed, side by side",
        "screen.open_suspect",
        (1,),
        tab="overview",
        when="suspects",
        footer="what changed",
        group="Suspects",
        rank=0,
    ),
    Command(
        "suspects.open",
        "enter",
        "What it changed, side by side; else what the server says of it",
        "screen.open_suspect",
        tab="suspects",
        footer="what it changed",
        group="Suspects",
        rank=4,
    ),
)

_rollouts = partial(Command, tab="rollouts", group="Rollouts", rank=4)
ROLLOUTS = (
    _rollouts(
        "rollouts.compare",
        "enter",
        "Side by side: the template, and the one before",
        "screen.compare",
        footer="side by side",
    ),
    _rollouts(
        "rollouts.open",
        "o",
        "Go to the replica set or controller revision that keeps the template",
        "screen.open_related",
        footer="go there",
    ),
)

RELATED = (
    Command(
        "related.open",
        "enter",
        "Go to the related object",
        "screen.open_related",
        tab="related",
        footer="go there",
        group="Related",
    ),
    Command("related.owner", "J", "The owner of the object", "open_owner", group="Related"),
)

_containers = partial(Command, tab="containers", group="Containers", when="table.cursor_key")
CONTAINERS = (
    _containers(
        "containers.logs",
        "enter,l",
        "The log of the container",
        "screen.show_logs_of_container",
        footer="logs of it",
    ),
    _containers(
        "containers.previous-logs",
        "p",
        "The log of the container before its last restart",
        "screen.show_logs_of_container",
        (True,),
        footer="previous",
    ),
    _containers("containers.copy", "c", "Copy the name of the container", "copy_name"),
    Command("tab.containers", "", "Containers", "show_tab", ("containers",), when="has_tab", group="Tabs"),
)


SHOW_TABS = tuple(
    Command(
        f"tab.{tab.id}",
        tab.key,
        tab.help or tab.title,
        "show_tab",
        (tab.id,),
        when="can_show_tab",
        footer=tab.id,
        group="Tabs",
        needs=f"It has no {tab.id}.",
    )
    for tab in TABS
    if tab.key
)
TAB_STEPS = (
    Command("tab.next", "tab", "Next tab", "next_tab", (1,), group="Tabs"),
    Command("tab.previous", "shift+tab", "Previous tab", "next_tab", (-1,), group="Tabs"),
)

_text = partial(Command, when="text", group="Text", needs="This is not text: YAML, the overview and logs are.")
TEXTS = (
    _text(
        "text.search",
        "slash",
        "Search, /a|b/: by a regular expression; n and Shift-N go from match to match",
        "open_search",
        footer="search",
    ),
    _text("text.wrap", "w", "Break long lines, or let them run on", "text.toggle_wrap"),
    _text(
        "text.copy",
        "c",
        "Copy the whole text, or what the mouse selected",
        "copy_text",
        when="text and not has_selection",
    ),
)

_yaml = partial(Command, tab="yaml", group="YAML", rank=4)
YAML = (
    _yaml(
        "yaml.managed-fields",
        "m",
        "Show or hide managedFields",
        "toggle_managed_fields",
        footer="managed fields",
        footer_if=("managed_fields", "hide managed fields"),
    ),
    _yaml(
        "yaml.unmask",
        "x",
        "Show a Secret's values decoded, once you confirm, until you leave; or mask them again",
        "toggle_mask",
        when="screen.is_secret",
        footer="decode",
        footer_if=("unmasked", "mask"),
        needs="Only the values of a Secret are masked, on its YAML.",
    ),
)

_logs = partial(Command, tab="logs", group="Logs", rank=4, needs="That is for logs: l shows them.")
_live = partial(_logs, when="panel.is_live and not screen.is_typing")
_of_now = partial(_logs, when="panel.is_of_now and not screen.is_typing")
LOGS = (
    _of_now(
        "logs.follow",
        "f",
        "Follow the log, or stop; End follows too, moving up stops",
        "panel.toggle_follow",
        footer="follow",
        footer_if=("text.following", "pause"),
    ),
    _logs(
        "logs.filter",
        "ampersand",
        "Hide lines without a text; !text: those with it; /a|b/: a regular expression",
        "panel.open_filter",
        when="not screen.is_typing",
        footer="filter",
        priority=True,
    ),
    _logs(
        "logs.context",
        "C",
        "With the filter: the lines around each match too, 2, 5, 20 or none",
        "panel.next_context",
        when="panel.is_filtered",
        footer="context",
        needs="There is no filter whose surroundings could be shown: & filters.",
    ),
    *(
        _live(f"logs.from-{key}", key, title, "panel.use_since", since)
        for key, since, title in (
            ("0", ("all",), "The newest lines"),
            ("1", ("all", "all"), "From the beginning"),
            ("2", ("1m",), "The last minute"),
            ("3", ("5m",), "The last 5 minutes"),
            ("4", ("15m",), "The last 15 minutes"),
            ("5", ("30m",), "The last half hour"),
            ("6", ("1h",), "The last hour"),
        )
    ),
    _live(
        "logs.all-containers",
        "a",
        "All containers, or the usual one",
        "kwatch.tui.features.log_text:toggle_all_containers",
    ),
    _logs(
        "logs.mark",
        "m",
        "Draw a line below what is there, to see what comes after it",
        "kwatch.tui.features.log_text:draw_line",
        when="not screen.is_typing",
    ),
    _live("logs.container", "o", "Choose the container, or all", "panel.choose_container", footer="container"),
    _live(
        "logs.previous",
        "p",
        "The logs before the last restart, or the current ones",
        "panel.toggle_previous",
        footer="previous",
        footer_if=("panel.previous", "present"),
    ),
    _live("logs.since", "s", "Since when: 1m, 5m, 15m, 30m, 1h, 6h, all", "panel.choose_since", footer="since"),
    _of_now("logs.tail", "S", "How many lines of each container: 100 to all", "panel.choose_tail", footer="tail"),
    _logs(
        "logs.json",
        "z",
        "JSON lines as level, message and fields, or as they are written",
        "panel.toggle_json",
        footer="JSON",
    ),
    _logs("logs.timestamps", "t", "With each line's time, or without", "panel.toggle_times", footer="times"),
    _logs(
        "logs.save",
        "ctrl+s",
        "Save the lines that are shown into a file",
        "panel.ask_file",
        when="not screen.is_typing",
        footer="save",
    ),
)

FULL_SCREEN = Command(
    "text.full-screen",
    "f",
    "The text on the whole screen, or with everything around it again",
    "toggle_full_screen",
    when="text and not is_typing",
    group="Text",
)
"""After the tabs' own: in a log f follows, on the timeline it chooses what is shown."""

OWN_OBJECT_COMMANDS = (
    CLEAR_OR_CLOSE("object.close", title="Clear the filter or the search, then back", footer_now="word_for_escape"),
    *HISTORY,
    *TIMELINE,
    *SUSPECTS,
    *ROLLOUTS,
    *RELATED,
    *CONTAINERS,
    *SHOW_TABS,
    *TEXTS,
    *YAML,
    *LOGS,
    FULL_SCREEN,
    *TAB_STEPS,
)
OBJECT_COMMANDS = (*OWN_OBJECT_COMMANDS, *GOING, *BASELINE, *LEAVING)
"""The baseline's last: on the YAML m shows managedFields."""
LOGS_SCREEN_COMMANDS = (CLEAR_OR_CLOSE("logs.close"), *TEXTS, *LOGS, *GOING, *LEAVING)
