"""Which login commands of a kubeconfig may be run: the policy of a kuberc, by client-go's rules."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from kwatch.informer.errors import ApiError


@dataclass(frozen=True, slots=True)
class PluginPolicy:
    """`allowed` None is all of them; an empty one none. `source` says who wants it so."""

    allowed: tuple[str, ...] | None = None
    source: str = "the kuberc"

    def program(self, command: str) -> str:
        """What is to be run for a command; raise ApiError for one that may not be.

        Where there is a list, what was looked at is what is run: the entry of a kubeconfig could set another PATH.
        """
        if self.allowed is None:
            return command
        if not self.allowed:
            raise _refused(f"The login command {command!r} is not run: {self.source} says DenyAll.")
        path = _found(command)
        if command in self.allowed:
            return path or command
        if not path:
            raise _refused(
                f"The login command {command!r} is not on the PATH, so it cannot be compared with the list of "
                f"{self.source}."
            )
        names = (each for each in self.allowed if Path(each).name == Path(path).name)
        if path in self.allowed or any(_found(each) == path for each in names):
            return path
        raise _refused(f"The login command {command!r} is not run: the list of {self.source} does not name it.")


def _found(command: str) -> str:
    """Its file, empty where there is none; a PATH that leads into the working folder is not followed, as in Go."""
    path = shutil.which(command) or ""
    return path if Path(path).is_absolute() or "/" in command else ""


def _refused(sentence: str) -> ApiError:
    return ApiError(0, "Credentials", sentence)
