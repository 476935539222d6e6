"""Reading an object that is not as its shape says: whatever does not fit is a Misfit, the rest is read."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import cache
from types import NoneType, UnionType
from typing import Any, NoReturn, TypeVar, Union, cast, get_args, get_origin

import msgspec

from kwatch.informer.kube_object import KubeObject

S = TypeVar("S")


class Misfit:
    """Stands where a value of another type should be. Whoever makes anything of it gets a TypeError, so that a cell
    which depends on it is unreadable, and a cell which does not is unharmed.
    """

    def _raise(self, *_: object) -> NoReturn:
        raise TypeError("a field has an unexpected type")

    __bool__ = __len__ = __iter__ = __getitem__ = __getattr__ = _raise
    __str__ = __repr__ = __format__ = __hash__ = __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _raise
    __add__ = __radd__ = __sub__ = __rsub__ = __int__ = __index__ = __float__ = _raise


MISFIT = Misfit()


def read_tolerantly(obj: KubeObject, shape: type[S]) -> S:
    """Build the shape from whatever is there; null counts as absent, as everywhere in the API."""
    try:
        tree = obj.tree()
    except (ValueError, RecursionError):
        tree = {}
    result: S = _struct(shape, tree)
    return result


@cache
def _field_types(shape: Hashable) -> tuple[tuple[str, str, Any], ...]:
    return tuple((field.name, field.encode_name, field.type) for field in msgspec.structs.fields(cast(Any, shape)))


def _struct(shape: type[Any], tree: dict[str, Any]) -> Any:
    given = {}
    for name, key, annotation in _field_types(cast(Hashable, shape)):
        value = tree.get(key)
        if value is not None:
            given[name] = _fit(annotation, value)
    return shape(**given)


def _fit(annotation: Any, value: Any) -> Any:
    """The value as the annotation wants it, or MISFIT."""
    origin = get_origin(annotation)
    if origin in (Union, UnionType):
        options = (_fit(option, value) for option in get_args(annotation) if option is not NoneType)
        return next((option for option in options if option is not MISFIT), MISFIT)
    if origin is tuple:
        return _sequence(get_args(annotation)[0], value)
    if origin is dict:
        return _mapping(get_args(annotation)[1], value)
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return _struct(annotation, value) if isinstance(value, dict) else MISFIT
    return _scalar(annotation, value)


def _sequence(annotation: Any, value: Any) -> Any:
    if not isinstance(value, list):
        return MISFIT
    return tuple(_fit(annotation, item) for item in value if item is not None)


def _mapping(annotation: Any, value: Any) -> Any:
    if not isinstance(value, dict):
        return MISFIT
    return {key: _fit(annotation, item) for key, item in value.items() if item is not None}


def _scalar(annotation: Any, value: Any) -> Any:
    expected = _SCALARS[annotation]
    return value if expected(value) else MISFIT


_SCALARS: dict[Any, Callable[[Any], bool]] = {
    msgspec.Raw: lambda value: True,
    str: lambda value: isinstance(value, str),
    bool: lambda value: isinstance(value, bool),
    int: lambda value: isinstance(value, int) and not isinstance(value, bool),
}
