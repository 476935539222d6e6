"""From the bytes of a watch line or a list body to events and objects. What cannot be decoded becomes Unreadable."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import Any

import msgspec

from kwatch.base.limits import (
    LARGEST_OBJECT,
    LARGEST_STATUS,
    LONGEST_TOKEN,
    LONGEST_VERSION,
    MB,
    MOST_PAGE_ITEMS,
    MOST_VALUES,
    size_text,
)
from kwatch.informer.errors import TOO_LARGE, ApiError, error_from_status
from kwatch.informer.kube_object import KubeObject, Unreadable
from kwatch.informer.masking import digested
from kwatch.informer.protocol import ADDED, BOOKMARK, DELETED, ERROR, MODIFIED, Object, ObjectList, WatchEvent

MOST_WORDS = 80
"""Characters of an answer that are quoted when it is not what was asked for."""
_STRING = re.compile(r'("(?:[^"\\]|\\.)*"\s*:)|"(?:[^"\\]|\\.)*"?', re.DOTALL)
"""The name of a field of JSON, or another string, perhaps cut off."""
MAX_NESTING = 900
"""How deep an object may nest; Python's recursion limit is 1000."""
# Until 3.11 the decoder counts its own recursion against Python's limit. Later it may go much deeper than those who
# walk the tree can follow, so the depth is counted here.
_COUNT_NESTING = sys.version_info >= (3, 12)

UNDECODABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, MemoryError)
"""What decoding raises: of bytes that are no JSON, of what is nested too deep, and of what is too large."""

_PREFIXES = {b'{"type":"%s","object":' % type_.encode(): type_ for type_ in (ADDED, MODIFIED, DELETED)}
_LONGEST_PREFIX = max(map(len, _PREFIXES))
_TYPE = re.compile(rb'\s*\{\s*"type"\s*:\s*"([A-Z]+)"')


class _Event(msgspec.Struct, gc=False):
    type: str
    object: msgspec.Raw


class _ListMetadata(msgspec.Struct, gc=False, rename="camel"):
    resource_version: str | None = None
    continue_: str | None = msgspec.field(default=None, name="continue")
    remaining_item_count: int | None = None
    name: Any = None
    """What objects have and lists have not."""


class _List(msgspec.Struct, gc=False, rename="camel"):
    metadata: _ListMetadata | None = None
    items: list[msgspec.Raw] | msgspec.UnsetType | None = msgspec.UNSET
    kind: str = ""
    api_version: str = ""


class _Said(msgspec.Struct, gc=False):
    """The fields by which an unexpected answer explains itself."""

    kind: Any = None
    message: Any = None
    error: Any = None


_event = msgspec.json.Decoder(_Event).decode
_list = msgspec.json.Decoder(_List).decode
_said = msgspec.json.Decoder(_Said).decode


def decode_object(raw: bytes, kind: str = "", api_version: str = "") -> KubeObject | Unreadable:
    """One object from its JSON; Unreadable if the cache cannot take it."""
    try:
        if not raw.isascii():
            raw.decode()
        if _COUNT_NESTING and raw.count(b"{") + raw.count(b"[") > MAX_NESTING and _nesting(raw) > MAX_NESTING:
            return Unreadable(raw, f"nested deeper than {MAX_NESTING} levels")
        if len(raw) > MB and (too_much := why_too_much(raw)):
            return Unreadable(raw, too_much)
        obj = KubeObject(raw, kind, api_version)
        name, namespace = obj.name, obj.namespace
        if len(name) + len(namespace) + len(obj.resource_version) > LONGEST_VERSION:
            return Unreadable(raw, "its name, namespace or resourceVersion is too long")
        if "/" in name or "/" in namespace:
            # No server takes such a name; its key could be another object's.
            return Unreadable(raw, "a slash in its name or namespace")
        return obj
    except UnicodeDecodeError as error:
        return Unreadable(raw, f"invalid UTF-8 at byte {error.start}")
    except msgspec.ValidationError as error:
        return Unreadable(raw, str(error))
    except msgspec.DecodeError as error:
        return Unreadable(raw, str(error), malformed=True)
    except RecursionError:
        return Unreadable(raw, "nested beyond the recursion limit")


def values_in(raw: bytes | bytearray) -> int:
    """About how many values some JSON holds, at least as many as there are; it is not parsed for that."""
    return raw.count(b",") + raw.count(b"{") + raw.count(b"[")


def why_too_much(raw: bytes | bytearray) -> str:
    """Why an object is not taken, half a sentence; empty if it is."""
    if len(raw) > LARGEST_OBJECT:
        return f"it is {size_text(len(raw))} long, and at most {size_text(LARGEST_OBJECT)} are read"
    if values_in(raw) > MOST_VALUES:
        return f"it holds more than {MOST_VALUES:,} values"
    return ""


