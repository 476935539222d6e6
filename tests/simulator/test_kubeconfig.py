from __future__ import annotations

import json
import stat

from kwatch.simulator.process import written_kubeconfig


def test_it_is_private_and_goes() -> None:
    with written_kubeconfig(
        {"demo": "https://127.0.0.1:1"}, namespace="shop", token="t", certificate_authority=b"PEM"
    ) as path:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        config = json.loads(path.read_text())
        assert config["clusters"][0]["cluster"] == {
            "server": "https://127.0.0.1:1",
            "certificate-authority-data": "UEVN",
        }
        assert config["users"][0]["user"] == {"token": "t"}
        assert config["contexts"][0]["context"]["namespace"] == "shop"
    assert not path.parent.exists()


def test_without_token_and_tls() -> None:
    with written_kubeconfig({"demo": "http://127.0.0.1:1"}) as path:
        config = json.loads(path.read_text())
    assert (config["clusters"][0]["cluster"], config["users"][0]["user"]) == ({"server": "http://127.0.0.1:1"}, {})
