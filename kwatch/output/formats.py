"""The output formats: which printer an `-o` names, the smaller ones themselves, and how `--sort-by` orders.

Imports are inside the functions where only one format needs them and they take a twentieth of a start together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from kwatch.base.printable import printable
from kwatch.base.timestamp import rfc3339
from kwatch.catalog.go_text import go_print
from kwatch.catalog.jsonpath import JSONPathError, parse_json_path
from kwatch.history.coverage import Gap
from kwatch.informer.clock import Clock
from kwatch.output.jsonpath import JsonPathPrinter
from kwatch.output.printer import Masking, ObjectChange, Printer, json_text, type_prefix, value_text
from kwatch.output.rows import CHUNK, AlignedLines, RowPrinter


@dataclass(frozen=True, slots=True)
class Format:
    """What was asked for on the command line; `name` None is plain rows."""

    name: str | None = None
    with_namespace: bool = False
    with_type: bool = False
    with_context: bool = False
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
        case "yaml" | "kyaml":
            kyaml = name == "kyaml"
            return YamlPrinter(masking, single=wanted.single, managed_fields=wanted.show_managed_fields, kyaml=kyaml)
        case "name":
            return NamePrinter()
        case "jsonpath" | "jsonpath-as-json":
            return JsonPathPrinter(text, masking, single=wanted.single, as_json=name != "jsonpath")
        case "custom-columns":
            return CustomColumnsPrinter(text, masking, wanted.headers)
        case _:
            return RowPrinter(
                clock,
                masking,
                wide=name == "wide",
                with_namespace=wanted.with_namespace,
                with_type=wanted.with_type,
                with_context=wanted.with_context,
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


class NamePrinter(Printer):
    """`-o name`: one `pod/web-1` a change, as kubectl: the singular resource, its group, the name."""

    def change(self, change: ObjectChange) -> str:
        return f"{type_prefix(change.resource)}/{printable(change.object.name)}\n"


class JsonLinesPrinter(Printer):
    """`-o json`: `{type, time, object, old_resource_version, changed}` a line; what is there at first is ADDED."""

    def __init__(self, masking: Masking) -> None:
        self._masking = masking

    def change(self, change: ObjectChange) -> str:
        """The whole object, and the paths that differ from its last version."""
        from kwatch.history.diff.compare import diff

        tree = self._masking.tree(change.object)
        line: dict[str, Any] = {"type": change.type, "time": rfc3339(change.at), "object": tree}
        if change.context:
            line = {"context": change.context, **line}
        if change.old is not None:
            line["old_resource_version"] = change.old.resource_version
            if change.type == "MODIFIED":
                line["changed"] = [each.path for each in diff(change.old.tree(), change.object.tree())]
        return json_text(line) + "\n"

    def gap(self, gap: Gap) -> str:
        """A line of type GAP: what is missing and why."""
        line = {
            "type": "GAP",
            "time": rfc3339(gap.until),
            "resource": gap.resource,
            "since": rfc3339(gap.since),
            "until": rfc3339(gap.until),
            "cause": gap.cause,
        }
        return json_text(line) + "\n"


HEAD = "---\n"
"""Of a document of KYAML."""


class YamlPrinter(Printer):
    """`-o yaml` and `kyaml`: a List of what is there with --until-synced, as kubectl's; else a document a version.

    `single` is for one object asked for by its name: kubectl prints it without a List around it.
    """

    def __init__(
        self, masking: Masking, *, single: bool = False, managed_fields: bool = False, kyaml: bool = False
    ) -> None:
        self._masking = masking
        self._kyaml = kyaml
        self._single = single
        self._managed_fields = managed_fields

    def initial(self, changes: Sequence[ObjectChange], final: bool) -> str:
        """One List, or a document each."""
        if not final:
            return super().initial(changes, final)
        items = [self._tree(each) for each in changes]
        if self._single and len(items) == 1:
            return self._text(items[0])
        return self._text({"apiVersion": "v1", "items": items, "kind": "List", "metadata": {"resourceVersion": ""}})

    def is_one(self, final: bool) -> bool:
        """A List, at the end."""
        return final

    def change(self, change: ObjectChange) -> str:
        """The object; what happened to it is a comment."""
        return f"--- # {change.type}\n{self._text(self._tree(change)).removeprefix(HEAD)}"

    def gap(self, gap: Gap) -> str:
        """A comment between documents."""
        return f"# GAP: {printable(gap.cause)}\n"

    def _text(self, tree: dict[str, Any]) -> str:
        from kwatch.view.kyaml_text import to_kyaml
        from kwatch.view.yaml_text import to_yaml

        return to_kyaml(tree) if self._kyaml else to_yaml(tree)

    def _tree(self, change: ObjectChange) -> dict[str, Any]:
        tree = self._masking.tree(change.object)
        if self._managed_fields or not isinstance(tree.get("metadata"), dict):
            return tree
        return {**tree, "metadata": {key: value for key, value in tree["metadata"].items() if key != "managedFields"}}


_COMMA = re.compile(r",(?![^\[(]*[\])])")


class CustomColumnsPrinter(Printer):
    """`-o custom-columns=NAME:.metadata.name,IMAGE:.spec.image`; raise JSONPathError when that is broken."""

    def __init__(self, text: str, masking: Masking, headers: bool = True) -> None:
        self._columns = []
        for each in _COMMA.split(text):
            title, colon, path = each.partition(":")
            if not title or not colon or not path:
                raise JSONPathError(f"{each!r} is not a column; write NAME:.json.path")
            self._columns.append((title, parse_json_path(path)))
        self._masking = masking
        self._headers = headers
        self._begun = False
        self._aligned = AlignedLines()

    def initial(self, changes: Sequence[ObjectChange], final: bool) -> str:
        return self._lines(changes)

    def is_one(self, final: bool) -> bool:
        """A table."""
        return True

    def change(self, change: ObjectChange) -> str:
        return self._lines([change])

    def _lines(self, changes: Sequence[ObjectChange]) -> str:
        rows = [self._row(each) for each in changes]
        if self._headers and not self._begun:
            rows.insert(0, [title for title, _ in self._columns])
        self._begun = True
        return self._aligned.lines(rows)

    def _row(self, change: ObjectChange) -> list[str]:
        tree = self._masking.tree(change.object)
        found = (path.find(tree) for _, path in self._columns)
        return [",".join(map(go_print, values)) if values else "<none>" for values in found]
