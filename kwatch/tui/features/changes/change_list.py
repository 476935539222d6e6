"""What changed since a baseline as lines: grouped, folded, narrowed; made in a thread, never changed afterwards."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import chain
from time import perf_counter
from typing import TYPE_CHECKING

from kwatch.base.threads import reason_of, spawn
from kwatch.history.baseline import BaselineDiff
from kwatch.history.comparison import Difference, Sign, by_owner, by_path
from kwatch.history.object_history import EVENTS
from kwatch.history.ownership import Owner
from kwatch.tui.features.object.comparisons import Comparisons, Sides

if TYPE_CHECKING:
    from kwatch.history.comparison import Difference
    from kwatch.history.journal import Journal
    from kwatch.history.version import Version


LEFT_OUT = EVENTS | {"leases.coordination.k8s.io"}
"""Resources whose objects come and go all the time, and whose changes are no news."""


class Grouping(Enum):
    OWNER = "owner"
    PATH = "path"


@dataclass(frozen=True, slots=True)
class ViewOptions:
    """`words` must all be in what is shown of an object."""

    grouping: Grouping = Grouping.OWNER
    words: str = ""
    noise: bool = False
    """Also what says nothing to people: versions, heartbeats."""
    everything: bool = False
    """Also events and leases, and what came and went since."""
    folded: bool = False
    """Whether groups are folded, all but the `flipped` ones, which are not."""
    flipped: frozenset[str] = frozenset()

    def is_open(self, group: str) -> bool:
        return (group in self.flipped) == self.folded

    def toggled(self, group: str) -> ViewOptions:
        return replace(self, flipped=self.flipped ^ {group})

    def all_folded(self, folded: bool) -> ViewOptions:
        return replace(self, folded=folded, flipped=frozenset())

    def regrouped(self) -> ViewOptions:
        """The other grouping: paths begin folded, because how often each occurs is what they tell."""
        other = Grouping.PATH if self.grouping is Grouping.OWNER else Grouping.OWNER
        return replace(self, grouping=other, folded=other is Grouping.PATH, flipped=frozenset())

    def is_left_out(self, difference: Difference) -> bool:
        """Whether it is one of those that are shown only on request."""
        return not self.everything and (difference.new.resource in LEFT_OUT or difference.sign == Sign.PASSED)

    def is_only_noise(self, difference: Difference) -> bool:
        """Whether nothing is left of it without noise."""
        return not self.noise and not difference.changes and difference.sign == "~"


SIGNS = "+-~!±"
"""In the order they are counted."""


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A heading, whose `difference` is None, or an object below the heading `group` (none, if it is empty)."""

    key: str
    group: str
    title: str
    difference: Difference | None = None
    depth: int = 0
    members: Sequence[Difference] = ()
    """Of a heading."""
    is_open: bool = True
    path: str = ""
    """The only path whose changes are shown; empty for all."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """How many objects are not shown, and why."""

    noise: int = 0
    talk: int = 0
    """Events and leases."""
    passed: int = 0
    """Came and went."""


@dataclass(frozen=True, slots=True)
class ChangeList:
    """The lines in order, and what is to be said about all of them."""

    options: ViewOptions = field(default_factory=ViewOptions)
    lines: Sequence[ChangeLine] = ()
    places: Mapping[str, int] = field(default_factory=dict)
    """Key of a line -> its place."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Sign -> how many objects are shown with it, folded ones included."""
    total: int = 0
    """How many there would be without the words."""
    groups: int = 0
    left_out: LeftOut = LeftOut()
    stand_ins: int = 0
    """How many are compared with the oldest version that is kept, because theirs is not."""
    first_listed: Mapping[str, float] = field(default_factory=dict)
    """Resource -> since when what was first seen after the baseline is known, in seconds since the epoch."""


def change_list_of(found: Sequence[Difference], options: ViewOptions) -> ChangeList:
    """What differs, grouped and narrowed as asked for."""
    kept = [each for each in found if not options.is_left_out(each) and not options.is_only_noise(each)]
    words = options.words.casefold().split()
    shown = [each for each in kept if _contains(each, words, options.noise)] if words else kept
    if options.grouping is Grouping.OWNER:
        groups = [list(_owned(*place, members, options)) for place, members in by_owner(shown).items()]
    else:
        groups = [list(_with_path(*each, options)) for each in by_path(shown, noise=options.noise).items()]
    lines = list(chain.from_iterable(groups))
    return ChangeList(
        options,
        lines,
        {line.key: place for place, line in enumerate(lines)},
        Counter(each.sign for each in shown),
        len(kept),
        sum(group[0].difference is None for group in groups),
        _left_out(found, options),
        sum(each.stand_in for each in shown),
        _first_listed(shown),
    )


def name_of(owner: Owner, *, beside: str | None = None) -> str:
    """`Deployment shop/web`; without the namespace where it is that of the heading, `beside`."""
    namespace = "" if owner.namespace in ("", beside) else f"{owner.namespace}/"
    return f"{owner.kind} {namespace}{owner.name}"


def _owned(context: str, owner: Owner, members: Sequence[Difference], options: ViewOptions) -> Iterator[ChangeLine]:
    """An object that stands alone needs no heading."""
    if len(members) == 1 and not members[0].owners:
        (alone,) = members
        yield ChangeLine(f"\n{_key(alone)}", "", name_of(owner), alone)
        return
    group = "\n".join((context, *owner))
    is_open = options.is_open(group)
    yield ChangeLine(group, group, name_of(owner), members=members, is_open=is_open)
    shown = {each.itself for each in members if each.owners}
    for each in members if is_open else ():
        title = name_of(each.itself, beside=owner.namespace)
        depth = 1 + sum(above in shown for above in each.owners)
        yield ChangeLine(f"{group}\n{_key(each)}", group, title, each, depth)


