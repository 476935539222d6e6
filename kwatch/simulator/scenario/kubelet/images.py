"""Images: which exist, how long they take to pull, which nodes have them, and how what is in them behaves."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from random import Random

from kwatch.simulator.scenario import names


@dataclass(frozen=True, slots=True)
class Flaw:
    """How containers of an image fail: after how many seconds, and how that looks."""

    runs: tuple[float, float]
    exit_code: int = 1
    reason: str = "Error"
    first_run: tuple[float, float] | None = None
    """How long it runs the first time, if not as later."""


class Images:
    """What the registries offer."""

    def __init__(self) -> None:
        self.missing: set[str] = set()
        """Images that cannot be pulled."""
        self.flaws: dict[str, Flaw] = {}
        """Images whose containers fail."""
        self._present: dict[str, set[str]] = defaultdict(set)

    def is_present(self, node: str, image: str) -> bool:
        """Whether a node has an image already."""
        return image in self._present[node]

    def add(self, node: str, image: str) -> None:
        """A node has pulled an image."""
        self._present[node].add(image)

    def on_node(self, node: str) -> set[str]:
        """The images a node has."""
        return self._present[node]

    def forget_all_but(self, used: set[str]) -> None:
        """The nodes' garbage collection removes what nothing uses any more."""
        for images in self._present.values():
            images &= used


def size_of(image: str) -> int:
    """An image's size in bytes."""
    return 9_000_000 + names.stable_number(image) % 280_000_000


def pull_seconds(image: str, random: Random) -> float:
    """How long a pull takes: the larger, the longer."""
    return 0.6 + size_of(image) / 90_000_000 * random.uniform(0.8, 1.7)
