"""However the network cuts a stream of JSON values, the same values come out of it."""

from __future__ import annotations

import json
import random
import zlib
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from urllib3.exceptions import DecodeError

from kwatch.cluster.framing import LineFramer, ValueFramer
from kwatch.cluster.lister_watcher import EventDecoder
from kwatch.cluster.transport.body_coding import ChunkedBody, Inflating, PlainBody, inflating
from kwatch.informer.decoding import decode_watch_event
from kwatch.informer.errors import ApiError
from kwatch.informer.kube_object import Unreadable
from kwatch.informer.protocol import WatchEvent
from tests.cluster.scripted_server import event

AWKWARD = st.sampled_from(
    ['"', "\\", "\\\\", "{", "}", "[", "]", '}{"type":', "\n", "\r", "\u2028", "\u00e4", "\U0001f600", " "]
)
TEXT = st.lists(AWKWARD | st.characters(codec="utf-8"), max_size=8).map("".join)
LEAF = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT
TREE = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=8
)
TYPES = st.sampled_from(["ADDED", "MODIFIED", "DELETED"])
EVENTS = st.lists(st.tuples(TYPES, st.integers(0, 99), TREE), max_size=5)
SEPARATORS = st.sampled_from([b"\n", b"\r\n", b"\n\n", b"", b" ", b" \n "])


def tree(type_: str, number: int, spec: Any) -> dict[str, Any]:
    return {"type": type_, "object": {"metadata": {"name": f"pod-{number}"}, "spec": {"of": spec}}}


def cut(data: bytes, seed: int) -> list[bytes]:
    """The data in pieces of any size, some of them empty."""
    dice = random.Random(seed)
    places = sorted(dice.randrange(len(data) + 1) for _ in range(dice.randrange(1 + min(len(data), 12))))
    return [data[start:end] for start, end in zip([0, *places], [*places, len(data)], strict=True)]


def decoder() -> EventDecoder:
    return EventDecoder(lambda line: decode_watch_event(line, kind="Pod", api_version="v1"))


def decode(pieces: Iterable[bytes]) -> list[WatchEvent]:
    """Each piece as one network read."""
    it = decoder()
    return [each for piece in pieces for each in it.feed([piece])] + it.end()


def plain(event_: WatchEvent) -> tuple[str, Any, Any]:
    return event_.type, event_.object["metadata"]["name"], event_.object["spec"]["of"]


@given(EVENTS, SEPARATORS, st.sampled_from([None, 1]), st.booleans(), st.integers())
def test_any_writing_cut_anywhere(
    events: list[tuple[str, int, Any]], separator: bytes, indent: int | None, ascii_only: bool, seed: int
) -> None:
    """Compact or indented, with any separator or none: the values are what counts."""
    if indent and separator == b"":
        separator = b"\n"
    texts = [json.dumps(tree(*each), indent=indent, ensure_ascii=ascii_only).encode() for each in events]
    got = decode(cut(separator.join(texts), seed))
    assert [plain(each) for each in got] == [(type_, f"pod-{number}", spec) for type_, number, spec in events]


@given(EVENTS, st.integers())
def test_as_the_server_writes_them_every_line_is_one_piece(events: list[tuple[str, int, Any]], seed: int) -> None:
    lines = [json.dumps(tree(*each)).encode() + b"\n" for each in events]
    framer = LineFramer()
    got = [line.rstrip(b"\n") + b"\n" for piece in cut(b"".join(lines), seed) for line in framer.feed([piece])]
    assert got == lines
    assert framer.take_tail() == b""


@given(EVENTS, st.integers())
def test_what_has_come_whole_appears_at_once(events: list[tuple[str, int, Any]], seed: int) -> None:
    """No newline anywhere, and one network read may bring several, or the end of one and the beginning of the next."""
    texts = [json.dumps(tree(*each), separators=(",", ":")).encode() for each in events]
    it = decoder()
    got: list[WatchEvent] = []
    received = b""
    for piece in cut(b"".join(texts), seed):
        received += piece
        got += it.feed([piece])
        whole = sum(received.startswith(b"".join(texts[: number + 1])) for number in range(len(texts)))
        if received.endswith(b"}"):
            assert len(got) == whole
    assert [plain(each) for each in got] == [(type_, f"pod-{number}", spec) for type_, number, spec in events]


def test_two_and_a_half_events_in_one_read() -> None:
    first, second, third = (
        json.dumps(tree("ADDED", number, None), separators=(",", ":")).encode() for number in (1, 2, 3)
    )
    it = decoder()
    assert [plain(each)[1] for each in it.feed([first + second + third[:40]])] == ["pod-1", "pod-2"]
    assert [plain(each)[1] for each in it.feed([third[40:]])] == ["pod-3"]
    assert it.end() == []


@given(st.lists(TREE.map(lambda each: [each]), max_size=5), st.integers())
def test_values_by_their_brackets_alone(values: list[Any], seed: int) -> None:
    framer = ValueFramer()
    data = b"".join(json.dumps(each, ensure_ascii=False).encode() for each in values)
    got = [json.loads(each) for piece in cut(data, seed) for each in framer.feed(piece)]
    assert got == values
    assert not framer.pending


def test_the_last_event_needs_no_newline_and_is_not_waited_for() -> None:
    it = decoder()
    first, last = event("ADDED", "a"), event("ERROR", "b").rstrip(b"\n")
    assert [each.type for each in it.feed([first + last[:10]])] == ["ADDED"]
    assert [each.type for each in it.feed([last[10:]])] == ["ERROR"], "although the stream stays open"
    assert it.feed([b"\n"]) == []
    assert it.end() == []


