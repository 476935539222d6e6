"""The lines typed at each prompt, kept in a file."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from kwatch.base import threads
from kwatch.base.files import open_private, read_file
from kwatch.base.threads import spawn

log = logging.getLogger("kwatch.config")

KEPT = 500
"""Lines kept of each sign, the newest."""
_LARGEST = 16 << 20


class PromptHistory:
    """Without a file it lasts as long as the program. Used on one thread; files are written in another.

    `on_problem` is called once, in that thread, with why what is typed cannot be kept.
    """

    def __init__(self, file: Path | None = None) -> None:
        self.on_problem: Callable[[str], object] = lambda sentence: None
        self._file = file
        self._texts: dict[str, list[str]] | None = None
        self._has_complained = False

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
            self._write(lambda file: _append(file, f"{sign}{text}\n"))

    def _read(self) -> dict[str, list[str]]:
        if self._texts is None:
            texts = self._texts = {}
            lines = _lines(self._file) if self._file is not None else []
            for line in lines:
                if len(line) > 1:
                    _put(texts.setdefault(line[0], []), line[1:])
            if len(lines) > 4 * KEPT:
                kept = "".join(f"{sign}{text}\n" for sign, each in texts.items() for text in each)
                self._write(lambda file: _rewrite(file, kept))
        return self._texts

    def _write(self, write: Callable[[Path], None]) -> None:
        file = self._file
        assert file is not None

        def work() -> None:
            try:
                write(file)
            except OSError as error:
                self._complain(error.strerror or str(error))

        spawn("kwatch-prompt-history", work, lambda error: self._complain(threads.reason_of(error)))

    def _complain(self, reason: str) -> None:
        if not self._has_complained:
            self._has_complained = True
            log.warning("%s: %s", self._file, reason)
            self.on_problem(f"What is typed is not kept in {self._file}: {reason}")


def _put(texts: list[str], text: str) -> None:
    if text in texts:
        texts.remove(text)
    texts.append(text)
    del texts[:-KEPT]


def _lines(file: Path) -> list[str]:
    try:
        return read_file(file, _LARGEST).decode("utf-8", "replace").split("\n")
    except OSError:
        return []  # the first run, or a place that is not ours: there is nothing to recall


def _append(file: Path, line: str) -> None:
    """Readable by its owner only: names of a cluster are nobody else's business."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = open_private(file, os.O_WRONLY | os.O_APPEND)
    try:
        os.write(descriptor, line.encode("utf-8", "replace"))
    finally:
        os.close(descriptor)


def _rewrite(file: Path, kept: str) -> None:
    """A crash leaves the old file or the new one."""
    draft = file.with_name(file.name + ".new")
    draft.unlink(missing_ok=True)
    _append(draft, kept)
    draft.replace(file)