def decode_watch_event(line: bytes, *, kind: str = "", api_version: str = "") -> WatchEvent:
    """One line of a watch, with or without its newline.

    The object of ADDED, MODIFIED and DELETED is a KubeObject or Unreadable, of BOOKMARK and ERROR a dict. A bare Status
    becomes an ERROR. A line that is no event becomes an Unreadable, with the type that could be read, perhaps empty.
    """
    # The server always writes an event this way. Cutting the object out instead of decoding the envelope halves the
    # work; decoding the object proves that the cut was right.
    start = line.find(b'"object":', 0, _LONGEST_PREFIX) + 9
    type_ = _PREFIXES.get(line[:start])
    end = -1 if line.endswith(b"}") else -2 if line.endswith(b"}\n") else None
    if type_ is not None and end is not None:
        obj = decode_object(line[start:end], kind, api_version)
        if isinstance(obj, KubeObject) or not obj.malformed:
            return WatchEvent(type_, obj)
    return _decode_any_event(line, kind, api_version)


def _decode_any_event(line: bytes, kind: str, api_version: str) -> WatchEvent:
    try:
        event = _event(line)
        raw = bytes(event.object)
        if event.type in (BOOKMARK, ERROR) and len(raw) > LARGEST_STATUS:
            return WatchEvent(event.type, Unreadable(raw, f"it is {size_text(len(raw))} long"))
        if event.type in (BOOKMARK, ERROR):
            return WatchEvent(event.type, _as_dict(msgspec.json.decode(raw)))
    except RecursionError:
        return WatchEvent(type_in(line), Unreadable(line, "nested beyond the recursion limit"))
    except msgspec.ValidationError as error:
        status = _failure(line)
        if status is not None:
            return WatchEvent(ERROR, status)
        return WatchEvent(type_in(line), Unreadable(line, str(error), malformed=True))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return WatchEvent(type_in(line), Unreadable(line, str(error), malformed=True))
    return WatchEvent(event.type, decode_object(raw, kind, api_version))


def _as_dict(tree: Any) -> dict[str, Any]:
    return tree if isinstance(tree, dict) else {}


def type_in(line: bytes) -> str:
    """The type at the beginning of an event; empty if there is none."""
    found = _TYPE.match(line)
    return found[1].decode() if found else ""


def decode_list(
    body: bytes, *, kind: str = "", api_version: str = "", items: Sequence[Object | bytes] | None = None
) -> ObjectList:
    """One page of a list; each item keeps its own bytes. `kind` and `api_version` are what built-in items lack. `items`
    are those of a body from which they were taken out.

    Raises ApiError if the body does not say that it is a list of that kind: status 0 if it is malformed, a Table, or
    something else; what a Status says if it is one, though it came as a success.
    """
    try:
        page = _list(body)
        raws: Sequence[Any] = (page.items or []) if items is None else items
    except UNDECODABLE:
        page, raws = _split_list(body)
    if is_table(page.api_version, page.kind):
        raise ApiError(0, "Table", "the server answered with a Table where objects were asked for")
    metadata = page.metadata or _ListMetadata()
    if not _is_list(page, metadata, kind, api_version):
        raise error_from_answer(body, f"{kind}List" if kind and page.kind else "list")
    if len(raws) > MOST_PAGE_ITEMS:
        raise ApiError(0, TOO_LARGE, f"The list holds more than {MOST_PAGE_ITEMS:,} objects at once.")
    decoded = [raw if isinstance(raw, Unreadable) else decode_object(bytes(raw), kind, api_version) for raw in raws]
    return page_of(decoded, metadata.resource_version, metadata.continue_, metadata.remaining_item_count)


def digest_of(obj: Object) -> Object:
    """An object of which nothing of the data is left; of one that cannot be read, no more than its name."""
    if isinstance(obj, KubeObject):
        try:
            return KubeObject(digested(obj.raw, obj.kind), obj.kind, obj.api_version)
        except UNDECODABLE as error:
            identity = {"name": obj.name, "namespace": obj.namespace, "resourceVersion": obj.resource_version}
            obj = Unreadable(msgspec.json.encode({"metadata": identity}), why_undecodable(error))
    if isinstance(obj, Unreadable):
        return Unreadable(msgspec.json.encode(dict(obj)), obj.reason, malformed=obj.malformed)
    return obj


