"""One hook: what it waits for and does then, what is told of an onset, and how it is doing. `hooks` watches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kwatch.base.limits import split_words
from kwatch.base.printable import printable
from kwatch.base.timestamp import rfc3339
from kwatch.catalog.health import assess
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.metadata import join_key
from kwatch.informer.resource import Resource
from kwatch.query.parser import parse
from kwatch.query.query import Query
from kwatch.session.hook_actions import Done

if TYPE_CHECKING:
    from kwatch.config.settings import HookSettings

FEW = 3
"""Onsets at once that are told one by one where people look."""


@dataclass(frozen=True, slots=True)
class Hook:
    """`query` on what `resource` names (`pods`, `deploy,sts`), in a namespace (empty: the context's; None: all).

    `command` is run, with the object as JSON on its stdin; `webhook` is posted to; `notifies`: the terminal is told.
    """

    query: Query
    resource: str = "pods"
    namespace: str | None = None
    label_selector: str | None = None
    field_selector: str | None = None
    command: tuple[str, ...] = ()
    webhook: str = ""
    notifies: bool = False
    existing: bool = False
    """Whether it also acts on what matches at the start."""
    of_settings: bool = False

    def __str__(self) -> str:
        return f"{self.resource} {self.query}"


@dataclass(frozen=True, slots=True)
class Onset:
    """An object began to match. `at` in seconds since the epoch."""

    hook: Hook
    context: str
    resource: Resource
    object: KubeObject
    at: float
    names_context: bool = False
    """Whether it says where it is: several contexts are watched."""

    @property
    def name(self) -> str:
        """`shop/cart-1`."""
        return join_key(self.object.namespace, self.object.name)

    @property
    def text(self) -> str:
        """`pods shop/cart-1: CrashLoopBackOff`, or what the filter is where nothing is wrong with it; of one of several
        contexts `prod-eu: pods shop/cart-1: CrashLoopBackOff`.
        """
        problem = assess(self.resource, self.object).at(self.at)
        what = f"{self.resource} {self.name}: {problem.reason if problem is not None else self.hook.query}"
        return printable(f"{self.where}{what}")

    @property
    def where(self) -> str:
        """`prod-eu: `, where that must be said."""
        return f"{self.context}: " if self.names_context else ""

    @property
    def payload(self) -> dict[str, Any]:
        """What is told to others: the data of Secrets is masked."""
        obj = self.object
        return {
            "time": rfc3339(self.at),
            "filter": str(self.hook.query),
            "context": self.context,
            "resource": str(self.resource),
            "namespace": obj.namespace,
            "name": obj.name,
            "object": obj.tree(),
        }

    @property
    def environment(self) -> dict[str, str]:
        """What a command finds beside the object."""
        told = self.payload
        names = ("filter", "context", "resource", "namespace", "name")
        return {f"KWATCH_{name.upper()}": told[name].replace("\0", "") for name in names}


def in_few_words(onsets: Sequence[Onset]) -> list[str]:
    """A sentence each, or one for all of them where many begin at once."""
    if len(onsets) <= FEW:
        return [each.text for each in onsets]
    first = onsets[0]
    names = ", ".join(each.name for each in onsets[:FEW])
    what = f"{len(onsets):,} {first.resource} began to match {first.hook.query}: {names} ..."
    return [printable(f"{first.where}{what}")]


@dataclass(frozen=True, slots=True)
class HookState:
    """How one hook is doing: how many objects match now, how often that began, what became of the actions."""

    hook: Hook
    matching: int
    onsets: int
    actions: Done
    trouble: str = ""
    """Why nothing is watched."""
    without: tuple[str, ...] = ()
    """Why some of it is not, a sentence each."""

    @property
    def words(self) -> str:
        """`pods unhealthy: 3 match, began 5 times; 1 of 5 actions failed: exit code 3`."""
        times = "once" if self.onsets == 1 else f"{self.onsets:,} times"
        parts = [self.trouble or f"{self.matching:,} match, began {times}", *self.without]
        actions = self.actions
        if actions.failed:
            parts.append(f"{actions.failed:,} of {actions.done:,} actions failed: {actions.last_failure}")
        if actions.skipped:
            parts.append(f"{actions.skipped:,} actions were left out: too many at once")
        return printable(f"{self.hook}: {'; '.join(parts)}")


class Onsets:
    """Which objects begin to match: those that do and did not, or were another object under the same key."""

    def __init__(self, *, existing: bool) -> None:
        """`existing`: what matches at the first look counts as well."""
        self._told: dict[str, str] | None = {} if existing else None

    def look(self, matching: Mapping[str, str]) -> list[str]:
        """The keys of those, given the uid under each key that matches now."""
        told, self._told = self._told, dict(matching)
        return [] if told is None else [key for key, uid in matching.items() if told.get(key) != uid]


def command_of(text: str, *, is_for_shell: bool) -> tuple[str, ...]:
    """What was written as a command; raise ValueError for words that do not end."""
    if is_for_shell:
        return ("/bin/sh", "-c", text) if text else ()
    return split_words(text)


def hook_of(settings: HookSettings) -> Hook:
    """Raise ValueError, which a QuerySyntaxError is."""
    return Hook(
        parse(settings.on),
        settings.resource,
        None if settings.namespace == "*" else settings.namespace,
        command=command_of(settings.exec, is_for_shell=settings.shell),
        webhook=settings.webhook,
        notifies=settings.notify,
        of_settings=True,
    )
