"""What is read of objects: the base of all shapes, the pieces that many kinds share, and how they are printed.

A shape is a msgspec.Struct with only the fields that columns and health rules read; the shapes of a kind stand with it
in `kinds`. An object that is not as its shape says is read field by field (`read_tolerantly`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import cache, lru_cache
from types import NoneType, UnionType
from typing import Any, NoReturn, TypeVar, Union, cast, get_args, get_origin

import msgspec

from kwatch.base.timestamp import parse_time
from kwatch.catalog.column import NONE
from kwatch.informer.kube_object import KubeObject

S = TypeVar("S")


class Shape(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """Unknown fields are skipped, absent ones have the server's defaults."""


class Nothing(Shape, frozen=True):
    """Of which only the existence counts."""


class Metadata(Shape, frozen=True):
    creation_timestamp: str | None = None
    deletion_timestamp: str | None = None
    finalizers: tuple[str, ...] | None = None

    @property
    def created(self) -> float | None:
        """Seconds since the epoch."""
        return parse_time(self.creation_timestamp)


class AnnotatedMetadata(Metadata, frozen=True):
    annotations: dict[str, str] | None = None


class LabelledMetadata(Metadata, frozen=True):
    labels: dict[str, str] | None = None


class WholeObject(Shape, frozen=True):
    """The base of kinds that are judged by a health rule: any object may hang in its deletion."""

    metadata: Metadata = Metadata()


class Condition(Shape, frozen=True):
    """One entry of status.conditions."""

    type: str = ""
    status: str = ""
    reason: str | None = None
    message: str | None = None
    last_transition_time: str | None = None
    last_update_time: str | None = None

    @property
    def changed(self) -> float | None:
        """When it became what it is, in seconds since the epoch."""
        return parse_time(self.last_transition_time)


Conditions = tuple[Condition, ...] | None


def find_condition(conditions: Conditions, condition_type: str, status: str = "") -> Condition | None:
    """The first condition of a type, if it has that status."""
    for condition in conditions or ():
        if condition.type == condition_type:
            return condition if status in ("", condition.status) else None
    return None


class ConditionsOnly(Shape, frozen=True):
    """A status of which only the conditions are read."""

    conditions: Conditions = None


class Container(Shape, frozen=True):
    name: str = ""
    image: str = ""


class TemplateSpec(Shape, frozen=True):
    containers: tuple[Container, ...] | None = ()
    node_selector: dict[str, str] | None = None


class TemplateMetadata(Shape, frozen=True):
    labels: dict[str, str] | None = None


class Template(Shape, frozen=True):
    """A pod template."""

    spec: TemplateSpec = TemplateSpec()
    metadata: TemplateMetadata | None = None


class Requirement(Shape, frozen=True):
    """One expression of a label selector."""

    key: str = ""
    operator: str = ""
    values: tuple[str, ...] | None = None


class LabelSelector(Shape, frozen=True):
    match_labels: dict[str, str] | None = None
    match_expressions: tuple[Requirement, ...] | None = None


class ObjectReference(Shape, frozen=True):
    """What one object says of another: each place has some of these."""

    kind: str = ""
    name: str = ""
    namespace: str = ""
    uid: str = ""
    api_version: str = ""
    api_group: str | None = None
    group: str = ""
    resource: str = ""
    field_path: str = ""


class Address(Shape, frozen=True):
    ip: str = ""
    hostname: str = ""


class Taint(Shape, frozen=True):
    key: str = ""
    value: str = ""
    effect: str = ""
    time_added: str | None = None


def container_names(containers: tuple[Container, ...] | None) -> str:
    """`web,sidecar`."""
    return ",".join([container.name for container in containers or ()])


def container_images(containers: tuple[Container, ...] | None) -> str:
    """`nginx:1.27,envoy:1`."""
    return ",".join([container.image for container in containers or ()])


_VALUE = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?)?")
_DOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*")


def labels_text(labels: Mapping[str, str] | None) -> str:
    """`app=web,tier=front`, sorted; `<none>` when there are none."""
    return ",".join(sorted([f"{key}={value}" for key, value in labels.items()])) if labels else NONE


def selector_text(selector: LabelSelector | None) -> str:
    """`app=web,env in (a,b),!legacy`, sorted by key; empty when it selects everything or nothing.

    Raise ValueError for what a server takes for no selector.
    """
    if selector is None:
        return ""
    parts = []
    for key, value in (selector.match_labels or {}).items():
        _check_label(key, (value,))
        parts.append((key, f"{key}={value}"))
    parts += [(each.key, _requirement_text(each)) for each in selector.match_expressions or ()]
    return ",".join([part for _, part in sorted(parts, key=lambda part: part[0])])


def selector_or_none(selector: LabelSelector | None) -> str:
    """The selector, `<none>` when it is empty, `<error>` when it is none."""
    try:
        return selector_text(selector) or NONE
    except ValueError:
        return "<error>"


def _requirement_text(requirement: Requirement) -> str:
    _check_label(requirement.key, requirement.values or ())
    values = ",".join(sorted(requirement.values or ()))
    match requirement.operator, bool(requirement.values):
        case "In", True:
            return f"{requirement.key} in ({values})"
        case "NotIn", True:
            return f"{requirement.key} notin ({values})"
        case "Exists", False:
            return requirement.key
        case "DoesNotExist", False:
            return f"!{requirement.key}"
    raise ValueError(f"{requirement.operator!r} with {len(requirement.values or ())} values is no requirement")


def _check_label(key: str, values: Iterable[str]) -> None:
    """Raise ValueError unless these may be a label's key and values."""
    if not _is_key(key) or not all(map(_is_value, values)):
        raise ValueError(f"{key!r} or its values are no label's")


@lru_cache(maxsize=4096)
def _is_key(key: str) -> bool:
    prefix, slash, name = key.rpartition("/")
    if slash and not (len(prefix) <= 253 and _DOMAIN.fullmatch(prefix)):
        return False
    return bool(name) and _is_value(name)


@lru_cache(maxsize=4096)
def _is_value(value: str) -> bool:
    return len(value) <= 63 and _VALUE.fullmatch(value) is not None


def read_shape(obj: KubeObject, shape: type[S]) -> S:
    """The shape; what does not fit it is a Misfit."""
    try:
        return obj.read(shape)
    except ValueError:
        return read_tolerantly(obj, shape)


class Misfit:
    """Stands where a value of another type should be. Using it in any way raises TypeError, so that a cell
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
