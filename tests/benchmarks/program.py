"""The program as a user starts it, on a terminal in memory."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
from pathlib import Path
from tempfile import mkdtemp

from tests.end_to_end.terminal import Terminal


def start(*words: str, columns: int = 120, rows: int = 36) -> Terminal:
    """`kwatch WORDS...`, with settings of its own."""
    home = mkdtemp(prefix="kwatch-benchmark-")
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    env = {**os.environ, "HOME": home, "KWATCH_CONFIG": str(Path(home) / "config")}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # who installs kwatch has it compiled: a start takes half as long
    return Terminal([sys.executable, "-m", "kwatch", *words], columns=columns, rows=rows, env=env)
