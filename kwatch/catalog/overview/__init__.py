"""What `kubectl describe` says of an object, as far as the object itself knows: sections of labelled facts."""

from __future__ import annotations

from kwatch.catalog.overview.describe import describe
from kwatch.catalog.overview.facts import Fact, Section

__all__ = ["Fact", "Section", "describe"]
