"""Lists: the options in the query, what they select, and one page with the token that the next one begins with."""

from __future__ import annotations

import asyncio
import binascii
import re
from base64 import b64decode, urlsafe_b64encode
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from kwatch.informer.selectors import (
    FieldSelector,
    LabelSelector,
    SelectorSyntaxError,
    parse_field_selector,
    parse_label_selector,
)
from kwatch.simulator.api.responses import (
    EXPIRED_CONTINUE,
    EXPIRED_LIST,
    Cause,
    StatusError,
    bad_request,
    expired,
    invalid,
    too_large_resource_version,
)
from kwatch.simulator.api_types import APIType
from kwatch.simulator.collection import Collection, Expired, Record, field_labels, in_namespace
from kwatch.simulator.store import Store

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
            quoted = f'"{self.resource_version}"'
            message = f"resourceVersion: Invalid value: {quoted}: strconv.ParseUint: parsing {quoted}: invalid syntax"
            raise StatusError(500, "", message) if self.watch else bad_request(f"invalid resource version: {message}")
        return int(self.resource_version)


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
        raise invalid("meta.k8s.io", "ListOptions", "", causes)


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


INCONSISTENT = -1
"""The revision of a token that goes on in the present, whatever the pages before showed."""

_TOKEN_VERSION = "meta.k8s.io/v1"


@dataclass(frozen=True, slots=True)
class ContinueToken:
    """The first key that has not been listed yet is the least one not below `start`."""

    revision: int
    start: str

    @classmethod
    def after(cls, revision: int, key: str, namespace: str) -> ContinueToken:
        """Go on behind a key. In a namespace the token leaves the namespace out."""
        shown = key.removeprefix(namespace) if namespace else key
        return cls(revision, f"{shown}\0")

    def first_key(self, namespace: str) -> str:
        """Where to go on, as the collection's keys are."""
        start = self.start.removeprefix("/")
        return f"{namespace}/{start}" if namespace else start

    def inconsistent(self) -> ContinueToken:
        """The same position in the present."""
        return ContinueToken(INCONSISTENT, self.start)

    def __str__(self) -> str:
        text = msgspec.json.encode({"v": _TOKEN_VERSION, "rv": self.revision, "start": self.start})
        return urlsafe_b64encode(text).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> ContinueToken:
        """Read a token; raise StatusError 400."""
        try:
            decoded = b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise _unreadable("illegal base64 data at input byte 0") from None
        try:
            fields = msgspec.json.decode(decoded)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise _unreadable(
                f"invalid character '{_first_character(decoded)}' looking for beginning of value"
            ) from None
        if not isinstance(fields, dict) or fields.get("v") != _TOKEN_VERSION:
            raise _unreadable("server does not recognize this encoded version")
        revision, start = fields.get("rv"), fields.get("start")
        if not isinstance(revision, int) or revision == 0:
            raise _unreadable(f"incorrect encoded start resourceVersion (version {_TOKEN_VERSION})")
        if not isinstance(start, str) or not start:
            raise _unreadable(f"encoded start key empty (version {_TOKEN_VERSION})")
        return cls(revision, start)


def _first_character(decoded: bytes) -> str:
    first = decoded[:1]
    return first.decode() if first.isascii() else f"\\x{first[0]:02x}"


def _unreadable(reason: str) -> StatusError:
    return bad_request(f"invalid continue token: continue key is not valid: {reason}")


PATIENCE = 3.0
"""Seconds a read waits for a revision that has not come."""
_LOOK_EVERY = 0.05


class RevisionClock:
    """The store's revision, seen by those who wait for it."""

    def __init__(self, store: Store, patience: float = PATIENCE) -> None:
        self._store = store
        self._patience = patience

    @property
    def now(self) -> int:
        return self._store.revision

    async def reach(self, revision: int) -> bool:
        """Wait until the revision has come; False if it does not in time."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._patience
        while self._store.revision < revision:
            if loop.time() >= deadline:
                return False
            await asyncio.sleep(min(_LOOK_EVERY, self._patience))
        return True


_BREATH = 2_000
"""Objects that are selected before other requests have their turn."""


@dataclass(frozen=True, slots=True)
class Page:
    """Records at a revision; an empty continue_token means that nothing follows."""

    revision: int
    records: Sequence[Record]
    continue_token: str = ""
    remaining: int | None = None


async def list_page(
    collection: Collection,
    revisions: RevisionClock,
    options: ListOptions,
    selection: Selection,
    *,
    tokens_expire: bool = False,
) -> Page:
    """Answer a list; raise StatusError. `tokens_expire` treats every consistent continue token as too old."""
    if options.continue_token:
        token = ContinueToken.parse(options.continue_token)
        if options.resource_version not in ("", "0"):
            raise bad_request("specifying resource version is not allowed when using continue")
        revision, records = _continued(collection, revisions.now, token, tokens_expire)
        start = token.first_key(selection.namespace)
    else:
        revision, records = await _first(collection, revisions, options)
        start = ""
    records = in_namespace(records, selection.namespace)
    if start:
        records = records[bisect_left(records, start, key=lambda record: record.key) :]
    limit = 0 if options.resource_version == "0" and not options.resource_version_match else options.limit
    return await _page(revision, records, limit, selection)


def _continued(
    collection: Collection, now: int, token: ContinueToken, tokens_expire: bool
) -> tuple[int, Sequence[Record]]:
    if token.revision == INCONSISTENT:
        return now, collection.current()
    try:
        if tokens_expire or token.revision > now:
            raise Expired
        return token.revision, collection.as_of(token.revision)
    except Expired:
        raise expired(EXPIRED_CONTINUE, str(token.inconsistent())) from None


async def _first(
    collection: Collection, revisions: RevisionClock, options: ListOptions
) -> tuple[int, Sequence[Record]]:
    wanted = options.revision
    if not wanted:
        return revisions.now, collection.current()
    if not await revisions.reach(wanted):
        raise too_large_resource_version(wanted, revisions.now)
    match = options.resource_version_match or (EXACT if options.limit else NOT_OLDER_THAN)
    if match == NOT_OLDER_THAN:
        return revisions.now, collection.current()
    try:
        return wanted, collection.as_of(wanted)
    except Expired:
        raise expired(EXPIRED_LIST) from None


async def _page(revision: int, records: Sequence[Record], limit: int, selection: Selection) -> Page:
    if not selection.selects:
        if not limit or len(records) <= limit:
            return Page(revision, records)
        token = ContinueToken.after(revision, records[limit - 1].key, selection.namespace)
        return Page(revision, records[:limit], str(token), len(records) - limit)
    chosen: list[Record] = []
    for position, record in enumerate(records, 1):
        if position % _BREATH == 0:
            await asyncio.sleep(0)
        if selection.matches(record):
            chosen.append(record)
            if len(chosen) == limit and position < len(records):
                token = ContinueToken.after(revision, record.key, selection.namespace)
                return Page(revision, chosen, str(token))
    return Page(revision, chosen)
