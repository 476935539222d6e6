"""What is aimed at, with the figure that shows it, and why it is missed where it is."""

from __future__ import annotations

from dataclasses import dataclass

from tests.benchmarks.compare.document import Document, unit_of


@dataclass(frozen=True, slots=True)
class Reach:
    """`figure` of `contestant` at `size` objects (0: the smallest cluster) is to be `limit` at most.

    With `by`, it is that figure divided by that of another contestant.
    """

    what: str
    contestant: str
    size: int
    figure: str
    limit: float
    by: str = ""

    def value(self, document: Document) -> float | None:
        """None if it was not measured."""
        size = self.size or document.sizes[0]
        value = document.median(self.contestant, size, self.figure)
        if value is None or not self.by:
            return value
        other = document.median(self.by, size, self.figure)
        return value / other if other else None

    @property
    def unit(self) -> str:
        """`times` for a ratio."""
        return "times" if self.by else unit_of(self.figure)

    @property
    def more_is_better(self) -> bool:
        return self.unit == "/s"

    def is_met(self, value: float) -> bool:
        """Whether this is good enough."""
        return value >= self.limit if self.more_is_better else value <= self.limit


def _keys(size: int) -> list[Reach]:
    limits = (("p50 quiet", 4), ("p90 quiet", 8), ("p99 quiet", 16), ("p99 at 2000/s", 33))
    return [Reach(f"a key among {size:,} rows, {when}", "kwatch", size, f"key {when}", ms) for when, ms in limits]


FLOOD = "changes a second, at most"

AIMS = (
    Reach("first rows of a small namespace", "kwatch", 0, "one namespace: first rows", 0.6),
    Reach("first rows of 10,000", "kwatch", 10_000, "first rows", 0.7),
    Reach("first rows of 100,000", "kwatch", 100_000, "first rows", 0.7),
    Reach("all of 10,000, by what reading them takes", "kwatch", 10_000, "all rows", 4.0, by="bare reader"),
    Reach("resident with 100,000 and their history", "kwatch", 100_000, "resident in the end", 400),
    *_keys(10_000),
    *_keys(100_000),
    Reach("changes a second among 10,000: cache, indices, journal", "kwatch.informer", 10_000, FLOOD, 15_000),
    Reach("changes a second among 100,000: the same", "kwatch.informer", 100_000, FLOOD, 10_000),
    Reach("CPU at 150 changes a second, 10,000 rows", "kwatch", 10_000, "CPU at 150/s", 10.0),
    Reach("CPU when nothing changes, 10,000 rows", "kwatch", 10_000, "CPU quiet", 0.5),
    Reach("quit from 10,000", "kwatch", 10_000, "quit", 0.3),
    Reach("quit from 100,000", "kwatch", 100_000, "quit", 0.3),
    Reach("`kwatch ns --until-synced`", "kwatch", 0, "namespaces, printed", 0.35),
)

_IN_CACHE = "all pods of a real server in a cache, by what reading them takes"
_ON_SCREEN = "all pods of a real server on the screen, by the same"
REAL_AIMS = (
    Reach(_IN_CACHE, "kwatch.informer", 0, "all rows", 1.25, by="bare reader"),
    Reach(_ON_SCREEN, "kwatch", 0, "all rows", 1.25, by="bare reader"),
)
"""Of a run with a kubeconfig: what it takes to send so much costs a real server more than it costs the simulator."""

_IMPORTS = (
    "imports, a third of what the process computes until it rests with 10,000 rows (py-spy, samples that hold the "
    "GIL): 0.14 s of processor time for Textual and Rich, 0.08 s for kwatch's own modules, before anything is asked."
)
WHY = {
    "first rows of a small namespace": _IMPORTS,
    "first rows of 10,000": _IMPORTS,
    "first rows of 100,000": _IMPORTS,
    "all of 10,000, by what reading them takes": (
        "the reader imports nothing, parses nothing and draws nothing: a third of kwatch's computing are imports, half "
        "of it the screen's ticks, which show rows as they arrive."
    ),
    "resident with 100,000 and their history": (
        "338 MB at rest: by the books of `:informers` objects 131 MB, rows and search texts 73, the program 72, usage "
        "20, indexes 14, history 14. An object that changes gets a history of its own, 600 bytes beside its versions."
    ),
    "CPU at 150 changes a second, 10,000 rows": (
        "eight seconds in which most changes are the first of their object, and make its history. Over twenty seconds "
        "of `kwatch demo --objects 10000 --rate 150 -A` it is 8.4 %, of which the screen's thread takes 3.5; "
        "without the background watch it is 6.2 %."
    ),
    _ON_SCREEN: "imports and the screen's ticks, as with the simulator.",
}
"""By the aim's words: what a profile shows of why it is missed. Printed only where it is."""
