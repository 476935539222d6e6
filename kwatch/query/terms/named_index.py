"""`ns:shop`, `status:Running`, `image:nginx*`, `owner:deploy/web`: an index by its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from kwatch.catalog.indices import indexers_for, indexers_on_demand, path_index
from kwatch.catalog.jsonpath import parse_json_path
from kwatch.informer.index import IndexFunc
from kwatch.query.columns import cell_reader, find_column
from kwatch.query.context import Context
from kwatch.query.index_names import OWNER, IndexName
from kwatch.query.patterns import value_predicate
from kwatch.query.row import Row, context_of, located, resource_finder
from kwatch.query.syntax import QuerySyntaxError, quoted_value
from kwatch.query.term import Matcher, Read, Term, ValueIndex, ValueMatcher
from kwatch.query.terms.field import field_values
from kwatch.query.terms.owner import OwnerIndex, OwnerMatcher

_FROM_HEAD = frozenset({"label-key", "owner-name", "node"})
"""Indices over what an object knows of itself without being decoded."""


@dataclass(frozen=True)
class NamedIndex(Term):
    """Any of the patterns matches one of the object's values, case ignored unless capitals are typed."""

    index: IndexName
    patterns: tuple[str, ...]

    def compile(self, context: Context) -> Matcher:
        """Ask the index, or without one the object; raise QuerySyntaxError where the resource has no such values."""
        # A user's index may be read from another path in each resource.
        index = context.names.get(self.index.name) or self.index
        values = value_index(index, context)
        if values is None:
            message = f"There is no {self.index.name}: for objects of kind {context.kind.name}."
            raise QuerySyntaxError(message, self.span.start, self.span.end)
        predicate = value_predicate(self.index, self.patterns)
        if self.index is OWNER:
            return OwnerMatcher(self.patterns, predicate, context)
        return ValueMatcher(values, predicate, context)

    def __str__(self) -> str:
        return f"{self.index.name}:{','.join(map(quoted_value, self.patterns))}"


def value_index(name: IndexName, context: Context) -> ValueIndex | None:
    """The values an index name stands for in a view; None if its objects have none."""
    index = name.index
    if name.path:
        return replace(field_values(parse_json_path(name.path)), title=name.name)
    if index == "namespace":
        return ValueIndex(index, name.name, lambda row: (row.namespace,), 0)
    if index == "context":
        contexts = context.contexts
        return ValueIndex(index, name.name, lambda row: (context_of(contexts, row.key),), 0) if contexts else None
    if index == "kind":
        return ValueIndex(index, name.name, _kind_reader(context), 0)
    func = index_func(index, context)
    if name is OWNER:
        return ValueIndex(index, name.name, lambda row: context.owners.values(row.obj), 1, func)
    if index == "status" and (place := find_column(context, "status")) is not None:
        return ValueIndex(index, name.name, cell_reader(context.kind.columns[place], place), 1, func)
    if func is None:
        return None
    read = func
    if context.others:
        return ValueIndex(index, name.name, _reader_of_several(index, context), 0 if index in _FROM_HEAD else 3, func)
    return ValueIndex(index, name.name, lambda row: read(row.obj), 0 if index in _FROM_HEAD else 3, func)


def indexers_behind(name: IndexName, context: Context) -> Mapping[str, IndexFunc]:
    """The indexes that tell the values of a name, with what makes them."""
    names = OwnerIndex.INDICES if name is OWNER else (name.index,)
    if name.path:
        return {name.index: path_index(parse_json_path(name.path))}
    functions = {index: index_func(index, context) for index in names}
    return {index: func for index, func in functions.items() if func is not None}


def index_func(index: str, context: Context) -> IndexFunc | None:
    """The function behind an index of the view's resource, whether the cache keeps it or not. In a view of several it
    is that of the first one which has such an index: each of their caches knows its own by the name.
    """
    return next((func for func in _functions(index, context) if func is not None), None)


def _functions(index: str, context: Context) -> Sequence[IndexFunc | None]:
    return [(indexers_for(each) | indexers_on_demand(each)).get(index) for each in context.resources]


def _reader_of_several(index: str, context: Context) -> Read:
    functions = _functions(index, context)

    def read(row: Row) -> Sequence[str]:
        place = located(row.key)
        func = functions[place[0]] if place is not None else None
        return func(row.obj) if func is not None else ()

    return read


def _kind_reader(context: Context) -> Read:
    resources = context.resources
    if not resources:
        return lambda row: (context.kind.name,)
    resource_of = resource_finder(resources)
    return lambda row: (resource_of(row.key).kind,)
