import json
from pathlib import Path
from typing import Any

import pytest

from kwatch.informer import (
    ApiError,
    KubeObject,
    ObjectList,
    SharedInformer,
    Unreadable,
    WatchEvent,
    decode_list,
    decode_object,
    decode_watch_event,
)
from kwatch.informer.decoding import first_words
from tests.informer.fakes import PATIENCE, FakeListerWatcher, FakeStream

WIRE = Path(__file__).parents[1] / "wire"
POD = b'{"metadata":{"name":"a","namespace":"n","resourceVersion":"7","labels":{"app":"web"}},"spec":{"nodeName":"n1"}}'


def line(obj: bytes, type_: bytes = b"ADDED") -> bytes:
    return b'{"type":"%s","object":%s}\n' % (type_, obj)


def reason(event: WatchEvent) -> str:
    assert isinstance(event.object, Unreadable)
    return event.object.reason


@pytest.mark.parametrize("type_", ["ADDED", "MODIFIED", "DELETED"])
def test_an_event_holds_the_bytes_of_its_object(type_: str) -> None:
    event = decode_watch_event(line(POD, type_.encode()), kind="Pod", api_version="v1")
    assert event.type == type_
    obj = event.object
    assert isinstance(obj, KubeObject)
    assert obj.raw == POD
    assert (obj.key, obj.kind, obj.api_version, obj.resource_version, obj.node) == ("n/a", "Pod", "v1", "7", "n1")
    assert dict(obj.labels) == {"app": "web"}


@pytest.mark.parametrize(
    "text",
    [
        line(POD).rstrip(b"\n"),
        b'{"object":' + POD + b',"type":"ADDED"}\n',
        b' { "type" : "ADDED" , "object" : ' + POD + b" }\r\n",
        b'{"type":"ADDED","object":' + POD + b',"more":1}\n',
    ],
)
def test_however_the_event_is_written(text: bytes) -> None:
    event = decode_watch_event(text)
    assert event.type == "ADDED"
    assert isinstance(event.object, KubeObject)
    assert event.object.raw == POD


def test_bookmarks_and_errors_are_dicts() -> None:
    bookmark = decode_watch_event(line(b'{"metadata":{"resourceVersion":"9"}}', b"BOOKMARK"))
    assert bookmark == WatchEvent("BOOKMARK", {"metadata": {"resourceVersion": "9"}})
    error = decode_watch_event(line(b'{"kind":"Status","code":410}', b"ERROR"))
    assert error == WatchEvent("ERROR", {"kind": "Status", "code": 410})
    assert decode_watch_event(line(b"[]", b"ERROR")).object == {}


def deep(levels: int) -> bytes:
    return b'{"metadata":{"name":"deep","namespace":"n"},"x":' + b"[" * levels + b"]" * levels + b"}"


POISON = {
    "no name": b'{"metadata":{"namespace":"n"}}',
    "an empty name": b'{"metadata":{"name":""}}',
    "no metadata": b'{"spec":{}}',
    "metadata is a string": b'{"metadata":"odd"}',
    "metadata is a list": b'{"metadata":[]}',
    "metadata is null": b'{"metadata":null}',
    "the name is a number": b'{"metadata":{"name":5}}',
    "the namespace is a list": b'{"metadata":{"name":"a","namespace":[]}}',
    "a string": b'"odd"',
    "too deep": deep(100_000),
    "invalid UTF-8 in the name": b'{"metadata":{"name":"\xff\xfe"}}',
    "invalid UTF-8 deeper down": b'{"metadata":{"name":"a"},"data":{"x":["\xc3\x28"]}}',
    "half a character": b'{"metadata":{"name":"a"},"data":"\xe2\x82"}',
}


@pytest.mark.parametrize("obj", POISON.values(), ids=POISON.keys())
def test_poison_is_unreadable_with_a_reason_and_a_type(obj: bytes) -> None:
    event = decode_watch_event(line(obj, b"MODIFIED"))
    assert event.type == "MODIFIED"
    assert reason(event)
    assert not event.object.malformed  # type: ignore[attr-defined]


