"""The commands of the table screen."""

from __future__ import annotations

from functools import partial

from kwatch.tui.commands.command import Command
from kwatch.tui.commands.everywhere import BASELINE, GOING

_object = partial(Command, group="Object", when="has_row", needs="There is no row to open.")
_open = partial(_object, run="open_object")
_on = partial(_object, when="has_row and is_on", needs="")
"""Of some resources, which are its arguments."""
_logs = partial(_object, when="has_row and has_logs", needs="Only what has pods has logs.")
OBJECTS = (
    _object(
        "object.drill-down",
        "enter",
        "Drill down: a deployment's pods, a node's pods; else open the object",
        "drill_down",
        footer="open",
        rank=0,
    ),
    _open(
        "object.overview",
        "d",
        "The object at a glance: what is wrong, what describe says",
        args=("overview",),
        footer="overview",
    ),
    _open("object.yaml", "y", "The object as YAML", args=("yaml",), footer="yaml"),
    _open("object.history", "v", "What changed, when and by whom", args=("history",), footer="history"),
    _open(
        "object.timeline",
        "T",
        "Its changes among those of its owners, children and node, and the Events, on one time line",
        args=("timeline",),
        footer="timeline",
    ),
    _open(
        "object.suspects",
        "X",
        "What may have made it fail, the likeliest first",
        args=("suspects",),
        footer="why",
    ),
    _open("object.rollouts", "H", "The rollouts of its workload", args=("rollouts",), footer="rollouts"),
    _open("object.events", "e", "Events about the object", args=("events",), footer="events"),
    _open(
        "object.related", "r", "Owners, children, what it uses and what uses it", args=("related",), footer="related"
    ),
    _logs(
        "object.logs",
        "l",
        "Logs of the pod, or of all pods of the object; of the marked rows together",
        "open_logs",
        footer="logs",
    ),
    _logs(
        "object.previous-logs",
        "p",
        "Logs of the container before its last restart",
        "open_object",
        ("previous-logs",),
    ),
    Command(
        "table.logs",
        "L",
        "Logs of all rows, as they are filtered, merged; new ones join",
        "open_logs_of_all",
        when="shows_logs",
        group="Object",
        needs="Only what has pods has logs.",
    ),
    _on("object.node", "o", "The node the pod runs on", "go_to_node", ("pods",), needs="Only pods run on a node."),
    _on(
        "object.decode",
        "x",
        "The values of a Secret, decoded, once you confirm",
        "decode_secret",
        ("secrets",),
        footer="decode",
        needs="Only a Secret has values to decode.",
    ),
    _object("object.owner", "J", "The owner of the object", "go_to_owner"),
    _on(
        "object.used-by",
        "u",
        "The pods that use a config map, a secret, a claim, a service account; of a namespace: be in it",
        "kwatch.tui.features.table.drill_down:use",
        ("configmaps", "secrets", "persistentvolumeclaims", "serviceaccounts", "namespaces"),
    ),
    _on(
        "object.replica-sets",
        "z",
        "The replica sets of a deployment",
        "kwatch.tui.features.table.drill_down:show_replica_sets",
        ("deployments.apps",),
    ),
    _object(
        "object.namespace",
        "w",
        "The same in the namespace of the object alone",
        "kwatch.tui.features.table.drill_down:be_in_its_namespace",
    ),
    _object(
        "object.copy-namespace",
        "n",
        "Copy the namespace of the object",
        "kwatch.tui.features.table.drill_down:copy_namespace",
    ),
    _object(
        "object.copy-name",
        "c",
        "Copy the name, or those of the marked rows; or what the mouse selected",
        "copy_names",
        when="has_row and not has_selection",
    ),
    _object(
        "object.compare",
        "equals_sign",
        "Two marked rows side by side, as they are wanted; or the object with its like in other contexts",
        "kwatch.tui.features.table.drill_down:compare",
        when="has_row",
    ),
)