def test_a_large_event_in_many_reads_is_not_copied_again_and_again() -> None:
    line = event("ADDED", "big", data="x" * 4_000_000)
    it = decoder()
    reads = [line[start : start + 256] for start in range(0, len(line), 256)]
    got = [each for piece in reads for each in it.feed([piece])]
    assert [each.object["metadata"]["name"] for each in got] == ["big"]


def test_a_large_event_whose_reads_end_like_values() -> None:
    line = event("ADDED", "big", data=["}"] * 100_000)
    ends = [index + 1 for index in range(0, len(line), 97) if line[index : index + 1] == b"}"]
    pieces = [line[start:end] for start, end in zip([0, *ends], [*ends, len(line)], strict=True)]
    assert len(pieces) > 1000
    assert [each.type for each in decode(pieces)] == ["ADDED"]


def test_an_event_of_broken_text_is_kept_as_unreadable() -> None:
    broken = event("MODIFIED", "b").replace(b"demo", b"de\xff\xfe")
    got = decode([event("ADDED", "a") + broken + event("ADDED", "c")])
    assert [each.type for each in got] == ["ADDED", "MODIFIED", "ADDED"]
    assert isinstance(got[1].object, Unreadable)


def test_garbage_between_events_is_kept_as_unreadable() -> None:
    got = decode([event("ADDED", "a") + b"what is this\n" + event("ADDED", "c")])
    assert [isinstance(each.object, Unreadable) for each in got] == [False, True, False]


@pytest.mark.parametrize("rest", [b"", b"\n"])
def test_half_an_event_at_the_end_is_a_lost_connection(rest: bytes) -> None:
    it = decoder()
    assert len(it.feed([event("ADDED", "a") + event("ADDED", "b")[:40] + rest])) == 1
    with pytest.raises(ApiError) as caught:
        it.end()
    assert (caught.value.status, caught.value.reason) == (0, "ConnectionLost")


def test_half_an_event_and_then_another_is_no_stream_to_go_on_with() -> None:
    it = decoder()
    with pytest.raises(ApiError, match="half an event"):
        it.feed([event("ADDED", "a")[:40] + b"\n" + event("ADDED", "b")])


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=6), st.integers(), st.sampled_from([b"", b";name=value"]))
def test_chunks_cut_anywhere(contents: list[bytes], seed: int, extension: bytes) -> None:
    coded = b"".join(b"%x%s\r\n%s\r\n" % (len(each), extension, each) for each in contents) + b"0\r\n\r\n"
    body = ChunkedBody()
    got = [piece for block in cut(coded, seed) for piece in body.feed(block)]
    assert b"".join(got) == b"".join(contents)
    assert body.ended


@pytest.mark.parametrize("coded", [b"zz\r\n", b"\r\n\r\n", b"-5\r\n", b"1" * 5000])
def test_what_is_no_chunked_coding(coded: bytes) -> None:
    body = ChunkedBody()
    assert body.feed(b"3\r\nabc\r\n" + coded) == [b"abc"]
    assert body.broken
    assert not body.ended


def test_a_body_of_known_length_ends_there() -> None:
    body = PlainBody(5)
    assert body.feed(b"abc") == [b"abc"]
    assert not body.ended
    assert body.feed(b"defgh") == [b"de"]
    assert body.ended


@given(st.lists(st.binary(max_size=60), min_size=1, max_size=5), st.integers())
def test_X9_gzip_members_cut_anywhere(contents: list[bytes], seed: int) -> None:
    members = []
    for each in contents:
        packer = zlib.compressobj(wbits=31)
        members.append(packer.compress(each) + packer.flush())
    inflating = Inflating()
    assert b"".join(inflating.feed(cut(b"".join(members), seed))) == b"".join(contents)


def test_gzip_gives_what_was_flushed() -> None:
    packer = zlib.compressobj(wbits=31)
    begun = packer.compress(b"first\n") + packer.flush(zlib.Z_SYNC_FLUSH)
    assert b"".join(Inflating().feed([begun])) == b"first\n"


def test_what_is_no_gzip() -> None:
    with pytest.raises(DecodeError):
        list(Inflating().feed([b"plain text"]))


@given(st.lists(st.binary(max_size=60), min_size=1, max_size=5), st.sampled_from([15, -15]), st.integers())
def test_deflate_with_and_without_its_header(contents: list[bytes], wbits: int, seed: int) -> None:
    members = []
    for each in contents:
        packer = zlib.compressobj(wbits=wbits)
        members.append(packer.compress(each) + packer.flush())
    deflate = inflating("deflate")[0]
    assert b"".join(deflate.feed(cut(b"".join(members), seed))) == b"".join(contents)


@pytest.mark.parametrize(
    ("header", "layers"),
    [
        (None, []),
        ("", []),
        ("identity", []),
        (" Identity ,", []),
        ("GZIP", [31]),
        (" x-gzip", [31]),
        ("Deflate", [15]),
        ("deflate, gzip", [15, 31]),
    ],
)
def test_encodings_by_their_names(header: str | None, layers: list[int]) -> None:
    data = b"first\n"
    for wbits in layers:
        packer = zlib.compressobj(wbits=wbits)
        data = packer.compress(data) + packer.flush()
    pieces: Iterable[bytes] = [data]
    for each in inflating(header):
        pieces = each.feed(pieces)
    assert b"".join(pieces) == b"first\n"


@pytest.mark.parametrize(
    ("header", "said"),
    [("br", "encoded as 'br'"), ("zstd, gzip", "'zstd'"), ("\x1b[2J", r"'\\x1b\[2j'"), ("gzip," * 50, "50 times")],
)
def test_encodings_that_cannot_be_read(header: str, said: str) -> None:
    with pytest.raises(ApiError, match=said):
        inflating(header)
