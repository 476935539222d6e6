"""Deleting with grace: a pod on a node is told to stop, shown as terminating, and gone when its processes are."""

from __future__ import annotations

from typing import Any, Protocol

import msgspec

from kwatch.simulator.api.call import Call
from kwatch.simulator.api.status import bad_request

Tree = dict[str, Any]


class Undertaker(Protocol):
    """Who brings pods down; a scenario does."""

    def terminate(self, namespace: str, pod: str, grace: int | None, manager: str) -> Tree | None:
        """Tell a pod to stop, in `grace` seconds or its own time; the pod as it is now, None if nobody runs it."""
        ...


async def grace_of(call: Call) -> int | None:
    """How many seconds the client gives, by query or in DeleteOptions; None for the object's own. Raise StatusError."""
    given: Any = call.query.get("gracePeriodSeconds")
    if given is None:
        body = await call.request.read()
        try:
            options = msgspec.json.decode(body) if body and call.request.content_type == "application/json" else {}
        except msgspec.DecodeError as error:
            raise bad_request(f"couldn't get version/kind; json parse error: {error}") from None
        given = options.get("gracePeriodSeconds") if isinstance(options, dict) else None
    if given is None:
        return None
    try:
        return max(0, int(given))
    except (TypeError, ValueError):
        raise bad_request(f"invalid gracePeriodSeconds: {given!r}") from None


async def terminated(call: Call, name: str, manager: str) -> Tree | None:
    """The pod that was told to stop; None if what the path names goes at once."""
    undertaker = call.api.undertaker
    if undertaker is None or call.api_type.storage != "pods":
        return None
    grace = await grace_of(call)
    if grace == 0:
        return None
    return undertaker.terminate(call.info.namespace, name, grace, manager)
