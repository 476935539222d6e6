"""`-o json`: one line of JSON a change, for jq and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from kwatch.history.diff import diff
from kwatch.output.change import Gap, ObjectChange
from kwatch.output.masking import Masking
from kwatch.output.timestamp import rfc3339


class JsonLinesPrinter:
    """`{type, time, object, old_resource_version, changed}`; what is there at first comes as ADDED."""

    def __init__(self, masking: Masking) -> None:
        self._masking = masking
        self._encode = msgspec.json.Encoder().encode

    def initial(self, changes: Sequence[ObjectChange], final: bool) -> str:
        """A line each."""
        return "".join(map(self.change, changes))

    def change(self, change: ObjectChange) -> str:
        """The whole object, and the paths that differ from its last version."""
        tree = self._masking.tree(change.object)
        line: dict[str, Any] = {"type": change.type, "time": rfc3339(change.at), "object": tree}
        if change.old is not None:
            line["old_resource_version"] = change.old.resource_version
            if change.type == "MODIFIED":
                line["changed"] = [each.path for each in diff(change.old.tree(), change.object.tree())]
        return self._encode(line).decode() + "\n"

    def gap(self, gap: Gap) -> str:
        """A line of type GAP: what is missing and why."""
        line = {
            "type": "GAP",
            "time": rfc3339(gap.until),
            "resource": str(gap.resource),
            "since": rfc3339(gap.since),
            "until": rfc3339(gap.until),
            "cause": gap.cause,
        }
        return self._encode(line).decode() + "\n"
