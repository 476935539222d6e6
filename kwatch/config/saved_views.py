"""Views that the user saved under a name, each in a file."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path

import msgspec
import yaml

from kwatch.base.files import open_private
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
    columns: tuple[str, ...] = ()
    """Beside the usual ones: `NODE:.spec.nodeName`; `-AGE` takes one away."""


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
        texts = [*tree.values(), *view.columns]
        readable = all(text.isprintable() for text in texts if isinstance(text, str))
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
