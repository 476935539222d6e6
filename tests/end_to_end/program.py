"""The installed program, as a user runs it: with a kubeconfig, without a terminal or with one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import yaml

from tests.end_to_end.terminal import Terminal


class Program:
    """Runs `kwatch` with a home of its own, so that nothing of the developer's machine gets in."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.kubeconfig = home / "kubeconfig"

    def env(self, **more: str) -> dict[str, str]:
        """What the program sees of its surroundings."""
        passed = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "LANG") if name in os.environ}
        return {
            **passed,
            "HOME": str(self.home),
            "KWATCH_CONFIG": str(self.home / "config"),
            "KUBECONFIG": str(self.kubeconfig),
            **more,
        }

    def configure(self, server: str, *, token: str = "", namespace: str = "shop", **cluster: str) -> None:
        """Write the kubeconfig for a server."""
        user = {"token": token} if token else {}
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "test",
            "contexts": [{"name": "test", "context": {"cluster": "c", "user": "u", "namespace": namespace}}],
            "clusters": [{"name": "c", "cluster": {"server": server, **cluster}}],
            "users": [{"name": "u", "user": user}],
        }
        self.kubeconfig.write_text(yaml.safe_dump(content))

    def run(
        self, *words: str, timeout: float = 120, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run it to its end, without a terminal."""
        return subprocess.run(
            command(*words),
            env=env or self.env(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def start(self, *words: str, columns: int = 80, rows: int = 24, **more: str) -> Terminal:
        """Run it on a terminal, at home: what it writes must not end up in the checkout."""
        return Terminal(command(*words), columns=columns, rows=rows, env=self.env(**more), cwd=self.home)

    def start_in_shell(self, line: str, *words: str, columns: int = 80, rows: int = 24, **more: str) -> Terminal:
        """Run it on a terminal by a line of the shell, in which `"$@"` is the program: `"$@" </dev/null`."""
        return Terminal(["sh", "-c", line, "sh", *command(*words)], columns=columns, rows=rows, env=self.env(**more))


def command(*words: str) -> list[str]:
    """`kwatch WORDS...` by the Python that runs the tests."""
    return [sys.executable, "-m", "kwatch", *words]
