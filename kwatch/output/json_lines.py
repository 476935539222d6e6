"""`-o json`: one line of JSON a change, for jq and for programs."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from kwatch.base.printable import is_unsafe
from kwatch.base.timestamp import rfc3339
from kwatch.history.diff import diff
from kwatch.informer.redaction import encoded
from kwatch.output.change import Gap, ObjectChange
from kwatch.output.masking import Masking

_UNSAFE = re.compile(r"[^ -~]")


def json_text(value: Any) -> str:
    """One line of JSON in which a terminal finds nothing to obey: that is escaped, and reads back as it was."""
    text = encoded(value).decode()
    return text if text.isprintable() else _UNSAFE.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1] if is_unsafe(found[0]) else found[0]


class JsonLinesPrinter:
    """`{type, time, object, old_resource_version, changed}`; what is there at first comes as ADDED."""

    def __init__(self, masking: Masking) -> None:
        self._masking = masking

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
        return json_text(line) + "\n"

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
        return json_text(line) + "\n"
