"""The kubeconfig that leads to the simulated cluster: a private file that goes with the server."""

from __future__ import annotations

import base64
import json
import os
import shutil
import tempfile
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

CONTEXT = "demo"
NAMESPACE = "shop"


class Kubeconfig:
    """A kubeconfig in a directory of its own, readable by nobody else, removed at the end of the `with`."""

    def __init__(self, server: str, *, token: str = "", certificate_authority: bytes = b"") -> None:
        self._text = json.dumps(_kubeconfig(server, token, certificate_authority), indent=2)
        self._directory = Path()

    def __enter__(self) -> Path:
        self._directory = Path(tempfile.mkdtemp(prefix="kwatch-simulator-"))
        path = self._directory / "kubeconfig"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(self._text)
        return path

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        shutil.rmtree(self._directory, ignore_errors=True)


def _kubeconfig(server: str, token: str, certificate_authority: bytes) -> dict[str, object]:
    # kubectl sends a user's token only by TLS; what stands in the address it sends anyway.
    cluster = {"server": server.replace("http://", f"http://{CONTEXT}:{quote(token, safe='')}@") if token else server}
    if certificate_authority:
        cluster["certificate-authority-data"] = base64.b64encode(certificate_authority).decode()
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": CONTEXT,
        "clusters": [{"name": CONTEXT, "cluster": cluster}],
        "users": [{"name": CONTEXT, "user": {"token": token} if token else {}}],
        "contexts": [{"name": CONTEXT, "context": {"cluster": CONTEXT, "user": CONTEXT, "namespace": NAMESPACE}}],
    }
