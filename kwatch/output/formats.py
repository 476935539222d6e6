"""Which printer an `-o` names, and how `--sort-by` orders."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kwatch.catalog.jsonpath import parse_json_path
from kwatch.informer.clock import Clock
from kwatch.output.change import ObjectChange
from kwatch.output.custom_columns import CustomColumnsPrinter
from kwatch.output.json_lines import JsonLinesPrinter
from kwatch.output.jsonpath_template import JsonPathPrinter
from kwatch.output.masking import Masking
from kwatch.output.names import NamePrinter
from kwatch.output.printer import Printer
from kwatch.output.rows import CHUNK, RowPrinter
from kwatch.output.value_text import value_text
from kwatch.output.yaml_documents import YamlPrinter


@dataclass(frozen=True, slots=True)
class Format:
    """What was asked for on the command line; `name` None is plain rows."""

    name: str | None = None
    with_namespace: bool = False
    with_type: bool = False
    label_columns: tuple[str, ...] = ()
    show_labels: bool = False
    headers: bool = True
    show_secrets: bool = False
    show_managed_fields: bool = False
    sorted: bool = False
    """Whether the rows are not in the server's order."""
    single: bool = False
    """One object was asked for by its name."""


def printer_for(wanted: Format, clock: Clock) -> Printer:
    """Raise ValueError (JSONPathError) with a sentence when a template or a path is broken."""
    masking = Masking(wanted.show_secrets)
    name, _, text = (wanted.name or "").partition("=")
    match name:
        case "json":
            return JsonLinesPrinter(masking)
        case "yaml":
            return YamlPrinter(masking, single=wanted.single, managed_fields=wanted.show_managed_fields)
        case "name":
            return NamePrinter()
        case "jsonpath":
            return JsonPathPrinter(text, masking)
        case "custom-columns":
            return CustomColumnsPrinter(text, masking, wanted.headers)
        case _:
            return RowPrinter(
                clock,
                masking,
                wide=name == "wide",
                with_namespace=wanted.with_namespace,
                with_type=wanted.with_type,
                label_columns=wanted.label_columns,
                show_labels=wanted.show_labels,
                headers=wanted.headers,
                chunk=None if wanted.sorted else CHUNK,
            )


def order_by(json_path: str | None, masking: Masking) -> Callable[[ObjectChange], object] | None:
    """Numbers by size, then text, then what has no value at that path; None keeps the server's order."""
    if json_path is None:
        return None
    path = parse_json_path(json_path if json_path.lstrip().startswith(("{", ".", "$", "[")) else f".{json_path}")

    def order(change: ObjectChange) -> tuple[int, float, str]:
        values = path.find(masking.tree(change.object))
        if not values:
            return (2, 0.0, "")
        first = values[0]
        if isinstance(first, (int, float)) and not isinstance(first, bool):
            return (0, first, "")
        return (1, 0.0, value_text(first))

    return order
