"""Several changes of a cache, reported together."""

from __future__ import annotations

from dataclasses import dataclass

from kwatch.informer.protocol import Object


@dataclass(frozen=True, slots=True)
class Change:
    """One step of a transaction: `action` is `add`, `update` or `delete`."""

    action: str
    object: Object


class TransactionError(Exception):
    """Some steps failed; the others were applied."""

    def __init__(self, successful_indices: tuple[int, ...], errors: tuple[Exception, ...]) -> None:
        super().__init__(f"{len(errors)} of {len(errors) + len(successful_indices)} changes failed: {errors[0]}")
        self.successful_indices = successful_indices
        self.errors = errors
