"""The real kubectl, with a home of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

TIMEOUT = 30.0


class Said(NamedTuple):
    """What a command printed."""

    code: int
    out: str
    err: str


class Kubectl:
    """Runs kubectl against a server."""

    def __init__(self, home: Path, kubeconfig: Path) -> None:
        self._env = {"HOME": str(home), "KUBECONFIG": str(kubeconfig), "PATH": os.environ["PATH"]}
        beside = Path(sys.executable).parent / "kubectl"
        self._binary = str(beside) if beside.exists() else shutil.which("kubectl") or "kubectl"

    def __call__(self, *arguments: str) -> Said:
        """Run a command to its end."""
        done = subprocess.run(
            [self._binary, *arguments], env=self._env, capture_output=True, text=True, timeout=TIMEOUT, check=False
        )
        return Said(done.returncode, done.stdout, done.stderr)

    def clean(self, *arguments: str) -> str:
        """Run a command that must succeed without a word on standard error."""
        said = self(*arguments)
        assert (said.code, said.err) == (0, ""), said
        return said.out

    def rows(self, *arguments: str) -> list[list[str]]:
        """The printed rows of a command, headings first, cut at blanks."""
        return [line.split() for line in self.clean(*arguments).splitlines()]

    @contextmanager
    def following(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """A command that goes on; killed at the end."""
        process = subprocess.Popen(
            [self._binary, *arguments], env=self._env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        try:
            yield process
        finally:
            process.kill()
            process.communicate()


def kubeconfig(path: Path, server: str, namespace: str, token: str = "", authority: bytes = b"") -> Path:
    """Write one that leads to a server."""
    cluster = {"server": server}
    if authority:
        cluster["certificate-authority-data"] = b64encode(authority).decode()
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "it",
        "clusters": [{"name": "it", "cluster": cluster}],
        "users": [{"name": "it", "user": {"token": token} if token else {}}],
        "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it", "namespace": namespace}}],
    }
    path.write_text(json.dumps(config))
    return path
