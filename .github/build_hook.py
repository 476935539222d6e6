"""For hatchling: what is made from the source when it is packed."""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface


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


class DescriptionHook(MetadataHookInterface):
    """The README as the description of the package: its links and pictures are those of the repository."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Point what is relative to where it is."""
        root = Path(self.root)
        version = re.search(
            r'^__version__ = "(.+)"', (root / "kwatch" / "__init__.py").read_text("utf-8"), re.MULTILINE
        )
        source, tag = metadata["urls"]["Source"], f"v{version[1]}" if version else "main"

        text = (root / "README.md").read_text("utf-8")
        text = re.sub(r"(!\[[^]]*\]\()(?!https?:)", rf"\1{source}/raw/{tag}/", text)
        text = re.sub(r"((?:src|srcset)=\")(?!https?:)", rf"\1{source}/raw/{tag}/", text)
        text = re.sub(r"(?<!!)(\[[^]]*\]\()(?!https?:|#)", rf"\1{source}/blob/{tag}/", text)
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
