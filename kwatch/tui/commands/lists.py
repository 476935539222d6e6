"""The commands of the screens that list something: problems, changes since the baseline, deltas, two versions."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from kwatch.tui.commands.command import Command
from kwatch.tui.commands.everywhere import BASELINE, CLEAR_OR_CLOSE, CLOSE, CLOSING, GOING, LEAVING, SET_BASELINE

_problem = partial(
    Command,
    run="open_object",
    when="not is_typing and problem",
    group="Problems",
    needs="There is no problem to open.",
)
PROBLEMS = (
    CLEAR_OR_CLOSE("problems.close"),
    Command(
        "problems.open",
        "enter",
        "The object that has the problem, at a glance; of a line of several, its members",
        "open_line",
        footer="open",
        footer_if=("is_on_group", "members"),
        group="Problems",
    ),
    Command(
        "problems.unfold",
        "right",
        "The members of a line of several",
        "toggle_group",
        when="not is_typing and is_on_top and is_on_folded",
        group="Problems",
        priority=True,
    ),
    Command(
        "problems.fold",
        "left",
        "To the line of all that fail alike, then fold it",
        "go_out",
        when="not is_typing and is_on_top and is_in_group",
        group="Problems",
        priority=True,
    ),
    Command(
        "problems.filter",
        "slash",
        "Narrow by the filter language; since:1h also lists what healed",
        "open_filter",
        when="not is_typing",
        footer="filter",
        group="Problems",
        priority=True,
    ),
    _problem(
        "problems.suspects", "X", "What may have caused it, the likeliest first", args=("suspects",), footer="why"
    ),
    _problem(
        "problems.history",
        "v",
        "What changed in the object, when and by whom",
        args=("history",),
        footer="history",
    ),
    _problem(
        "problems.timeline",
        "T",
        "Its changes among those of its owners, children and node, and the Events, on one time line",
        args=("timeline",),
        footer="timeline",
    ),
    _problem("problems.rollouts", "H", "The rollouts of its workload", args=("rollouts",)),
    _problem("problems.overview", "d", "The object that has the problem, at a glance", args=("overview",)),
    _problem("problems.yaml", "y", "The object as YAML", args=("yaml",)),
    _problem("problems.events", "e", "Events about the object", args=("events",), footer="events"),
    _problem(
        "problems.logs",
        "l",
        "Logs of its pods",
        args=("logs",),
        when="not is_typing and problem and has_logs",
        footer="logs",
        needs="Only what has pods has logs.",
    ),
    Command(
        "problems.sort-since",
        "A",
        "Sort by onset: of what is equally bad the newest first (as it is at the beginning)",
        "sort_by",
        ("since",),
        when="not is_typing",
        group="Sorting",
    ),
    Command(
        "problems.sort-name",
        "N",
        "Sort by kind, namespace and name: the same place at each look",
        "sort_by",
        ("name",),
        when="not is_typing",
        group="Sorting",
    ),
    Command(
        "problems.at",
        "",
        "What was wrong at another moment: :at 14:02, :at -10m, :at now",
        "go_to_moment",
        ("",),
        when="has_journal",
        run_with_args="go_to_moment",
        candidates=("-5m", "-10m", "-1h", "now"),
        group="Problems",
        words=("at", "time"),
    ),
)
PROBLEMS_COMMANDS = (*PROBLEMS, *BASELINE, *GOING, *LEAVING)

_change = partial(Command, group="What changed")
_before_the_list = partial(_change, when="not is_typing and is_on_top", priority=True)
"""Keys that mean something else to the table, or are typed in a burst: taken before the next one is looked at."""
_open_change = partial(_change, run="open_object", when="difference", needs="There is no object on this line.")
CHANGES = (
    _change(
        "changes.open",
        "enter",
        "Side by side: how it was at the baseline, and how it is now",
        "open_line",
        when="difference",
        footer="side by side",
        rank=0,
    ),
    _open_change("changes.history", "v", "The history of the object", args=("history",), footer="history", rank=1),
    _change(
        "changes.toggle",
        "space,enter",
        "Fold or unfold the group",
        "toggle_group",
        when="is_in_group",
        footer="fold",
        rank=1,
    ),
    _before_the_list(
        "changes.group",
        "g",
        "Group by owner, or by changed path",
        "regroup",
        footer="by owner",
        footer_if=("is_by_owner", "by path"),
        rank=2,
    ),
    _before_the_list(
        "changes.filter",
        "slash",
        "Narrow by words in kind, name, owner, change or who",
        "open_filter",
        footer="filter",
        rank=3,
    ),
    _change(
        "changes.toggle-all",
        "f",
        "Fold every group, or unfold every one",
        "toggle_all",
        footer="fold all",
        footer_if=("options.folded", "unfold all"),
        rank=4,
    ),
    _change(
        "changes.noise",
        "n",
        "Noise too: versions, heartbeats, times that follow another change",
        "toggle_noise",
        footer="noise",
        footer_if=("options.noise", "no noise"),
    ),
    _change(
        "changes.everything",
        "a",
        "Events and leases too, and what came and went since",
        "toggle_everything",
        footer="all kinds",
        footer_if=("options.everything", "fewer kinds"),
    ),
    replace(
        SET_BASELINE,
        id="changes.begin",
        title="Set the baseline to now: the list begins again",
        run="begin_again",
        footer="from now on",
        rank=6,
    ),
    CLEAR_OR_CLOSE("changes.close", rank=9, group="What changed"),
    _before_the_list("changes.fold", "left", "To the heading, then fold the group", "go_out"),
    _before_the_list("changes.unfold", "right", "Unfold the group, then into it", "go_in"),
    _open_change("changes.overview", "d", "The object at a glance", args=("overview",)),
    _open_change("changes.yaml", "y", "The object as YAML", args=("yaml",)),
)
CHANGES_COMMANDS = (*CHANGES, *GOING, *LEAVING)

_log = partial(Command, group="Delta log")
DELTA_LOG = (
    CLEAR_OR_CLOSE("log.close"),
    _log("log.open", "enter", "The history of the delta's object", "open_object", footer="history"),
    _log(
        "log.pause",
        "space",
        "Pause, or go on at the end",
        "toggle_pause",
        footer="pause",
        footer_if=("paused", "go on"),
    ),
    _log(
        "log.filter",
        "slash",
        "Filter the deltas by words in resource, name, type, who or changes",
        "open_filter",
        footer="filter",
    ),
)
DELTA_LOG_COMMANDS = (*DELTA_LOG, *BASELINE, *GOING, *LEAVING)

_diff = partial(Command, group="History")
_step = partial(_diff, run="step", when="not is_typing and has_others", priority=True)
DIFF = (
    replace(CLOSE, id="diff.close", title="Back to the list", run="clear_or_leave"),
    _step(
        "diff.older",
        "left",
        "The version before; of several contexts, the one before",
        args=(1,),
        footer="older",
        footer_if=("steps_objects", "one before"),
    ),
    _step(
        "diff.newer",
        "right",
        "The version after; of several contexts, the next",
        args=(-1,),
        footer="newer",
        footer_if=("steps_objects", "next one"),
    ),
    _diff(
        "diff.everything",
        "a",
        "The whole object, or only what changed",
        "toggle_everything",
        when="not alone",
        footer="all lines",
        footer_if=("everything", "only changes"),
        needs="All lines are shown: there is nothing to compare them with.",
    ),
)
DIFF_FULL = _diff(
    "diff.full-screen", "f", "On the whole screen, or with everything around it again", "toggle_full_screen"
)
DIFF_COMMANDS = (*DIFF, DIFF_FULL, *GOING, *LEAVING)

PULSES_COMMANDS = (
    *CLOSING,
    Command(
        "pulses.open",
        "enter",
        "The rows of that kind: the unhealthy ones, if there are any",
        "open_kind",
        footer="open",
        group="Pulses",
    ),
    *GOING,
    *LEAVING,
)
_xray = partial(Command, group="Tree of owners")
_in_tree = partial(_xray, when="not is_typing and is_on_top", priority=True)
_of_line = partial(_xray, run="open_object", when="not is_typing and has_object", needs="There is no object here.")
XRAY = (
    CLEAR_OR_CLOSE("xray.close"),
    _of_line("xray.open", "enter", "The object at a glance", args=("overview",), footer="open"),
    _in_tree("xray.toggle", "space", "Open or close what is below it", "toggle", footer="open, close"),
    _in_tree("xray.in", "right", "Open what is below it", "go_in"),
    _in_tree("xray.out", "left", "Close it, or go to what it belongs to", "go_out"),
    _in_tree("xray.all", "x", "Open or close everything", "toggle_all", footer="all"),
    _in_tree("xray.filter", "slash", "Narrow by words in kind, name or state", "open_filter", footer="filter"),
    _of_line("xray.overview", "d", "The object at a glance", args=("overview",)),
    _of_line("xray.yaml", "y", "The object as YAML", args=("yaml",), footer="yaml"),
    _of_line("xray.history", "v", "What changed in the object, when and by whom", args=("history",), footer="history"),
    _of_line("xray.events", "e", "Events about the object", args=("events",), footer="events"),
    _of_line("xray.suspects", "X", "What may have made it fail", args=("suspects",)),
    _of_line(
        "xray.logs",
        "l",
        "Logs of its pods",
        args=("logs",),
        when="not is_typing and has_object and has_logs",
        footer="logs",
        needs="Only what has pods has logs.",
    ),
)
XRAY_COMMANDS = (*XRAY, *BASELINE, *GOING, *LEAVING)
INFORMERS_COMMANDS = (*CLOSING, *GOING, *LEAVING)
HELP_COMMANDS = (*CLOSING, *LEAVING)
