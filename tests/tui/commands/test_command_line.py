"""What can be typed after the colon."""

from __future__ import annotations

import pytest

from kwatch.tui.commands.command_line import Destination, read_destination


@pytest.mark.parametrize(
    ("text", "destination"),
    [
        ("pods", Destination("pods")),
        ("deploy shop", Destination("deploy", "shop")),
        ("po all", Destination("po", "")),
        ("po -A", Destination("po", "")),
        ("po -n shop -l app=web", Destination("po", "shop", label_selector="app=web")),
        ("po app=web,tier=a", Destination("po", None, label_selector="app=web,tier=a")),
        ("po shop /cart unhealthy", Destination("po", "shop", "cart unhealthy")),
        ("po /a /b", Destination("po", None, "a /b")),
        ("po @prod", Destination("po", context="prod")),
        ("po,deploy shop", Destination("po,deploy", "shop")),
        ("po, deploy shop -l a=b, c=d", Destination("po,deploy", "shop", label_selector="a=b,c=d")),
        ("widgets.v1.example.com", Destination("widgets.v1.example.com")),
    ],
)
def test_destinations(text: str, destination: Destination) -> None:
    assert read_destination(text) == destination
