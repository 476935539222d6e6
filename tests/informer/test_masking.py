from __future__ import annotations

import base64
import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwatch.history.diff.compare import diff
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.masking import LAST_APPLIED, is_masked, mask_json, mask_secret, masked_expiry, without_marks
from kwatch.simulator.names import certificate

WORD = "hunter2-hunter2"


def secret(**parts: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, **parts}


def test_no_value_of_a_secret_is_left() -> None:
    applied = json.dumps(secret(stringData={"password": WORD}))
    tree = secret(
        data={"password": WORD},
        stringData={"token": WORD},
        metadata={"name": "s", "annotations": {LAST_APPLIED: applied, "note": "stays"}},
    )
    before = copy.deepcopy(tree)
    masked = mask_secret(tree)
    assert WORD not in json.dumps(masked)
    assert set(masked["data"]) == {"password"}
    assert masked["metadata"]["annotations"]["note"] == "stays"
    assert json.loads(masked["metadata"]["annotations"][LAST_APPLIED])["stringData"]["password"].startswith("***")
    assert tree == before


def test_what_was_applied_and_cannot_be_read_is_masked_whole() -> None:
    tree = secret(metadata={"name": "s", "annotations": {LAST_APPLIED: f"not json {WORD}"}})
    assert WORD not in json.dumps(mask_secret(tree))


def test_managed_fields_stay_as_they_are() -> None:
    managed = [{"manager": "kubectl", "fieldsV1": {"f:data": {".": {}, "f:password": {}}}}]
    tree = secret(data={"password": WORD}, metadata={"name": "s", "managedFields": managed})
    assert mask_secret(tree)["metadata"]["managedFields"] == managed


def test_masks_show_that_something_changed_and_not_what() -> None:
    old = mask_secret(secret(data={"a": "YWFh", "b": "YmJi"}))
    new = mask_secret(secret(data={"a": "YWFh", "b": "Y2Nj"}))
    (change,) = diff(old, new)
    assert change.path == "data.b"
    assert "3 bytes" in change.words
    assert "Y2Nj" not in change.words


def test_masking_twice_changes_nothing() -> None:
    once = mask_secret(secret(data={"a": "YWFh"}))
    assert mask_secret(once) == once


def test_other_kinds_come_back_as_they_are() -> None:
    tree = {"kind": "ConfigMap", "data": {"a": "b"}}
    assert mask_secret(tree) is tree


MANIFEST = secret(data={"password": WORD})
IN_ANNOTATIONS = [
    json.dumps(MANIFEST),
    json.dumps(MANIFEST, separators=(",", ":")),
    json.dumps({"kind": "List", "items": [MANIFEST, {"kind": "Pod"}]}),
    json.dumps([{"object": {"template": MANIFEST}}]),
    json.dumps({"kind": "SecretList", "items": [{"data": {"password": WORD}}]}),
    json.dumps({"inner": json.dumps(MANIFEST)}),
    f"apiVersion: v1\nkind: Secret\ndata:\n  password: {WORD}\n",
    f'kind: "Secret"\nstringData: {{password: {WORD}}}\n',
]


@pytest.mark.parametrize("text", IN_ANNOTATIONS)
def test_the_manifest_of_a_secret_in_an_annotation_of_something_else(text: str) -> None:
    annotations = {LAST_APPLIED: text, "note": "the kind: Secret is meant", "other": '{"kind": "Secret"'}
    tree = {"kind": "ConfigMap", "metadata": {"name": "c", "annotations": annotations}, "data": {"a": "b"}}
    before = copy.deepcopy(tree)
    obj = KubeObject(json.dumps({key: tree[key] for key in ("metadata", "data")}).encode(), "ConfigMap", "v1")
    for masked in (mask_secret(tree), obj.tree(), obj, json.loads(obj.raw), obj.read(dict)):
        assert WORD not in json.dumps(dict(masked))
        assert masked["data"] == {"a": "b"}
        assert mask_secret(masked) == masked
    assert tree == before
    assert obj.tree(show_secrets=True)["metadata"]["annotations"][LAST_APPLIED] == text


