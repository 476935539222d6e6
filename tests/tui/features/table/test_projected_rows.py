"""What there is to know about a cell."""

from __future__ import annotations

from kwatch.catalog.kinds.pods import PODS
from kwatch.tui.features.table.projected_rows import ProjectedRows
from kwatch.view.activity_columns import with_activity
from tests.query.cluster import NOW
from tests.view.test_activity_columns import busy, view_of


def test_what_a_column_means_that_kubectl_does_not_have() -> None:
    view = view_of(with_activity(PODS, busy()))
    rows = ProjectedRows(view, (0, view.kind.column_index("Churn")), namespaces=False, now=NOW)
    assert "last 5 minutes" in (rows.hint("shop/a", 1) or "")
    assert rows.hint("shop/a", 0) is None
