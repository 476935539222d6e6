"""kwatch's own log: a file when asked for, else nowhere, never the screen."""

from __future__ import annotations

import logging
from pathlib import Path

from kwatch.cli.arguments import LogArguments


def set_up_logging(arguments: LogArguments) -> None:
    """Raise OSError when the file cannot be written. The file is for its owner only: it names what a cluster holds."""
    root = logging.getLogger("kwatch")
    root.propagate = False
    if arguments.file is None:
        root.addHandler(logging.NullHandler())
        return
    path = Path(arguments.file)
    path.touch(mode=0o600)
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(name)s [%(threadName)s] %(message)s"))
    root.addHandler(handler)
    root.setLevel(arguments.level.upper())
