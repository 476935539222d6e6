"""The tabs of an object: the one list that the screen, its titles and its keys are made from.

A new tab is a class of its own in `<id>_tab.py` and an entry here; what can be done on it are its commands in
`kwatch.tui.commands.object_commands`. The module of a tab is imported when the tab is first shown, or before that by
`preload`: all take some 60 ms.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from kwatch.tui.navigation import SCREENS

if TYPE_CHECKING:
    from kwatch.informer.resource import Resource
    from kwatch.tui.features.object.object_tab import ObjectTab


@dataclass(frozen=True, slots=True)
class TabType:
    """What is known of a tab before it is made."""

    id: str
    title: str
    class_name: str
    key: str = ""
    """What shows it, by default; empty: no key."""
    help: str = ""
    """What the help says of it, if more than its title."""
    kinds: tuple[str, ...] = ()
    """The resources whose objects have it; empty: all."""
    enter: str = ""
    """The command that Enter and a double click on a row run; empty where there are no rows that lead anywhere."""

    @property
    def module(self) -> str:
        """Where its class is."""
        return f"{__package__}.{self.id}_tab"

    def applies_to(self, resource: Resource) -> bool:
        """Whether objects of this resource have the tab."""
        return not self.kinds or str(resource) in self.kinds

    def load(self) -> type[ObjectTab]:
        """Its class."""
        found: type[ObjectTab] = getattr(import_module(self.module), self.class_name)
        return found


WITH_PODS = (
    "pods",
    "deployments.apps",
    "replicasets.apps",
    "statefulsets.apps",
    "daemonsets.apps",
    "replicationcontrollers",
    "jobs.batch",
    "cronjobs.batch",
    "services",
    "nodes",
    "horizontalpodautoscalers.autoscaling",
    "ingresses.networking.k8s.io",
)
"""What has logs, that of its pods."""
TABS = (
    TabType("overview", "Overview", "OverviewTab", "d"),
    TabType("yaml", "YAML", "YamlTab", "y"),
    TabType("history", "History", "HistoryTab", "v", enter="history.compare"),
    TabType(
        "timeline",
        "Timeline",
        "TimelineTab",
        "T",
        "Timeline: its changes among those of owners, children, node, and Events",
        enter="timeline.open",
    ),
    TabType(
        "suspects",
        "Suspects",
        "SuspectsTab",
        "X",
        "Suspects: what changed before it began to fail, the likeliest cause first",
        enter="suspects.open",
    ),
    TabType(
        "rollouts",
        "Rollouts",
        "RolloutsTab",
        "H",
        "Rollouts of its workload: each template against the one before",
        ("deployments.apps", "statefulsets.apps", "daemonsets.apps", "replicasets.apps", "pods"),
        "rollouts.compare",
    ),
    TabType("events", "Events", "EventsTab", "e"),
    TabType(
        "related",
        "Related",
        "RelatedTab",
        "r",
        "Related: owners, children, what it uses and what uses it",
        enter="related.open",
    ),
    TabType("containers", "Containers", "ContainersTab", kinds=("pods",), enter="containers.logs"),
    TabType("logs", "Logs", "LogsTab", "l", "Logs: of all its pods and containers, merged", WITH_PODS),
)
"""In the order they are shown."""


_PAUSE = 0.005
"""Seconds between two modules, for the other threads."""
_LOOK = 0.1
"""Seconds between looks at whether it is quiet again."""
MODULES = (
    "kwatch.tui.features.table.drill_down",
    *(tab.module for tab in TABS),
    "kwatch.history.timeline",
    *(screen.partition(":")[0] for screen in SCREENS.values()),
    "kwatch.tui.features.problems.opening",
    "kwatch.tui.features.choosing",
    "kwatch.tui.features.help_screen",
)
"""What the first keys need. The object's screen with its tabs, and the other screens, take some 100 ms together; a key
that comes before they are there imports what it needs itself.
"""


def preload(stopped: threading.Event, is_busy: Callable[[], bool]) -> None:
    """Import MODULES in quiet moments, in a thread, one by one, and none while somebody is at the keys; end early when
    stopped.
    """
    for module in MODULES:
        if stopped.wait(_PAUSE):
            return
        while is_busy():
            if stopped.wait(_LOOK):
                return
        import_module(module)
