"""What `kubectl describe` says of an object, of itself and of what is around it: sections of labelled facts."""

from __future__ import annotations

from kwatch.catalog.overview.describe import describe
from kwatch.catalog.overview.facts import Fact, Section
from kwatch.catalog.overview.surroundings import Others, describe_surroundings

__all__ = ["Fact", "Others", "Section", "describe", "describe_surroundings"]
