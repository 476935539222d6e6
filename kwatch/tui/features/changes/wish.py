"""How what changed is wanted to be shown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from kwatch.history.baseline import PASSED, Difference
from kwatch.history.stream import EVENTS

LEFT_OUT = EVENTS | {"leases.coordination.k8s.io"}
"""Resources whose objects come and go all the time, and whose changes are no news."""


class Grouping(Enum):
    """What stands over a group."""

    OWNER = "owner"
    PATH = "path"


@dataclass(frozen=True, slots=True)
class Wish:
    """`words` must all be in what is shown of an object."""

    grouping: Grouping = Grouping.OWNER
    words: str = ""
    noise: bool = False
    """Also what says nothing to people: versions, heartbeats."""
    everything: bool = False
    """Also events and leases, and what came and went since."""
    folded: bool = False
    """Whether groups are folded, all but the `flipped` ones, which are the other way round."""
    flipped: frozenset[str] = frozenset()

    def is_open(self, group: str) -> bool:
        """Whether the members of a group are shown."""
        return (group in self.flipped) == self.folded

    def toggled(self, group: str) -> Wish:
        """The same with one group folded or unfolded."""
        return replace(self, flipped=self.flipped ^ {group})

    def all_folded(self, folded: bool) -> Wish:
        """The same with every group folded or unfolded."""
        return replace(self, folded=folded, flipped=frozenset())

    def regrouped(self) -> Wish:
        """The other grouping: paths begin folded, because how often each occurs is what they tell."""
        other = Grouping.PATH if self.grouping is Grouping.OWNER else Grouping.OWNER
        return replace(self, grouping=other, folded=other is Grouping.PATH, flipped=frozenset())

    def is_left_out(self, difference: Difference) -> bool:
        """Whether it is one of those that are shown only on request."""
        return not self.everything and (difference.new.resource in LEFT_OUT or difference.sign == PASSED)

    def is_only_noise(self, difference: Difference) -> bool:
        """Whether nothing is left of it without noise."""
        return not self.noise and not difference.changes and difference.sign == "~"
