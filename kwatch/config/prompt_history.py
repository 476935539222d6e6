"""What was typed after `/` and `:`, kept from run to run, as a shell keeps it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from kwatch.base.private_file import open_private
from kwatch.base.threads import spawn

KEPT = 500
"""Lines kept of each sign, the newest."""


class PromptHistory:
    """Without a file it lasts as long as the program. Used on one thread; files are written in another."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._texts: dict[str, list[str]] | None = None

    def of(self, sign: str) -> Sequence[str]:
        """What was typed after a sign, the newest last."""
        return self._read().get(sign, ())

    def add(self, sign: str, text: str) -> None:
        """Remember a text as the newest."""
        texts = self._read().setdefault(sign, [])
        if texts and texts[-1] == text:
            return
        _put(texts, text)
        if self._file is not None and "\n" not in text:
            line = f"{sign}{text}\n"
            file = self._file
            spawn("kwatch-prompt-history", lambda: _append(file, line))

    def _read(self) -> dict[str, list[str]]:
        if self._texts is None:
            self._texts = {}
            lines = _lines(self._file) if self._file is not None else []
            for line in lines:
                if len(line) > 1:
                    _put(self._texts.setdefault(line[0], []), line[1:])
            if self._file is not None and len(lines) > 4 * KEPT:
                _rewrite(self._file, self._texts)
        return self._texts


def _put(texts: list[str], text: str) -> None:
    if text in texts:
        texts.remove(text)
    texts.append(text)
    del texts[:-KEPT]


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        return []  # the first run, or a folder that is not ours: there is nothing to recall


def _append(file: Path, line: str) -> None:
    """Readable by its owner only: names of a cluster are nobody else's business."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = open_private(file, os.O_WRONLY | os.O_APPEND)
        try:
            os.write(descriptor, line.encode())
        finally:
            os.close(descriptor)
    except OSError as error:
        import logging

        logging.getLogger("kwatch.config").warning("cannot keep the prompt's history: %s", error)


def _rewrite(file: Path, texts: dict[str, list[str]]) -> None:
    draft = file.with_name(file.name + ".new")
    draft.unlink(missing_ok=True)
    _append(draft, "".join(f"{sign}{text}\n" for sign, each in texts.items() for text in each))
    if draft.exists():
        draft.replace(file)
