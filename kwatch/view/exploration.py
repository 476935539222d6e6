"""What there is to explore in a view: its facets, counted in a thread over indexes made on demand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from time import perf_counter

from kwatch.base.threads import OnCrash, reason_of, spawn
from kwatch.informer.selectors import Operator, Requirement
from kwatch.query.columns import find_column
from kwatch.query.context import ANY_KIND, Context, IndexAccess, OwnersHeld
from kwatch.query.index_names import OWNER, IndexName
from kwatch.query.syntax import quoted_value
from kwatch.query.terms.label import Labels
from kwatch.query.terms.named_index import indexers_behind, value_index
from kwatch.query.terms.owner import OwnerIndex
from kwatch.view.indexes_on_demand import NO_DEMAND, Demand, demand_indices
from kwatch.view.projection import Projection


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value: how many of all objects carry it, how many of those shown, and the filter term that selects it."""

    value: str
    total: int
    shown: int
    term: str


@dataclass(frozen=True, slots=True)
class Facet:
    """One index, or one label's key, with its values: the most frequent among the shown ones first."""

    name: str
    values: tuple[FacetValue, ...]
    distinct: int
    """How many values there are; `values` may hold fewer."""


def label_facet(context: Context, key: str, shown: AbstractSet[str] | None, limit: int = 50) -> Facet:
    """The values of one label. `shown` None: everything is shown."""
    prefix = f"{key}="
    pairs = context.index.index_counts("label").items()
    # A column of the same name would answer for objects without the label.
    explicit = find_column(context, key) is not None
    return _facet(
        key,
        {pair[len(prefix) :]: count for pair, count in pairs if pair.startswith(prefix)},
        lambda value: context.index.index_key_set("label", (f"{key}={value}",)),
        lambda value: str(Labels((Requirement(key, Operator.EQUALS, (value,)),), explicit)),
        shown,
        limit,
    )


def index_facet(name: IndexName, context: Context, shown: AbstractSet[str] | None, limit: int = 50) -> Facet:
    """The values of one index; raise KeyError if the cache does not have it. O(values), and O(shown) if not all are."""
    index = context.index

    def term(value: str) -> str:
        return index_term(name, value)

    if name is OWNER:
        owners = OwnerIndex(index, context.owners)
        return _facet(name.name, owners.counts(), lambda value: owners.keys((value,)), term, shown, limit)
    counts = index.index_counts(name.index)
    return _facet(name.name, counts, lambda value: index.index_key_set(name.index, (value,)), term, shown, limit)


def _facet(
    name: str,
    counts: Mapping[str, int],
    keys_of: Callable[[str], set[str]],
    term_of: Callable[[str], str],
    shown: AbstractSet[str] | None,
    limit: int,
) -> Facet:
    common = sorted(counts, key=lambda value: (-counts[value], value))[: 4 * limit]

    def count(value: str) -> int:
        return counts[value] if shown is None else len(keys_of(value) & shown)

    values = [FacetValue(value, counts[value], count(value), term_of(value)) for value in common]
    return Facet(name, _ranked(values, limit), len(counts))


def available_facets(context: Context) -> tuple[IndexName, ...]:
    """The indexes, labels apart, that make sense for the objects of a view."""
    known = set(context.index.index_names)
    return tuple(
        each
        for each in context.names
        if each.index != "label-key"
        and context.makes_sense(each.index)
        and (each.index in known or value_index(each, context) is not None)
    )


def index_term(name: IndexName, value: str) -> str:
    """The filter term that selects exactly a value; stars and question marks in it stay patterns."""
    return f"{name.name}:{quoted_value(value)}"


def _ranked(values: Sequence[FacetValue], limit: int) -> tuple[FacetValue, ...]:
    return tuple(sorted(values, key=lambda each: (-each.shown, -each.total, each.value))[:limit])


LABEL = "label "
"""Before a label's key in the id of its facet."""
_LONGEST = 30.0
LIMIT = 200
"""Values counted of one facet, the most frequent ones."""
_IN_FRONT = ("ctx", "kind", "ns", "status", "node", "owner", "image")
_LABEL_KEYS = 40
_FEW = 20_000
"""Objects of which every index is made when values are looked for; of more it would take too long."""


@dataclass(frozen=True, slots=True)
class Explored:
    """One facet. `facet` is None where it was not asked for, `distinct` where there is no index yet."""

    id: str
    facet: Facet | None = None
    distinct: int | None = None


Run = Callable[[Callable[[], None], OnCrash], None]


def in_thread(work: Callable[[], None], on_crash: OnCrash) -> None:
    spawn("kwatch-facets", work, on_crash)


