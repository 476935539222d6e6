"""One page of a list: which revision it shows, what is on it, where the next one begins."""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from kwatch.simulator.api.continue_token import INCONSISTENT, ContinueToken
from kwatch.simulator.api.list_options import EXACT, NOT_OLDER_THAN, ListOptions
from kwatch.simulator.api.revision_clock import RevisionClock
from kwatch.simulator.api.selection import Selection
from kwatch.simulator.api.status import (
    EXPIRED_CONTINUE,
    EXPIRED_LIST,
    bad_request,
    expired,
    too_large_resource_version,
)
from kwatch.simulator.collection import Collection, Expired, in_namespace
from kwatch.simulator.record import Record

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