def _with_path(path: str, members: Sequence[Difference], options: ViewOptions) -> Iterator[ChangeLine]:
    is_open = options.is_open(path)
    yield ChangeLine(path, path, path, members=members, is_open=is_open, path=path)
    for each in members if is_open else ():
        yield ChangeLine(f"{path}\n{_key(each)}", path, name_of(each.itself), each, 1, path=path)


def _key(difference: Difference) -> str:
    return f"{difference.new.context}\n{difference.new.resource}\n{difference.new.key}"


def _contains(difference: Difference, words: Sequence[str], noise: bool) -> bool:
    """Whether every word is in its names, those of its owners, its context, what changed or who did it."""
    names = (*(str(each) for each in (*difference.owners, difference.itself)), difference.new.context)
    words_of = (*map(str, difference.writers), difference.words(1000, noise=noise))
    text = " ".join((*names, difference.new.key, difference.new.resource, *words_of)).casefold()
    return all(word in text for word in words)


def _left_out(found: Iterable[Difference], options: ViewOptions) -> LeftOut:
    hidden = [each for each in found if options.is_left_out(each)]
    talk = sum(each.new.resource in LEFT_OUT for each in hidden)
    noise = sum(options.is_only_noise(each) for each in found if not options.is_left_out(each))
    return LeftOut(noise, talk, sum(each.sign == Sign.PASSED and each.new.resource not in LEFT_OUT for each in hidden))


def _first_listed(shown: Iterable[Difference]) -> Mapping[str, float]:
    first: dict[str, float] = {}
    for each in shown:
        if each.first_listed and each.old is not None:
            first[each.new.resource] = min(each.old.at, first.get(each.new.resource, each.old.at))
    return first


_AT_ONCE = 20
"""Objects compared between looks at what is wanted: some 10 ms."""
_SHARE = 5
"""While objects are compared, how many times as long as making a list took is waited until the next."""
_SOONEST = 0.2
"""Seconds between lists while objects are compared."""


class Comparing:
    """Everything here returns at once. `version` grows with every list in `changes`; `close` ends the thread."""

    def __init__(self, since: BaselineDiff, options: ViewOptions, on_news: Callable[[], object] = lambda: None) -> None:
        """`on_news` is called in the thread when there is another list, or none will come."""
        self._on_news = on_news
        self.changes = ChangeList(options)
        self.version = 0
        self.through = -1
        """The sequence of the last delta that `changes` knows; -1 before the first."""
        self.progress: tuple[int, int] | None = None
        """How many objects were compared, and of how many; None between rounds."""
        self.problem = ""
        """Why the last round came to nothing; empty if it did not."""
        self._since = since
        self._options = options
        self._is_due = True
        self._wake = threading.Event()
        self._closed = threading.Event()
        self._made_at = 0.0
        self._making = 0.0
        self._wake.set()
        self._thread = spawn("kwatch-baseline", self._run, self._crashed, until=self._closed)

    @property
    def options(self) -> ViewOptions:
        return self._options

    def awaited(self, version: int) -> Iterator[object]:
        """Itself, unless the list of this version is as was asked last, or never will be."""
        is_done = self.changes.options is self._options or bool(self.problem)
        if not is_done or version != self.version:
            yield self

    def ask(self, options: ViewOptions) -> None:
        self._options = options
        self._wake.set()

    def look(self) -> None:
        self._is_due = True
        self._wake.set()

    def close(self) -> None:
        self._closed.set()
        self._wake.set()

    def _run(self) -> None:
        while not self._closed.is_set():
            self._wake.wait()
            self._wake.clear()
            while self._is_due and not self._closed.is_set():
                self._is_due = False
                self._compare()
            self._show()
            self.problem = ""
            self._on_news()

    def _crashed(self, error: BaseException) -> None:
        """What was found before stays, and nothing more is promised."""
        self.problem = f"internal error: {reason_of(error)}"
        self.progress = None
        self._on_news()

    def _compare(self) -> None:
        since = self._since
        since.take()
        self.progress = (0, since.total)
        while since.compare(_AT_ONCE) and not self._closed.is_set():
            self.progress = (since.total - since.waiting, since.total)
            if self._wake.is_set() or perf_counter() - self._made_at > max(_SOONEST, self._making * _SHARE):
                self._wake.clear()
                self._show()
        self.through = since.through

    def _show(self) -> None:
        began = perf_counter()
        self.changes = change_list_of(self._since.found(), self._options)
        self._made_at = perf_counter()
        self._making = self._made_at - began
        if not self._since.waiting:
            self.progress = None
        self.version += 1


class BaselineVersions:
    """The older side stays; the newer one steps through what came after it."""

    def __init__(self, journal: Journal, difference: Difference, until: int | None = None) -> None:
        """`until` is the sequence of the last version that may be compared; None is any."""
        self._journal = journal
        self._old = difference.old
        self._newer: Sequence[Version] = [
            version
            for version in journal.versions(difference.new.context, difference.new.resource, difference.new.key)
            if (self._old is None or version.sequence > self._old.sequence)
            and (until is None or version.sequence <= until)
        ]
        self._at = len(self._newer) - 1

    def sides(self) -> Sides | None:
        """The baseline's version and the one stepped to; what was not there then is compared with nothing."""
        if not self._newer:
            return None
        return Comparisons(self._journal).sides(self._old, self._newer[self._at], from_nothing=True)

    def step(self, by: int) -> bool:
        """The newer side becomes an older (1) or newer (-1) version; False where there is none."""
        at = self._at - by
        if not 0 <= at < len(self._newer):
            return False
        self._at = at
        return True
