"""The query of a list or a watch: options in the server's order and words, and which objects are selected."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from kwatch.informer.selectors import (
    FieldSelector,
    LabelSelector,
    SelectorSyntaxError,
    parse_field_selector,
    parse_label_selector,
)
from kwatch.simulator.api.status import Cause, StatusError, bad_request, invalid_list_options
from kwatch.simulator.api_types import APIType
from kwatch.simulator.collection import Record, field_labels

EXACT = "Exact"
NOT_OLDER_THAN = "NotOlderThan"

_MATCH = "resourceVersionMatch"
_TRUE = frozenset({"true", "1", "t"})
_FALSE = frozenset({"false", "0", "f"})


@dataclass(frozen=True, slots=True)
class ListOptions:
    """What a client may say about a list or a watch."""

    watch: bool = False
    resource_version: str = ""
    resource_version_match: str = ""
    limit: int = 0
    continue_token: str = ""
    label_selector: str = ""
    field_selector: str = ""
    timeout_seconds: int = 0
    allow_watch_bookmarks: bool = False
    send_initial_events: bool | None = None

    @property
    def revision(self) -> int | None:
        """The resource version as a number; None where none is given. Raises StatusError."""
        if not self.resource_version:
            return None
        if not re.fullmatch(r"[0-9]+", self.resource_version):
            raise self._unreadable_revision()
        return int(self.resource_version)

    def _unreadable_revision(self) -> StatusError:
        quoted = f'"{self.resource_version}"'
        message = f"resourceVersion: Invalid value: {quoted}: strconv.ParseUint: parsing {quoted}: invalid syntax"
        return StatusError(500, "", message) if self.watch else bad_request(f"invalid resource version: {message}")


def parse_list_options(query: Mapping[str, str], *, watch: bool) -> ListOptions:
    """Read a query; raise StatusError 400 for what cannot be read."""
    initial = query.get("sendInitialEvents", "")
    return ListOptions(
        watch=watch,
        resource_version=query.get("resourceVersion", ""),
        resource_version_match=query.get(_MATCH, ""),
        limit=_integer(query, "limit"),
        continue_token=query.get("continue", ""),
        label_selector=query.get("labelSelector", ""),
        field_selector=query.get("fieldSelector", ""),
        timeout_seconds=_integer(query, "timeoutSeconds"),
        allow_watch_bookmarks=_is_true(query.get("allowWatchBookmarks", "")),
        send_initial_events=_is_true(initial) if initial else None,
    )


def validate_list_options(options: ListOptions, *, streaming_lists: bool = True) -> None:
    """Raise StatusError 422 for options that contradict one another."""
    causes = _of_watch(options, streaming_lists) if options.watch else _of_list(options)
    if causes:
        raise invalid_list_options(causes)


def asks_for_watch(query: Mapping[str, str]) -> bool:
    """Whether a query turns a list into a watch."""
    return "watch" in query and query["watch"] not in _FALSE


def _of_list(options: ListOptions) -> list[Cause]:
    causes = []
    match = options.resource_version_match
    if match:
        if not options.resource_version:
            causes.append(_forbidden(_MATCH, f"{_MATCH} is forbidden unless resourceVersion is provided"))
        if options.continue_token:
            causes.append(_forbidden(_MATCH, f"{_MATCH} is forbidden when continue is provided"))
        if match not in (EXACT, NOT_OLDER_THAN):
            causes.append(_unsupported(match, EXACT, NOT_OLDER_THAN, ""))
        if match == EXACT and options.resource_version == "0":
            causes.append(_forbidden(_MATCH, f'{_MATCH} "exact" is forbidden for resourceVersion "0"'))
    if options.send_initial_events is not None:
        causes.append(_forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"))
    return causes


def _of_watch(options: ListOptions, streaming_lists: bool) -> list[Cause]:
    causes = []
    match = options.resource_version_match
    if options.send_initial_events is not None:
        if match != NOT_OLDER_THAN:
            causes.append(_forbidden(_MATCH, f"sendInitialEvents requires setting {_MATCH} to {NOT_OLDER_THAN}"))
        if not streaming_lists:
            text = "sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled"
            causes.append(_forbidden("sendInitialEvents", text))
    if match:
        if options.send_initial_events is None:
            causes.append(_forbidden(_MATCH, f"{_MATCH} is forbidden for watch unless sendInitialEvents is provided"))
        if match != NOT_OLDER_THAN:
            causes.append(_unsupported(match, NOT_OLDER_THAN))
        if options.continue_token:
            causes.append(_forbidden(_MATCH, f"{_MATCH} is forbidden when continue is provided"))
    return causes


def _forbidden(field: str, text: str) -> Cause:
    return Cause("FieldValueForbidden", f"Forbidden: {text}", field)


def _unsupported(value: str, *supported: str) -> Cause:
    quoted = ", ".join(f'"{each}"' for each in supported)
    return Cause("FieldValueNotSupported", f'Unsupported value: "{value}": supported values: {quoted}', _MATCH)


def _integer(query: Mapping[str, str], name: str) -> int:
    text = query.get(name, "")
    if not text:
        return 0
    if not re.fullmatch(r"[+-]?[0-9]+", text):
        raise bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax')
    return int(text)


def _is_true(text: str) -> bool:
    return text.lower() in _TRUE


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