def test_annotations_of_other_kinds_stay_byte_for_byte() -> None:
    raw = b'{"metadata":{"name":"c","annotations":{"a":"{ \\"kind\\": \\"Pod\\", \\"x\\": \\"Secret\\" }"}},"x":1.0}'
    assert KubeObject(raw, "ConfigMap", "v1").raw is raw


@pytest.mark.parametrize("kind", ["List", "SecretList"])
def test_lists_of_secrets_too(kind: str) -> None:
    item = secret(data={"a": WORD}) if kind == "List" else {"data": {"a": WORD}}
    assert WORD not in json.dumps(mask_secret({"kind": kind, "items": [item, None]}))


@given(
    st.recursive(
        st.none() | st.integers() | st.just(WORD), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_data_of_any_shape_is_masked(data: Any) -> None:
    assert WORD not in json.dumps(mask_secret(secret(data=data, stringData=data)), ensure_ascii=False)


PLAIN, ENCODED = "hunter2-pw", "aHVudGVyMi1wdw=="
CERTIFICATE = (
    "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nAb/C0d+EfGhIjKlMnOpQrStUvWxYz012\n-----END KEY-----\n"
)


@pytest.mark.parametrize(
    "copy_of",
    [
        PLAIN,
        ENCODED,
        ENCODED.rstrip("="),
        f"postgres://user:{PLAIN}@db/orders",
        json.dumps({"apiVersion": "v1", "kind": "Secret", "data": {"password": ENCODED}}),
        json.dumps({"data": {"password": "b2xkLXBhc3N3b3Jk"}, "stringData": {"x": "old-password"}}),
        json.dumps([{"op": "add", "path": "/data/password", "value": ENCODED}]),
        json.dumps({"manifest": json.dumps({"stringData": {"password": PLAIN}})}),
        f"kind: Secret\ndata:\n  password: {ENCODED}\n",
        "apiVersion: v1\nkind: Secret\nstringData:\n  password: old-password\n",
        f'{{"broken": "{PLAIN}',
        f"--- {{}}\n-  password: {ENCODED}\n+  password: bmV3\n",
    ],
)
@pytest.mark.parametrize("name", ["kapp.k14s.io/original", "kapp.k14s.io/original-diff", "example.com/copy"])
def test_a_copy_in_any_annotation_is_masked(name: str, copy_of: str) -> None:
    tree = secret(data={"password": ENCODED}, metadata={"name": "s", "annotations": {name: copy_of, "note": "stays"}})
    masked = json.dumps(mask_secret(tree), ensure_ascii=False)
    assert not [each for each in (PLAIN, ENCODED.rstrip("="), "old-password", "b2xkLXBhc3N3b3Jk") if each in masked]
    assert '"note": "stays"' in masked
    assert mask_secret(mask_secret(tree)) == mask_secret(tree)


def test_what_an_annotation_says_beside_the_copy_stays() -> None:
    original = {"kind": "Secret", "metadata": {"name": "s"}, "data": {"password": ENCODED}, "type": "Opaque"}
    annotations = {"kapp.k14s.io/original": json.dumps(original)}
    tree = secret(data={"password": ENCODED}, metadata={"name": "s", "annotations": annotations})
    found = json.loads(mask_secret(tree)["metadata"]["annotations"]["kapp.k14s.io/original"])
    assert found["type"] == "Opaque"
    assert is_masked(found["data"]["password"])


def test_copies_in_labels_managed_fields_and_elsewhere() -> None:
    tree = secret(
        stringData={"password": PLAIN},
        metadata={
            "name": "s",
            "labels": {"pw": PLAIN, "app": "cart"},
            "managedFields": [
                {"manager": "kubectl", "fieldsV1": {"f:data": {"f:password": {}}, "f:x": {f'v:"{PLAIN}"': {}}}},
                {"manager": PLAIN, "subresource": ENCODED},
            ],
            "finalizers": [f"a/{PLAIN}"],
        },
        spec={"env": [{"name": "PASSWORD", "value": PLAIN}]},
    )
    masked: Any = mask_secret(tree)
    text = json.dumps(masked)
    assert PLAIN not in text
    assert ENCODED not in text
    assert masked["metadata"]["labels"]["app"] == "cart"
    assert masked["metadata"]["managedFields"][0]["manager"] == "kubectl"
    assert masked["metadata"]["managedFields"][0]["fieldsV1"]["f:data"] == {"f:password": {}}
    assert masked["spec"]["env"][0]["name"] == "PASSWORD"


def test_a_line_of_a_long_value_is_a_copy_too() -> None:
    indented = "tls.key: |\n" + "".join(f"  {line}\n" for line in CERTIFICATE.splitlines())
    tree = secret(stringData={"tls.key": CERTIFICATE}, metadata={"name": "s", "annotations": {"copy": indented}})
    assert "MIIEvQ" not in json.dumps(mask_secret(tree)["metadata"])


@pytest.mark.parametrize("value", ['quo"ted\\back', "line1\nline2-line2", "pässwörd-ü"])
def test_a_copy_in_broken_json_is_found_escaped(value: str) -> None:
    tree = secret(stringData={"k": value}, metadata={"name": "s", "annotations": {"a": '{"k":' + json.dumps(value)}})
    assert is_masked(mask_secret(tree)["metadata"]["annotations"]["a"])


def test_what_everybody_sees_is_no_secret() -> None:
    metadata = {
        "name": "token-1",
        "namespace": "shop",
        "annotations": {"kubernetes.io/service-account.name": "shop", "n": "1", "on": "true", "port": "x 5432 y"},
        "labels": {"version": "12"},
    }
    data = {"namespace": "c2hvcA==", "a": "MQ==", "b": "dHJ1ZQ==", "port": "NTQzMg==", "me": "dG9rZW4tMQ=="}
    masked = mask_secret(secret(data=data, metadata=metadata))["metadata"]
    assert masked["name"] == "token-1"
    assert masked["annotations"]["kubernetes.io/service-account.name"] == "shop"
    assert masked["annotations"]["port"] == "x 5432 y"
    assert masked["labels"] == {"version": "12"}
    # A short or ordinary value is a copy only where nothing else stands.
    assert is_masked(masked["annotations"]["n"])
    assert is_masked(masked["annotations"]["on"])


@pytest.mark.parametrize("value", ["*** (5 bytes, hunter)", "*** (hunter2", "*** (5 bytes, abcdef) hunter2"])
def test_a_value_that_looks_nearly_like_a_mask_is_none(value: str) -> None:
    assert "hunter" not in json.dumps(mask_secret(secret(stringData={"a": value})))


@given(st.dictionaries(st.text(min_size=1), st.text(min_size=4)), st.dictionaries(st.text(min_size=1), st.text()))
def test_masking_json_twice_changes_nothing(data: dict[str, str], annotations: dict[str, str]) -> None:
    raw = json.dumps(secret(stringData=data, metadata={"name": "s", "annotations": annotations})).encode()
    assert mask_json(mask_json(raw)) == mask_json(raw)


def test_numbers_that_only_json_knows_survive() -> None:
    raw = b'{"kind":"Secret","data":{"a":"YWFh"},"x":[123456789012345678901234567890,1e400,"\\ud800"]}'
    assert b"123456789012345678901234567890" in mask_json(raw)


def test_a_masked_certificate_says_when_it_expires() -> None:
    pem = certificate("web", 1_700_000_000, 1_790_000_000)
    data = {"tls.crt": base64.b64encode(pem.encode()).decode(), "tls.key": "aHVudGVyMg=="}
    masked = mask_secret(secret(data=data))["data"]
    assert masked["tls.crt"].endswith(", expires 2026-09-21T14:13:20Z)")
    assert masked_expiry(masked["tls.crt"]) == 1_790_000_000
    assert masked_expiry(masked["tls.key"]) is None
    assert mask_secret(secret(data=masked))["data"] == masked
    assert without_marks(masked["tls.crt"]) == f"*** ({len(pem)} bytes)"
