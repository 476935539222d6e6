"""One version of one object, as the journal hands it out: what is known of it without its content."""

from __future__ import annotations

from dataclasses import dataclass

from kwatch.informer.delta import DeltaType


@dataclass(frozen=True, slots=True)
class Version:
    """What arrived, when, of which object. The log's entries are Versions too.

    `at` is the receipt in seconds since the epoch, `sequence` the order of everything in this process.
    """

    context: str
    resource: str
    """As kubectl prints it: `pods`, `deployments.apps`."""
    key: str
    uid: str
    sequence: int
    type: DeltaType
    at: float
    resource_version: str
    inferred: bool = False
    """A deletion nobody saw: the object was missing when everything was listed again."""
    relisted: bool = False
    """Found by listing everything again: when exactly it came to be is unknown."""
    out_of_order: bool = False
    """Its resourceVersion is lower than that of the version before."""

    departed: bool = False
    """A deletion that may be none: the object left the selection that was watched, or was deleted."""

    @property
    def deleted(self) -> bool:
        """Whether this is the end of the object; its content is the last state known."""
        return self.type is DeltaType.DELETED

    @property
    def ending(self) -> str:
        """How the object ended, as far as that is known; empty if it did not."""
        if not self.deleted:
            return ""
        words = "left the selection, or was deleted" if self.departed else "deleted"
        return f"{words} while nobody watched" if self.inferred else words
