"""Field by field: what differs between two versions of an object, by path, in words people read."""

from __future__ import annotations

from kwatch.history.diff.change import ABSENT as ABSENT
from kwatch.history.diff.change import Change as Change
from kwatch.history.diff.change import changed_paths as changed_paths
from kwatch.history.diff.compare import diff as diff
from kwatch.history.diff.side_by_side import Row as Row
from kwatch.history.diff.side_by_side import side_by_side as side_by_side
from kwatch.history.diff.side_by_side import yaml_rows as yaml_rows
