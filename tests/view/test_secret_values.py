"""The values of a Secret in plain text."""

from __future__ import annotations

from kwatch.view.secret_values import decoded


def test_what_is_text_is_decoded_and_nothing_else() -> None:
    tree = {"kind": "Secret", "data": {"a": "aHVudGVyMg==", "b": "//4=", "c": "no base64!", "d": 5}}
    assert decoded(tree)["data"] == {
        "a": "hunter2",
        "b": "(2 bytes that are no text)",
        "c": "no base64!",
        "d": 5,
    }
    assert decoded({"kind": "Secret"}) == {"kind": "Secret"}
    assert decoded({"data": ["x"]}) == {"data": ["x"]}
    assert tree["data"] != decoded(tree)["data"], "the tree itself stays as it is"
