"""The programs that are measured beside each other: how each is started, what it shows, how it ends."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version as installed
from pathlib import Path

from tests.benchmarks.compare.cluster import Cluster
from tests.benchmarks.compare.terminal import LineSight, ScreenSight, Sight, WordSight

LIBRARY = "tests.benchmarks.contenders.on_terminal"


@dataclass(frozen=True, slots=True)
class Aside:
    """Another command line: seconds to its first rows, or to its end."""

    figure: str
    words: str
    is_on_screen: bool = False


@dataclass(frozen=True, slots=True)
class Contestant:
    """`words` follow the executable, in which {kubeconfig}, {context}, {namespace} and {objects} are filled in."""

    name: str
    words: str
    sight: Callable[[], Sight]
    executable: str = ""
    """What is looked for on PATH; empty for what runs on this Python."""
    version: str = ""
    """Arguments that make it print its version; a package's name for what runs on this Python."""
    quit: tuple[str, ...] = ("ctrl+c",)
    answers_keys: bool = False
    shows_rows: bool = True
    lives: bool = True
    """Whether it goes on watching once it has all."""
    asides: tuple[Aside, ...] = ()
    """What else is measured of it, in the smallest of the clusters."""
    kilobytes: float = 10.0
    """Memory that it needs for an object; where that much is not free, it is left out."""

    def path(self) -> str | None:
        """Where the executable is; None if it is nowhere."""
        if not self.executable:
            return sys.executable
        beside = str(Path(sys.executable).parent)  # where the wheel of kubectl lies
        return shutil.which(self.executable, path=f"{beside}{os.pathsep}{os.environ.get('PATH', '')}")

    def command(self, cluster: Cluster, given: str = "") -> list[str]:
        """All words, its own or those of an aside, after the executable, which is on this machine."""
        path = self.path()
        assert path is not None
        words = {each: str(getattr(cluster, each)) for each in ("kubeconfig", "context", "namespace", "objects")}
        return [path, *(word.format(**words) for word in (given or self.words).split())]

    def published(self) -> str:
        """The command as a person would type it."""
        words = self.words.format(kubeconfig="FILE", context="CONTEXT", objects="COUNT")
        return f"{self.executable or 'python'} {words}"

    def version_text(self) -> str:
        """What it says its version is; empty if it does not."""
        if not self.executable:
            return installed(self.version)
        try:
            asked = [self.path() or "", *self.version.split()]
            said = subprocess.run(asked, capture_output=True, text=True, timeout=20, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return ""
        words = [word.strip(",") for word in said.stdout.split()]
        return next((word for word in words if word.lstrip("v")[:1].isdigit() and "." in word), self._built())

    def _built(self) -> str:
        """The version of the main module, as Go writes it into what `go install` builds."""
        found = re.search(rb"\nmod\t[\w./-]+\t(v[\w.-]+)\t", Path(self.path() or os.devnull).read_bytes())
        return found[1].decode() if found else ""


_FLAGS = "--kubeconfig {kubeconfig} --context {context}"

CONTESTANTS = (
    Contestant(
        "bare reader",
        f"-m {LIBRARY} reader {{kubeconfig}} {{context}} {{objects}}",
        WordSight,
        version="kubernetes",
        shows_rows=False,
        lives=False,
    ),
    Contestant(
        "kwatch",
        f"-m kwatch pods -A {_FLAGS}",
        lambda: ScreenSight(busy=r"syncing|listing|loading|so far|of about"),
        version="kwatch-tui",
        quit=("q",),
        answers_keys=True,
        asides=(
            Aside("one namespace: first rows", f"-m kwatch pods -n {{namespace}} {_FLAGS}", is_on_screen=True),
            Aside("namespaces, printed", f"-m kwatch ns --until-synced {_FLAGS}"),
        ),
    ),
    Contestant(
        "kwatch.informer",
        f"-m {LIBRARY} kwatch {{kubeconfig}} {{context}} {{objects}}",
        WordSight,
        version="kwatch-tui",
        shows_rows=False,
    ),
    Contestant(
        "kubectl",
        f"get pods -A --watch {_FLAGS}",
        LineSight,
        "kubectl",
        "version --client",
        asides=(Aside("namespaces, printed", f"get ns {_FLAGS}"),),
        kilobytes=40.0,
    ),
    Contestant(
        "k9s",
        f"{_FLAGS} -A -c pods --readonly",
        ScreenSight,
        "k9s",
        "version --short",
        answers_keys=True,
        kilobytes=150.0,
    ),
    Contestant(
        "sofka",
        f"pods -A {_FLAGS} --readonly",
        ScreenSight,
        "sofka",
        "--version",
        quit=("q",),
        answers_keys=True,
        kilobytes=60.0,
    ),
    Contestant(
        "kubernetes.informer",
        f"-m {LIBRARY} kubernetes {{kubeconfig}} {{context}} {{objects}}",
        WordSight,
        version="kubernetes",
        shows_rows=False,
        kilobytes=100.0,
    ),
)
"""In the order in which they run and are printed."""