class Exploration:
    """Used on the UI thread, which never waits: `count` begins to count, `facets` is what was counted last."""

    def __init__(self, projection: Projection, *, run: Run = in_thread) -> None:
        self.facets: tuple[Explored, ...] = ()
        self.is_counting = False
        self.seconds = 0.0
        """How long the last count took, or counts as having taken if it crashed."""
        self.problem = ""
        """Why the last count came to nothing; empty if it did not."""
        self.projection = projection
        """The view that is counted: it may be replaced by another of the same place."""
        self.index: IndexAccess | None = None
        """What has the indexes, where that is not the view's source."""
        self._run = run
        self._demand = NO_DEMAND
        self._owners: OwnersHeld | None = None

    def count(self, opened: AbstractSet[str], *, everything: bool = False) -> None:
        """Count the facets of these ids, making their indexes first; `everything`: all that are indexed besides."""
        if self.is_counting:
            return
        projection = self.projection
        context = projection.context if self.index is None else replace(projection.context, index=self.index)
        shown = None if projection.query is None else frozenset(projection.order)
        wanted = frozenset(opened)
        if everything and projection.total <= _FEW:
            wanted |= {each.name for each in available_facets(context)}
        demand = self._demand_indices(context, wanted)
        self._hold_owners(OWNER.name in opened)
        self.is_counting = True

        def work() -> None:
            began = perf_counter()
            demand.make()
            self.facets = explore(context, shown, wanted, everything=everything)
            self.seconds = perf_counter() - began
            self.problem = ""
            self.is_counting = False

        def crashed(error: BaseException) -> None:
            self.problem = f"internal error: {reason_of(error)}"
            self.seconds = min(_LONGEST, 2 * self.seconds + 1.0)  # who counts again waits the longer
            self.is_counting = False

        self._run(work, crashed)

    def close(self) -> None:
        """Release the indexes that were made for it, and of the owners that were watched."""
        self._demand.release()
        self._hold_owners(False)

    def _hold_owners(self, wanted: bool) -> None:
        """Have the owners of owners known while that facet is open."""
        if wanted and self._owners is None:
            self._owners = self.projection.owners.hold((ANY_KIND,))
        elif not wanted and self._owners is not None:
            self._owners.release()
            self._owners = None
        if self._owners is not None and self._owners.look():
            self._owners.take()

    def _demand_indices(self, context: Context, opened: AbstractSet[str]) -> Demand:
        """Demand the indexes of the facets that are open now; release all others."""
        names = [each for each in available_facets(context) if each.name in opened]
        functions = {index: func for name in names for index, func in indexers_behind(name, context).items()}
        demand = demand_indices(context.index, functions)
        self._demand.release()
        self._demand = demand
        return demand


def explore(
    context: Context, shown: AbstractSet[str] | None, opened: AbstractSet[str], *, everything: bool = False
) -> tuple[Explored, ...]:
    """The facets of a view, the most useful ones first; those not opened only say how many values they have."""
    index = context.index
    names = {each.name: each for each in available_facets(context)}
    front = [names.pop(name) for name in (*_IN_FRONT, *[each.name for each in context.names.of_user]) if name in names]
    found = [_explored(each, context, shown, opened, everything) for each in front]
    for key, distinct in label_keys(index):
        facet = label_facet(context, key, shown, LIMIT) if everything or LABEL + key in opened else None
        found.append(Explored(LABEL + key, facet, distinct))
    found += [_explored(each, context, shown, opened, everything) for each in names.values()]
    return tuple(each for each in found if each.distinct != 0)


def _explored(
    name: IndexName, context: Context, shown: AbstractSet[str] | None, opened: AbstractSet[str], everything: bool
) -> Explored:
    try:
        if everything or name.name in opened:
            facet = index_facet(name, context, shown, LIMIT)
            return Explored(name.name, facet, facet.distinct)
        return Explored(name.name, None, len(context.index.index_counts(name.index)))
    except KeyError:
        return Explored(name.name)


def label_keys(index: IndexAccess) -> Iterable[tuple[str, int]]:
    """The keys that most objects carry, with how many values they have, where labels are indexed."""
    if "label" not in index.index_names:
        return ()
    carriers: Counter[str] = Counter()
    values: Counter[str] = Counter()
    for pair, count in index.index_counts("label").items():
        key = pair.partition("=")[0]
        carriers[key] += count
        values[key] += 1
    common = sorted(carriers, key=lambda key: (-carriers[key], key))[:_LABEL_KEYS]
    return [(key, values[key]) for key in common]
