"""What the user saved and typed, kept in files: views under their names, and the lines of the prompts."""

from __future__ import annotations

import errno
import logging
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import yaml

from kwatch.base import threads
from kwatch.base.files import open_private, read_file
from kwatch.base.threads import spawn
from kwatch.config.document import InvalidDocument, Problem, read_document, reason_of
from kwatch.config.locations import NO_HOME


class SavedView(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel", omit_defaults=True):
    """All of it is optional; one without a resource is a saved filter, for whatever is shown."""

    resource: str = ""
    """As typed after the colon: one resource or several, with commas."""
    namespace: str = ""
    """`*` is all of them; empty: the one in use."""
    selector: str = ""
    """A label selector, for the server."""
    field_selector: str = ""
    filter: str = ""
    sort: str = ""
    """A column's title; `-AGE` is descending."""
    wide: bool = False


_NAME = re.compile(r"[\w][\w.-]{0,62}")


class InvalidViewName(ValueError):
    """It cannot be a file's name; the text says what can."""


class SavedViews:
    """Reads the folder each time, because the user may edit it."""

    def __init__(self, folder: Path | None) -> None:
        """`folder` None: there is no place to keep any."""
        self._folder = folder

    def names(self) -> tuple[str, ...]:
        if self._folder is None:
            return ()
        try:
            return tuple(sorted(path.stem for path in self._folder.glob("*.yaml") if _NAME.fullmatch(path.stem)))
        except OSError:
            return ()

    def load(self, name: str) -> SavedView:
        """A view; raise InvalidViewName, InvalidDocument, or FileNotFoundError where there is none."""
        path = self._path(name)
        try:
            return read_document(path, SavedView)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise InvalidDocument(Problem(path, 0, reason_of(error))) from error

    def save(self, name: str, view: SavedView) -> Path:
        """Keep a view, in the place of the one of that name; raise InvalidViewName or OSError.

        A crash leaves the old file or the new one, never half of one.
        """
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".yaml.new")
        tree = msgspec.to_builtins(view)
        # Odd line breaks come back as blanks unless they are escaped.
        readable = all(text.isprintable() for text in tree.values() if isinstance(text, str))
        draft.unlink(missing_ok=True)
        with os.fdopen(open_private(draft, os.O_WRONLY | os.O_EXCL), "w", encoding="utf-8") as file:
            file.write(yaml.safe_dump(tree, sort_keys=False, allow_unicode=readable))
        draft.replace(path)
        return path

    def remove(self, name: str) -> None:
        """Forget a view; raise InvalidViewName, FileNotFoundError or OSError."""
        self._path(name).unlink()

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise InvalidViewName(f"{name!r} cannot be a view's name: use letters, digits, -, _ and .")
        if self._folder is None:
            raise FileNotFoundError(errno.ENOENT, NO_HOME)
        return self._folder / f"{name}.yaml"


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