@pytest.mark.parametrize("obj", POISON.values(), ids=POISON.keys())
def test_poison_in_a_list_costs_nothing_else(obj: bytes) -> None:
    good = b'{"metadata":{"name":"%d"}}'
    body = b'{"kind":"PodList","metadata":{"resourceVersion":"5","continue":"C","remainingItemCount":3},"items":[%s]}'
    listed = decode_list(body % b",".join([good % 1, obj, good % 2]), kind="Pod", api_version="v1")
    first, poison, last = listed.items
    assert [first.name, last.name] == ["1", "2"]  # type: ignore[attr-defined]
    assert isinstance(poison, Unreadable)
    assert (listed.resource_version, listed.continue_token, listed.remaining_item_count) == ("5", "C", 3)


def test_what_can_be_made_out_of_poison_is_its_identity() -> None:
    event = decode_watch_event(line(deep(100_000), b"DELETED"))
    assert event.type == "DELETED"
    assert event.object["metadata"] == {"name": "deep", "namespace": "n"}
    named = decode_object(b'{"metadata":{"name":"a","namespace":"n","resourceVersion":"8"},"data":"\xff"}')
    assert named["metadata"] == {"name": "a", "namespace": "n", "resourceVersion": "8"}
    nested = decode_object(b'{"metadata":{"labels":{"name":"not-this"},"x":"\xff"}}')
    assert nested["metadata"] == {}


LEGAL = {
    "null lists": b'{"metadata":{"name":"a","labels":null,"ownerReferences":null},"spec":{"containers":null}}',
    "odd labels": b'{"metadata":{"name":"a","labels":{"x":5,"y":null,"z":"ok"},"uid":7,"ownerReferences":"odd"}}',
    "an odd spec": b'{"metadata":{"name":"a"},"spec":[1,2],"status":"odd","kind":5}',
    "an odd owner": b'{"metadata":{"name":"a","ownerReferences":[5,{"uid":"u1","controller":null},{"uid":[]}]}}',
    "unknown fields": b'{"metadata":{"name":"a","new":{"x":1}},"new":[{}]}',
    "large": b'{"metadata":{"name":"a"},"data":"%s"}' % (b"x" * 1_500_000),
    "a null version": b'{"metadata":{"name":"a","resourceVersion":null}}',
    "other alphabets": '{"metadata":{"name":"a"},"data":"жéß漢字🙂"}'.encode(),
    "deep enough": deep(300),
}


@pytest.mark.parametrize("raw", LEGAL.values(), ids=LEGAL.keys())
def test_what_is_legal_flows(raw: bytes) -> None:
    obj = decode_watch_event(line(raw)).object
    assert isinstance(obj, KubeObject)
    assert obj.name in ("a", "deep")
    assert obj.raw == raw
    assert obj["metadata"]["name"] == obj.name


def test_what_is_odd_deeper_down_reads_as_absent() -> None:
    odd = decode_object(LEGAL["odd labels"])
    assert isinstance(odd, KubeObject)
    assert (dict(odd.labels), odd.uid, odd.owners) == ({"z": "ok"}, "", ())
    owned = decode_object(LEGAL["an odd owner"])
    assert isinstance(owned, KubeObject)
    assert [owner.uid for owner in owned.owners] == ["u1"]


@pytest.mark.parametrize(
    "text", [b'{"type":"ADDED","object":{"metadata":{"na', b"garbage\n", b"\n", b"", b'{"type":"ADDED"}', b"\xff\xfe"]
)
def test_what_is_no_event_is_malformed(text: bytes) -> None:
    event = decode_watch_event(text)
    assert isinstance(event.object, Unreadable)
    assert event.object.malformed
    assert event.object.raw == text


@pytest.mark.parametrize("number", ["1e999", "9" * 5000], ids=["huge", "long"])
def test_numbers_out_of_range_can_be_read(number: str) -> None:
    obj = decode_object(b'{"metadata":{"name":"a"},"data":%s}' % number.encode())
    assert isinstance(obj, KubeObject)
    assert obj["data"] > 1e100


@pytest.mark.parametrize("text", ['"a\x01b"', '"a\\ud800b"', '"a\\qb"'], ids=["control", "surrogate", "escape"])
def test_strings_that_are_none_cost_nothing_else(text: str) -> None:
    bad = b'{"metadata":{"name":"bad"},"data":%s}' % text.encode()
    event = decode_watch_event(line(bad))
    assert isinstance(event.object, Unreadable)
    assert event.object.malformed
    listed = decode_list(b'{"metadata":{"resourceVersion":"5"},"items":[%s,{"metadata":{"name":"good"}}]}' % bad)
    assert [type(obj) for obj in listed.items] == [Unreadable, KubeObject]
    assert listed.resource_version == "5"


