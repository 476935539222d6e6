from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwatch.history.diff import diff
from kwatch.history.redacted_paths import Redaction
from kwatch.history.redaction import LAST_APPLIED, is_masked, mask_secret

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


def test_chosen_paths() -> None:
    tree = {
        "metadata": {"annotations": {"example.com/token": WORD, "other": "stays"}},
        "spec": {"containers": [{"name": "a", "env": [{"name": "X", "value": WORD}]}, {"name": "b"}]},
    }
    redaction = Redaction(["metadata.annotations[example.com/token]", "pods:spec.containers[*].env[*].value"])
    assert WORD not in json.dumps(redaction.redact("pods", tree))
    assert redaction.redact("pods", tree)["metadata"]["annotations"]["other"] == "stays"
    other = redaction.redact("deployments.apps", tree)
    assert other["spec"] == tree["spec"]
    assert is_masked(other["metadata"]["annotations"]["example.com/token"])


@pytest.mark.parametrize("text", ["", "pods:", "a..b", "a[x.y"])
def test_a_path_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no path"):
        Redaction([text])