def page_of(items: Sequence[Object], version: str | None, token: str | None, remaining: int | None) -> ObjectList:
    """A page; raise ApiError if its version or token is so long that the server itself would not take it."""
    if version and len(version) > LONGEST_VERSION:
        raise ApiError(0, "Malformed", f"The list's resourceVersion is {size_text(len(version))} long.")
    if token and len(token) > LONGEST_TOKEN:
        raise ApiError(0, "Malformed", f"The list's continue token is {size_text(len(token))} long.")
    return ObjectList(items, version or "", token or None, remaining if remaining is None else max(remaining, 0))


def _is_list(page: _List, metadata: _ListMetadata, kind: str, api_version: str) -> bool:
    """Whether a body is a list: what a list lacks is deleted, so this is checked.

    It has two of items, a version and a kind that ends with List; and it is a list of what was asked for. CRDs may name
    their lists as they like, the types of Kubernetes itself may not.
    """
    says, versioned = page.kind.endswith("List"), bool(metadata.resource_version)
    has_items = page.items is not msgspec.UNSET
    if metadata.name is not None or says + versioned + has_items < 2 or not (says or has_items):
        return False
    if page.kind == "List" or not page.kind:
        return True
    if api_version and page.api_version not in ("", api_version):
        return False
    return not kind or page.kind == f"{kind}List" or "." in api_version


def error_from_answer(body: bytes, wanted: str) -> ApiError:
    """The error for an answer that is not what was asked for: that of a Status, else its kind or first words."""
    words: bytes | str = body
    try:
        status = _failure(body)
        if status is not None:
            return error_from_status(status)
        said = _said(body)
        if isinstance(said.kind, str) and said.kind not in ("", wanted):
            return ApiError(0, "Malformed", f"The answer is a {first_words(said.kind)}, no {wanted}.")
        words = next((each for each in (said.message, said.error) if isinstance(each, str) and each), body)
    except UNDECODABLE:
        pass  # its first words say enough
    return ApiError(0, "Malformed", f"The answer is no {wanted}: {first_words(words)}.")


def _failure(body: bytes) -> dict[str, Any] | None:
    """A Status that is no Success, None for anything else."""
    try:
        tree = msgspec.json.decode(body) if len(body) <= LARGEST_STATUS and b'"Status"' in body else None
    except UNDECODABLE:
        return None
    is_failure = isinstance(tree, dict) and tree.get("kind") == "Status" and tree.get("status") != "Success"
    return tree if is_failure else None


def why_undecodable(error: BaseException) -> str:
    """Half a sentence on one of UNDECODABLE."""
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    return "there is not enough memory for it" if isinstance(error, MemoryError) else str(error)


def first_words(answer: bytes | str) -> str:
    """The beginning of an answer, on one line, for a sentence; of JSON without its texts, which may be secret."""
    text = answer if isinstance(answer, str) else answer[: 16 * MOST_WORDS].decode("utf-8", "replace")
    if text.lstrip().startswith(("{", "[")):
        text = _STRING.sub(lambda found: found[1] or '"…"', text)
    words = " ".join(text[: 16 * MOST_WORDS].split())
    return (words if len(words) <= MOST_WORDS else f"{words[: MOST_WORDS - 1].rstrip()}…") or "it is empty"


def is_table(api_version: str, kind: str) -> bool:
    """Whether this is the server's Table, which is for printing and cannot be cached."""
    return kind == "Table" and api_version.startswith("meta.k8s.io/")


_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\]]', re.DOTALL)


def _nesting(raw: bytes) -> int:
    depth = deepest = 0
    for token in _TOKEN.finditer(raw):
        text = token[0]
        if text in (b"{", b"["):
            depth += 1
            deepest = max(deepest, depth)
        elif text in (b"}", b"]"):
            depth -= 1
    return deepest


def _split_list(body: bytes) -> tuple[_List, list[bytes]]:
    """Cut a list that the decoder refuses into its items, so that one bad item does not cost the rest."""
    depth = 0
    items: list[bytes] = []
    items_start = items_end = item_start = -1
    previous = b""
    for token in _TOKEN.finditer(body):
        text = token[0]
        if text in (b"{", b"["):
            depth += 1
            if depth == 2 and text == b"[" and previous == b'"items"':
                items_start = token.end()
            elif depth == 3 and items_start >= 0 > items_end:
                item_start = token.start()
        elif text in (b"}", b"]"):
            depth -= 1
            if depth == 2 and items_start >= 0 > items_end:
                items.append(body[item_start : token.end()])
            elif depth == 1 and items_start >= 0 > items_end:
                items_end = token.start()
        previous = text
    try:
        # Without its items the list must be readable.
        return _list(body[:items_start] + body[items_end:] if items_end >= 0 else body), items
    except UNDECODABLE as error:
        raise ApiError(
            0, "Malformed", f"The list cannot be read: {first_words(body)} ({why_undecodable(error)})."
        ) from error
