"""Secret data stays out of what is printed, unless asked for."""

from __future__ import annotations

from typing import Any

from kwatch.informer.kube_object import KubeObject


class Masking:
    """`show` prints everything as it is (--show-secrets)."""

    def __init__(self, show: bool = False) -> None:
        self._show = show

    def tree(self, thing: KubeObject) -> dict[str, Any]:
        """The object as fresh dicts, masked."""
        return thing.tree(show_secrets=self._show)