_narrow = partial(Command, group="Narrowing")
NARROWING = (
    _narrow(
        "filter",
        "slash",
        "Filter the rows",
        "filter_bar.open",
        when="not is_typing",
        footer="filter",
        rank=1,
        priority=True,
    ),
    Command(
        "command-line",
        "colon",
        "Type a command: a resource, ns, ctx, theme, q",
        "filter_bar.open_command_line",
        when="not is_typing",
        footer="command",
        rank=1,
        group="Going places",
        priority=True,
    ),
    _narrow(
        "namespaces.all",
        "0",
        "All namespaces",
        "navigation.use_namespace",
        (None,),
        when="navigation.is_in_some_namespaces",
        needs="All namespaces are shown already, or what is shown is in none.",
        footer="all namespaces",
    ),
    Command(
        "back-or-clear",
        "escape",
        "One step back: what was begun here ends, the last of it first; then back the way one came",
        "take_way_back",
        when="way_back",
        footer="back",
        footer_now="word_for_way_back",
        rank=9,
        group="Going places",
        needs="This is where you began; q quits.",
    ),
    _narrow("filter.clear", "ctrl+u", "Clear the filter", "use_filter", ("",), when="not is_typing"),
    _narrow("wide", "ctrl+w", "All columns, or those there is room for", "toggle_wide"),
    _narrow(
        "columns",
        "",
        "Add a column by path, or take one away: :col .spec.nodeName HOST, :col label:tier, :col -AGE, :col off",
        "filter_bar.open_command_line",
        ("col ",),
        run_with_args="kwatch.tui.features.table.own_columns:change_columns",
        completes="kwatch.tui.features.table.own_columns:complete_column",
        words=("col", "cols", "columns"),
    ),
    _narrow("unhealthy", "ctrl+z", "Only what is unhealthy, or everything again", "toggle_unhealthy"),
)

EXPLORING = (
    _narrow(
        "split",
        "vertical_line",
        "The object under the cursor beside the table, from 160 columns; again without it",
        "split.toggle",
        run_with_args="split.use",
        candidates=("overview", "yaml", "history", "events", "off"),
        words=("split",),
    ),
    _narrow(
        "explore",
        "i",
        "Indexes: values with counts, to filter by",
        "explorer.open",
        footer="indexes",
        words=("indexes", "indices", "facets"),
    ),
)

_sort_by = partial(
    Command,
    when="has_column",
    group="Sorting",
    needs="There is no such column to sort by; Shift-← and Shift-→ choose one.",
)
_pick = partial(Command, run="table.pick_column", when="has_columns", group="Sorting")
SORTING = (
    _sort_by("sort.name", "N", "Sort by name", "sort_by", args=("name",)),
    _sort_by("sort.age", "A", "Sort by age", "sort_by", args=("age",)),
    _sort_by("sort.status", "S", "Sort by status", "sort_by", args=("status",)),
    _sort_by("sort.namespace", "P", "Sort by namespace", "sort_by", args=("namespace",)),
    _sort_by("sort.cpu", "C", "Sort by CPU, the most first", "sort_by_most", args=("cpu",)),
    _sort_by("sort.memory", "Z", "Sort by memory, the most first", "sort_by_most", args=("memory",)),
    _sort_by("sort.ready", "R", "Sort by how many are ready", "sort_by", args=("ready",)),
    _sort_by("sort.restarts", "E", "Sort by restarts, the most first", "sort_by_most", args=("restarts",)),
    _sort_by("sort.changed", "U", "Sort by last change: what was updated just now first", "sort_by", args=("changed",)),
    _pick("sort.pick-left", "shift+left", "Choose the sort column to the left", args=(-1,)),
    _pick("sort.pick-right", "shift+right", "Choose the sort column to the right", args=(1,)),
    Command(
        "sort.by",
        "",
        "Sort by any column: :sort cpu; again, or with a - before it, the other way round",
        "filter_bar.open_command_line",
        ("sort ",),
        run_with_args="sort_by_words",
        candidates="names_of_columns",
        group="Sorting",
        words=("sort",),
    ),
    Command("sort.picked", "O", "Sort by the chosen column, again to reverse", "sort_by_picked", group="Sorting"),
)

