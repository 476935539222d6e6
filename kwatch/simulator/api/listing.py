"""One page of a list: which revision it shows, what is on it, and the token with which the next one begins."""

from __future__ import annotations

import asyncio
import binascii
from base64 import b64decode, urlsafe_b64encode
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from kwatch.simulator.api.list_options import EXACT, NOT_OLDER_THAN, ListOptions, Selection
from kwatch.simulator.api.status import (
    EXPIRED_CONTINUE,
    EXPIRED_LIST,
    StatusError,
    bad_request,
    expired,
    too_large_resource_version,
)
from kwatch.simulator.collection import Collection, Expired, Record, in_namespace
from kwatch.simulator.store import Store

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
            raise _invalid("illegal base64 data at input byte 0") from None
        try:
            fields = msgspec.json.decode(decoded)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise _invalid(f"invalid character '{_first_character(decoded)}' looking for beginning of value") from None
        if not isinstance(fields, dict) or fields.get("v") != _TOKEN_VERSION:
            raise _invalid("server does not recognize this encoded version")
        revision, start = fields.get("rv"), fields.get("start")
        if not isinstance(revision, int) or revision == 0:
            raise _invalid(f"incorrect encoded start resourceVersion (version {_TOKEN_VERSION})")
        if not isinstance(start, str) or not start:
            raise _invalid(f"encoded start key empty (version {_TOKEN_VERSION})")
        return cls(revision, start)


def _first_character(decoded: bytes) -> str:
    first = decoded[:1]
    return first.decode() if first.isascii() else f"\\x{first[0]:02x}"


def _invalid(reason: str) -> StatusError:
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
        """The current revision."""
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
