"""Config maps and secrets without their data: that it changed is seen, what it was is not."""

from __future__ import annotations

import base64
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kwatch.history.diff.change import ABSENT
from kwatch.history.diff.compare import Split, diff
from kwatch.informer.decoding import digest_of
from kwatch.informer.kube_object import KubeObject, Unreadable
from kwatch.informer.masking import LAST_APPLIED, is_masked, trees_in_one_form

VALUES = st.dictionaries(st.text("abc", min_size=1, max_size=3), st.text(min_size=9, max_size=30), max_size=4)


def config_map(data: dict[str, str], version: int = 1, **more: Any) -> KubeObject:
    metadata = {"name": "settings", "namespace": "shop", "resourceVersion": str(version), **more}
    return KubeObject.of({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data})


def digest(obj: KubeObject) -> KubeObject:
    found = digest_of(obj)
    assert isinstance(found, KubeObject)
    return found


@given(VALUES)
def test_no_value_is_left_and_every_key_is(data: dict[str, str]) -> None:
    found = digest(config_map(data, labels={"app": "cart"}))
    assert found.labels == {"app": "cart"} and found.key == "shop/settings" and found.resource_version == "1"
    assert found["data"].keys() == data.keys()
    assert all(is_masked(value) for value in found["data"].values())


def test_what_was_applied_and_what_is_binary_goes_too() -> None:
    applied = '{"data": {"LEVEL": "a-telling-value"}}'
    obj = config_map({"LEVEL": "a-telling-value"}, annotations={LAST_APPLIED: applied, "note": "stays"})
    tree = {**obj.tree(), "binaryData": {"blob": base64.b64encode(b"a-telling-blob").decode()}}
    found = digest(KubeObject.of(tree)).disclosed
    assert b"a-telling" not in found and base64.b64encode(b"a-telling-blob") not in found
    assert b"stays" in found


def test_a_secret_without_its_data_is_what_readers_see_of_one() -> None:
    data = {"password": base64.b64encode(b"correct horse").decode()}
    secret = KubeObject.of({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "login"}, "data": data})
    assert digest(secret).disclosed == secret.raw


def test_of_what_cannot_be_read_no_more_than_its_name_is_left() -> None:
    raw = b'{"kind":"Secret","metadata":{"name":"login","namespace":"shop","resourceVersion":"7"},"data":{"a":"telling'
    found = digest_of(Unreadable(raw, "cut off", malformed=True))
    assert isinstance(found, Unreadable)
    assert b"telling" not in found.raw and found["metadata"]["name"] == "login"
    assert found.malformed and found.reason == "cut off"


@given(VALUES, VALUES)
def test_a_digest_differs_from_a_whole_one_where_the_whole_ones_differ(
    old: dict[str, str], new: dict[str, str]
) -> None:
    before, after = config_map(old, 1), config_map(new, 2)
    wanted = [change.path for change in diff(before.tree(), after.tree())]
    for one, other in ((digest(before), after), (before, digest(after)), (digest(before), digest(after))):
        changes = diff(one.tree(), other.tree())
        assert [change.path for change in changes] == wanted
        assert [each.path for each in Split(one.raw).diff(Split(other.raw))] == wanted
        pairs = [(each.old, each.new) for each in changes if ABSENT not in (each.old, each.new)]
        assert not any(is_masked(before) is not is_masked(after) for before, after in pairs)


def test_side_by_side_both_are_masked_where_one_is() -> None:
    whole = config_map({"LEVEL": "info", "MODE": "fast"})
    left, right = trees_in_one_form(digest(whole).tree(), whole.tree())
    assert left["data"] == right["data"] and is_masked(right["data"]["LEVEL"])
    assert trees_in_one_form(whole.tree(), whole.tree())[0]["data"] == {"LEVEL": "info", "MODE": "fast"}
