"""Facets: how many of the shown rows carry each value of an index, for the index explorer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from kwatch.informer.selectors import Operator, Requirement
from kwatch.query.columns import find_column
from kwatch.query.context import Context
from kwatch.query.index_names import OWNER, IndexName
from kwatch.query.owners import OwnerIndex
from kwatch.query.quoting import quoted_value
from kwatch.query.row import Row
from kwatch.query.terms.labels import Labels
from kwatch.query.terms.named_index import value_index


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


def label_facets(context: Context, shown: AbstractSet[str] | None, limit: int = 50) -> tuple[Facet, ...]:
    """One facet a label key. `shown` None: everything is shown. The keys that most objects carry come first."""
    by_key: dict[str, dict[str, int]] = {}
    for pair, count in context.index.index_counts("label").items():
        key, _, value = pair.partition("=")
        by_key.setdefault(key, {})[value] = count
    order = sorted(by_key, key=lambda key: (-sum(by_key[key].values()), key))
    return tuple(_label_facet(context, key, by_key[key], shown, limit) for key in order)


def label_facet(context: Context, key: str, shown: AbstractSet[str] | None, limit: int = 50) -> Facet:
    """The values of one label."""
    prefix = f"{key}="
    pairs = context.index.index_counts("label").items()
    counts = {pair[len(prefix) :]: count for pair, count in pairs if pair.startswith(prefix)}
    return _label_facet(context, key, counts, shown, limit)


def _label_facet(
    context: Context, key: str, counts: Mapping[str, int], shown: AbstractSet[str] | None, limit: int
) -> Facet:
    # A column of the same name would answer for objects without the label.
    explicit = find_column(context, key) is not None
    return _facet(
        key,
        counts,
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


def scanned_facet(name: IndexName, context: Context, rows: Iterable[Row], limit: int = 50) -> Facet | None:
    """The same from the rows themselves, where there is no index yet; None if such objects have no such values."""
    values = value_index(name, context)
    if values is None:
        return None
    counts = Counter(value for row in rows for value in values.read(row))
    found = [FacetValue(value, count, count, index_term(name, value)) for value, count in counts.items()]
    return Facet(name.name, _ranked(found, limit), len(counts))


def available_facets(context: Context) -> tuple[IndexName, ...]:
    """The indices, labels apart, that make sense for the objects of a view."""
    known = set(context.index.index_names)
    return tuple(
        each
        for each in context.names
        if each.index != "label-key"
        and (each.index != "kind" or context.others)
        and (each.index in known or value_index(each, context) is not None)
    )


def index_term(name: IndexName, value: str) -> str:
    """The filter term that selects exactly a value; stars and question marks in it stay patterns."""
    return f"{name.name}:{quoted_value(value)}"


def _ranked(values: Sequence[FacetValue], limit: int) -> tuple[FacetValue, ...]:
    return tuple(sorted(values, key=lambda each: (-each.shown, -each.total, each.value))[:limit])
