"""Secret data stays out of what is printed, unless asked for with --show-secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kwatch.informer.kube_object import KubeObject
from kwatch.informer.redaction import SECRET


class Masking:
    """`show` prints everything as it is (--show-secrets)."""

    def __init__(self, show: bool = False) -> None:
        self._show = show

    def tree(self, thing: KubeObject) -> dict[str, Any]:
        """The object as fresh dicts, masked."""
        return thing.tree(show_secrets=self._show)

    def labels(self, thing: KubeObject) -> Mapping[str, str]:
        """Its labels; of a Secret some may repeat its data."""
        if not self._show or thing.kind != SECRET or not thing.labels:
            return thing.labels
        labels: Mapping[str, str] = self.tree(thing)["metadata"]["labels"]
        return labels
