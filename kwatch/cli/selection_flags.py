"""The flags that say what is watched."""

from __future__ import annotations

import argparse

from kwatch.cli.arguments import SelectionArguments
from kwatch.cli.usage_error import UsageError


def add_selection(parser: argparse.ArgumentParser) -> None:
    """Namespace and selectors."""
    group = parser.add_argument_group("what")
    group.add_argument("-n", "--namespace", metavar="NS", help="the namespace (default: the context's)")
    group.add_argument("-A", "--all-namespaces", action="store_true", help="all namespaces")
    group.add_argument("-l", "--selector", metavar="LABELS", help="label selector, applied by the server")
    group.add_argument("--field-selector", metavar="FIELDS", help="field selector, applied by the server")


def selection_of(found: argparse.Namespace) -> SelectionArguments:
    """What was found of the selection; raise UsageError if it cannot be."""
    resource, name = found.resource, found.name
    if "/" in resource:
        if name is not None:
            raise UsageError("give an object as RESOURCE/NAME or as RESOURCE NAME, not both")
        resource, _, name = resource.partition("/")
        if "/" in name:
            raise UsageError(f"{found.resource!r} has more than one slash; an object is RESOURCE/NAME")
    if not resource or name == "":
        raise UsageError(f"{found.resource!r} is no resource; try kwatch pods, or kwatch deploy/NAME")
    if name is not None and "," in resource:
        raise UsageError("a name goes with one resource, not with several")
    if name is not None and found.all_namespaces:
        raise UsageError("a resource cannot be fetched by name across all namespaces; give -n NAMESPACE")
    _check_selectors(found.selector, found.field_selector)
    return SelectionArguments(
        resource=resource,
        name=name,
        namespace=found.namespace,
        all_namespaces=found.all_namespaces,
        label_selector=found.selector,
        field_selector=found.field_selector,
    )


def _check_selectors(labels: str | None, fields: str | None) -> None:
    if not labels and not fields:
        return
    from kwatch.informer.selectors import SelectorSyntaxError, parse_field_selector, parse_label_selector

    try:
        parse_label_selector(labels or "")
    except SelectorSyntaxError as error:
        raise UsageError(f"the selector {labels!r} is malformed: {error}; write -l app=cart,tier!=data") from None
    try:
        parse_field_selector(fields or "")
    except SelectorSyntaxError as error:
        raise UsageError(
            f"the field selector {fields!r} is malformed: {error}; write --field-selector status.phase=Running"
        ) from None
