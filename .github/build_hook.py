"""For hatchling: what is made from the source when a wheel is built."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ManualHook(BuildHookInterface[Any]):
    """Puts the manual page into share/man, where man(1) looks that finds kwatch on the PATH."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the page; the parsers that it is made from import nothing beyond the standard library."""
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        try:
            from kwatch.cli.manual import manual
        finally:
            sys.path.remove(self.root)
        page = Path(tempfile.mkdtemp(prefix="kwatch-manual-")) / "kwatch.1"
        page.write_text(manual(), "utf-8")
        build_data["shared_data"][str(page)] = "share/man/man1/kwatch.1"