_travel = partial(
    Command,
    when="time_travel.is_active and not is_typing and is_on_top",
    group="Time travel",
    needs="That is for time travel: t begins it.",
    priority=True,
)
TIME_TRAVEL = (
    _travel(
        "time.play",
        "space",
        "Play, or pause",
        "time_travel.toggle_playing",
        footer="play",
        footer_if=("time_travel.is_playing", "pause"),
        rank=-3,
        words=("play", "pause"),
    ),
    _travel("time.older", "left", "To the delta before", "time_travel.step", (-1,), footer="older", rank=-2),
    _travel("time.newer", "right", "To the next delta", "time_travel.step", (1,), footer="newer", rank=-2),
    _travel(
        "time.slower",
        "less_than_sign",
        "Play slower, down to a quarter",
        "time_travel.change_speed",
        (-1,),
        footer="slower",
        rank=-1,
    ),
    _travel(
        "time.faster",
        "greater_than_sign",
        "Play faster, up to 1000 times",
        "time_travel.change_speed",
        (1,),
        footer="faster",
        rank=-1,
    ),
    _travel(
        "time.now",
        "end",
        "Back to now; in a recording, to its end",
        "time_travel.go_to_end",
        footer="now",
        footer_if=("time_travel.is_replaying", "end"),
        rank=-1,
    ),
    Command(
        "time.travel",
        "t",
        "Time travel: the table as it was; again for now",
        "time_travel.toggle",
        when="time_travel.can_begin",
        run_with_args="time_travel.go_to",
        footer="time travel",
        rank=6,
        group="Time travel",
        words=("at", "time"),
        needs="Nothing is remembered, so there is no past to go to.",
    ),
    _travel("time.beginning", "home", "To the first moment that is known", "time_travel.go_to_beginning"),
    _travel("time.minute-back", "ctrl+left", "A minute back", "time_travel.jump", (-60,)),
    _travel("time.minute-on", "ctrl+right", "A minute on", "time_travel.jump", (60,)),
    Command(
        "time.speed",
        "",
        "Play so many seconds per second: :speed 10",
        "filter_bar.open_command_line",
        ("speed ",),
        when="time_travel.is_active",
        run_with_args="time_travel.use_speed",
        group="Time travel",
        words=("speed",),
    ),
    Command(
        "time.idle",
        "",
        "Play at most so many seconds in which nothing happens: :idle 5, :idle off",
        "filter_bar.open_command_line",
        ("idle ",),
        when="time_travel.is_active",
        run_with_args="time_travel.use_idle_limit",
        group="Time travel",
        words=("idle",),
    ),
)

_view = partial(Command, group="Views", candidates="kwatch.views.names")
VIEWS = (
    _view(
        "views.save",
        "ctrl+s",
        "Save the view, or the filter that is being typed, under a name",
        "filter_bar.ask_view_name",
        run_with_args="kwatch.tui.saved_views:save_view",
        words=("save",),
        priority=True,
    ),
    _view(
        "views.open",
        "",
        "Saved views and filters",
        "kwatch.tui.saved_views:open_view_named",
        run_with_args="kwatch.tui.saved_views:open_view_named",
        words=("view", "views"),
    ),
    _view(
        "views.save-filter",
        "",
        "Save only the filter, for any resource",
        "filter_bar.open_command_line",
        ("save-filter ",),
        run_with_args="kwatch.tui.saved_views:save_filter",
        words=("save-filter",),
    ),
    _view(
        "views.forget",
        "",
        "Forget a saved view",
        "filter_bar.open_command_line",
        ("forget ",),
        run_with_args="kwatch.tui.saved_views:forget_view",
        words=("forget",),
    ),
)

TABLE_COMMANDS = (
    *OBJECTS,
    *NARROWING,
    *EXPLORING,
    *SORTING,
    *GOING,
    *TIME_TRAVEL,
    *BASELINE,
    *VIEWS,
)
