from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest

from kwatch.simulator.api.listing import ContinueToken
from kwatch.simulator.api.responses import StatusError

RECORDED = "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MjEwNDQsInN0YXJ0IjoiL2RiLTFcdTAwMDAifQ"


def encoded(**fields: Any) -> str:
    return urlsafe_b64encode(json.dumps(fields).encode()).decode().rstrip("=")


def test_it_is_written_as_a_real_server_writes_it() -> None:
    assert str(ContinueToken.after(21044, "demo/db-1", "demo")) == RECORDED


def test_it_goes_on_behind_a_key() -> None:
    token = ContinueToken.parse(RECORDED)
    assert token == ContinueToken(21044, "/db-1\0")
    assert token.first_key("demo") == "demo/db-1\0"
    assert ContinueToken.after(5, "demo/db-1", "").first_key("") == "demo/db-1\0"
    assert ContinueToken.after(5, "node-1", "").first_key("") == "node-1\0"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("garbage", "looking for beginning of value"),
        ("!", "illegal base64 data"),
        ("é", "illegal base64 data"),
        (encoded(v="v9", rv=1, start="x"), "does not recognize this encoded version"),
        (encoded(v="meta.k8s.io/v1", rv=0, start="x"), "incorrect encoded start resourceVersion"),
        (encoded(v="meta.k8s.io/v1", rv="x", start="x"), "incorrect encoded start resourceVersion"),
        (encoded(v="meta.k8s.io/v1", rv=1, start=""), "encoded start key empty"),
    ],
)
def test_others_are_refused(text: str, reason: str) -> None:
    with pytest.raises(StatusError, match=reason) as refused:
        ContinueToken.parse(text)
    assert refused.value.code == 400