def test_a_page_that_is_no_list() -> None:
    for body in (b"", b"garbage", b"[]", b'{"items":5}', b'{"items":[{"metadata":'):
        with pytest.raises(ApiError, match="cannot be read"):
            decode_list(body, kind="Pod", api_version="v1")
    with pytest.raises(ApiError, match="Table"):
        decode_list(b'{"kind":"Table","apiVersion":"meta.k8s.io/v1","rows":[]}', kind="Pod", api_version="v1")


def test_a_bare_status_on_a_watch_is_the_error_it_means() -> None:
    status = {"kind": "Status", "status": "Failure", "reason": "Expired"}
    assert decode_watch_event(json.dumps(status).encode() + b"\n") == WatchEvent("ERROR", status)
    success = decode_watch_event(b'{"kind":"Status","status":"Success"}')
    assert (success.type, isinstance(success.object, Unreadable)) == ("", True)
    deep = b'{"kind":"Status","x":' + b"[" * 500_000 + b"]" * 500_000 + b"}"
    assert isinstance(decode_watch_event(deep).object, Unreadable)
    assert decode_watch_event(b'{"type":"ADDED","kind":"Status"}').type == "ERROR"


def test_a_list_without_items() -> None:
    for body in (
        b'{"metadata":{"resourceVersion":"5"},"items":null}',
        b'{"kind":"PodList","metadata":{"resourceVersion":"5"}}',
    ):
        assert decode_list(body, kind="Pod", api_version="v1") == ObjectList([], "5")


def recorded(name: str) -> list[dict[str, Any]]:
    exchanges: list[dict[str, Any]] = json.loads((WIRE / name).read_text())["exchanges"]
    return exchanges


def test_recorded_watches_are_read_whole() -> None:
    seen = 0
    for name in ("watch-list.json", "watch-changes.json", "watch-errors.json", "watch-selector-transition.json"):
        for exchange in recorded(name):
            for sent in exchange.get("events") or ():
                if "type" not in sent:
                    continue
                event = decode_watch_event(json.dumps(sent, separators=(",", ":")).encode() + b"\n")
                assert event.type == sent["type"]
                assert dict(event.object) == sent["object"]
                seen += 1
    assert seen > 20


def test_recorded_lists_are_read_whole() -> None:
    for exchange in recorded("list-paged.json"):
        body = exchange.get("body")
        if not isinstance(body, dict) or not str(body.get("kind", "")).endswith("List") or "items" not in body:
            continue
        listed = decode_list(json.dumps(body).encode(), kind="Pod", api_version="v1")
        assert [obj["metadata"] for obj in listed.items] == [item["metadata"] for item in body["items"] or ()]
        assert listed.resource_version == body["metadata"]["resourceVersion"]


def test_W14_one_bookmark_without_a_newline_completes_an_empty_list() -> None:
    annotations = b'{"k8s.io/initial-events-end":"true"}'
    text = b'{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9","annotations":%s}}}' % annotations
    stream = FakeStream([decode_watch_event(text)], ends=True)
    informer = SharedInformer(FakeListerWatcher([], [stream], streaming=True))
    informer.start()
    assert informer.wait_for_sync(PATIENCE)
    assert informer.last_sync_resource_version == "9"
    assert informer.stop(60) == ()


@pytest.mark.parametrize("metadata", ['"name":"a/b"', '"name":"a","namespace":"b/c"', '"name":"/"'])
def test_a_name_that_would_be_two_keys_is_set_aside(metadata: str) -> None:
    found = decode_object(f'{{"kind":"Pod","metadata":{{{metadata}}}}}'.encode())
    assert isinstance(found, Unreadable) and not found.malformed
    assert found.reason == "a slash in its name or namespace"


@pytest.mark.parametrize(
    "body", ['{"apiVersion":"v1","data":{"p":"aHVzaA=="},"x":"\\ud8', '[{"aHVzaA==', '{"d": ["aHVzaA=="]']
)
def test_what_is_quoted_of_json_has_no_values(body: str) -> None:
    words = first_words(body.encode())
    assert "aHVz" not in words
    assert words.startswith(body[:1])
    assert first_words(b'{"kind":"SecretList"}') == '{"kind":"…"}'
    assert first_words("please log in") == "please log in"
