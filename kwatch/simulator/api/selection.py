"""Which objects a list or a watch is about, by labels and fields."""

from __future__ import annotations

from dataclasses import dataclass

from kwatch.informer.selectors import (
    FieldSelector,
    LabelSelector,
    SelectorSyntaxError,
    parse_field_selector,
    parse_label_selector,
)
from kwatch.simulator.api.list_options import ListOptions
from kwatch.simulator.api.status import bad_request
from kwatch.simulator.api_types import APIType
from kwatch.simulator.field_labels import field_labels
from kwatch.simulator.record import Record


@dataclass(frozen=True, slots=True)
class Selection:
    """A label selector, a field selector and a namespace, all of which must hold."""

    namespace: str
    labels: LabelSelector
    fields: FieldSelector
    names: tuple[str, ...]
    """The field labels, in the order of Record.fields."""

    @property
    def selects(self) -> bool:
        """Whether there is a selector at all."""
        return not (self.labels.matches_everything and self.fields.matches_everything)

    def matches(self, record: Record) -> bool:
        """Whether the selectors hold; the namespace is not looked at."""
        if not self.labels.matches(record.labels):
            return False
        if self.fields.matches_everything:
            return True
        return self.fields.matches(dict(zip(self.names, record.fields, strict=True)))


def parse_selection(options: ListOptions, api_type: APIType, namespace: str, name: str = "") -> Selection:
    """Read the selectors; raise StatusError 400. `name` narrows it to one object, as in a watch of its path."""
    try:
        labels = parse_label_selector(options.label_selector)
    except SelectorSyntaxError as error:
        reason = str(error).partition("': ")[2].replace("expected ", "expected: ", 1)
        raise bad_request(f"unable to parse requirement: {reason}") from None
    try:
        fields = parse_field_selector(options.field_selector)
    except SelectorSyntaxError as error:
        raise bad_request(f"invalid selector: {str(error).partition(': ')[2]}") from None
    if name:
        by_name = parse_field_selector(f"metadata.name={name}")
        fields = FieldSelector(fields.requirements + by_name.requirements)
    names = tuple(label.label for label in field_labels(api_type))
    for requirement in fields.requirements:
        if requirement.key not in names:
            raise bad_request(f"field label not supported: {requirement.key}")
    return Selection(namespace, labels, fields, names)
