"""The object as YAML, live: managedFields hidden and Secrets masked until asked."""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from textual.app import ComposeResult

from kwatch.informer.kube_object import KubeObject
from kwatch.tui.features.object.object_tab import ObjectTab
from kwatch.tui.kit.text.line import Line, Span
from kwatch.tui.kit.text.text_view import TextView
from kwatch.tui.navigation import load
from kwatch.view import yaml_text

GLOW = 4.0
"""Seconds that changed lines stay marked."""


class YamlTab(ObjectTab):
    """Foldable, searchable; lines that just changed are marked."""

    tab = "yaml"
    text: TextView

    managed_fields = False
    unmasked = False
    """Whether the values of a Secret are shown, decoded: until it is left."""

    def compose(self) -> ComposeResult:
        self._shown: KubeObject | None = None
        self._fade_at: float | None = None
        self.text = TextView(self.palette, foldable=True)
        yield self.text

    def take_focus(self) -> None:
        self.text.focus()

    def tick(self, now: float) -> None:
        """Show the newest version; a deleted object keeps its last one."""
        obj = self.subject.object
        if obj is None:
            self.text.set_empty(self.subject.absence())
        if obj is not None and obj is not self._shown:
            self._show(obj, now)
        elif self._fade_at is not None and now >= self._fade_at and self._shown is not None:
            self._fade_at = None
            self.text.set_lines(self._lines(self._shown))

    def toggle_managed_fields(self) -> None:
        self.managed_fields = not self.managed_fields
        self._refresh()

    def toggle_mask(self) -> None:
        """Show the values, once that is confirmed, or mask them again."""
        if self.unmasked:
            self._unmask(False)
        else:
            confirm = load("kwatch.tui.features.choosing:confirm_decoding")
            confirm(self.screen, self.subject.name, lambda: self._unmask(True))

    def on_hide(self) -> None:
        """Left: what was asked for is over."""
        if self.unmasked:
            self._unmask(False)

    def _unmask(self, unmasked: bool) -> None:
        self.unmasked = unmasked
        self._refresh()
        self.post_message(self.OtherKeys())

    def _refresh(self) -> None:
        if self._shown is not None:
            self.text.set_lines(self._lines(self._shown))

    def _show(self, obj: KubeObject, now: float) -> None:
        lines: Sequence[Line] = self._lines(obj)
        if self._shown is not None:
            lines = mark_changed(self.text.document.lines, lines)
            self._fade_at = now + GLOW
        self._shown = obj
        self.text.set_lines(lines)

    def _lines(self, obj: KubeObject) -> list[Line]:
        tree: Mapping[str, Any] = obj.tree(show_secrets=self.unmasked)
        if self.unmasked and obj.kind == "Secret":
            tree = decoded(tree)
        return yaml_lines(tree if self.managed_fields else without_managed_fields(tree))


def mark_changed(old: Sequence[Line], new: Sequence[Line]) -> list[Line]:
    """Sign and tint the lines that were not there before."""
    known = Counter(line.text for line in old)
    marked: list[Line] = []
    for line in new:
        if known[line.text] > 0:
            known[line.text] -= 1
            marked.append(line)
        else:
            marked.append(replace(line, sign="~", tint="kwatch-changed"))
    return marked


_INKS = {
    "": "kwatch-muted",
    "key": "kwatch-key",
    "text": "kwatch-string",
    "number": "kwatch-number",
    "constant": "kwatch-constant",
    "block": "kwatch-constant",
}


def without_managed_fields(tree: Mapping[str, Any]) -> dict[str, Any]:
    """The object without what servers note for themselves."""
    copy = dict(tree)
    metadata = copy.get("metadata")
    if isinstance(metadata, Mapping):
        copy["metadata"] = {key: value for key, value in metadata.items() if key != "managedFields"}
    return copy


def yaml_lines(tree: Mapping[str, Any]) -> list[Line]:
    """One Line a line of YAML, keys in the object's order, texts unbroken."""
    return [Line(tuple([Span(text, _INKS[kind]) for text, kind in line])) for line in yaml_text.yaml_lines(tree)]


def decoded(tree: Mapping[str, Any]) -> dict[str, Any]:
    """The tree of a Secret with its data decoded; what is no text is told by its size, what is no base64 stays."""
    data = tree.get("data")
    if not isinstance(data, Mapping):
        return dict(tree)
    return {**tree, "data": {key: _decoded(value) for key, value in data.items()}}


def _decoded(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        content = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return value
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return f"({len(content):,} bytes that are not text)"
