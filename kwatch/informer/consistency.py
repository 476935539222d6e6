"""Compares a streaming list with an ordinary one of the same version; for debugging servers and this library."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from kwatch.informer.metadata import KeyFunc, resource_version_of
from kwatch.informer.pager import Pager
from kwatch.informer.protocol import ListOptions, Object
from kwatch.informer.reflection import Reflection
from kwatch.informer.streaming_list import StreamedList

log = logging.getLogger("kwatch.informer.reflector")


def check_consistency(reflection: Reflection, streamed: StreamedList) -> None:
    """List exactly the streamed version, and record an error if keys or versions differ; raise what the list raises."""
    options = ListOptions(resource_version=streamed.resource_version, resource_version_match="Exact")
    listed, _ = Pager(reflection.upstream.list, page_size=None).list(options)
    there, here = _versions(listed.items, reflection.key_func), _versions(streamed.items, reflection.key_func)
    if there == here:
        return
    differing = sorted(key for key in there.keys() | here.keys() if there.get(key) != here.get(key))
    message = f"the streaming list at {streamed.resource_version} differs from the list in {', '.join(differing[:10])}"
    log.error(message)
    reflection.recorder.error("consistency", message)


def _versions(objects: Iterable[Object], key_func: KeyFunc) -> dict[str, str]:
    return {key_func(obj): resource_version_of(obj) for obj in objects}
