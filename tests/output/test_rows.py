"""Rows as kubectl prints them."""

from __future__ import annotations

from dataclasses import replace

from kwatch.catalog.column import Column
from kwatch.catalog.kind import Kind
from kwatch.output.rows import RowPrinter
from tests.output.changes import DEPLOYMENTS, NODES, FixedClock, change, pod


def test_columns_stand_three_spaces_apart_and_the_last_one_ends() -> None:
    printer = RowPrinter(FixedClock())
    text = printer.initial([change(pod("web-1")), change(pod("a-much-longer-name", phase="Pending"))], final=True)
    assert text == (
        "NAME                 STATUS\n"
        "web-1                Running\n"
        "a-much-longer-name   Pending\n"
    )  # fmt: skip


def test_labels_are_in_kubectls_order_by_key_and_value_as_one_text() -> None:
    printer = RowPrinter(FixedClock(), show_labels=True, headers=False)
    text = printer.initial([change(pod("web", labels={"app": "w", "app.kubernetes.io/name": "w"}))], final=True)
    assert text.split()[-1] == "app.kubernetes.io/name=w,app=w"


def test_several_resources_of_a_category_carry_their_type() -> None:
    printer = RowPrinter(FixedClock(), headers=False)
    text = printer.initial([change(pod("web")), change(pod("web"), resource=DEPLOYMENTS)], final=True)
    assert [line.split()[0] for line in text.splitlines() if line] == ["pod/web", "deployment.apps/web"]


def test_later_rows_stand_under_the_first() -> None:
    printer = RowPrinter(FixedClock())
    printer.initial([change(pod("web-12345"))], final=False)
    assert printer.change(change(pod("a"), "MODIFIED")) == "a           Running\n"


def test_wide_namespace_labels_and_type() -> None:
    printer = RowPrinter(
        FixedClock(),
        wide=True,
        with_namespace=True,
        with_type=True,
        label_columns=["example.com/app"],
        show_labels=True,
    )
    text = printer.initial(
        [change(pod("web", labels={"example.com/app": "w", "b": "2"})), change(pod("x"))], final=True
    )
    header, first, second = text.splitlines()
    assert header.split() == ["NAMESPACE", "NAME", "STATUS", "NODE", "APP", "LABELS"]
    assert first.split() == ["shop", "pod/web", "Running", "node-1", "w", "b=2,example.com/app=w"]
    assert second.split() == ["shop", "pod/x", "Running", "node-1", "<none>"]


def test_each_resource_has_its_own_table() -> None:
    printer = RowPrinter(FixedClock(), with_type=True)
    text = printer.initial([change(pod("web")), change(pod("api"), resource=DEPLOYMENTS)], final=True)
    assert [line.split() for line in text.splitlines()] == [
        ["NAME", "STATUS"],
        ["pod/web", "Running"],
        [],
        ["NAME", "STATUS"],
        ["deployment.apps/api", "Running"],
    ]


def test_cluster_scoped_resources_have_no_namespace_column() -> None:
    printer = RowPrinter(FixedClock(), with_namespace=True)
    assert printer.initial([change(pod("node-1", namespace=""), resource=NODES)], final=True).startswith("NAME ")


def test_without_headers() -> None:
    assert RowPrinter(FixedClock(), headers=False).initial([change(pod("web"))], final=True) == "web   Running\n"


def test_titles_are_as_untrusted_as_cells() -> None:
    kind = Kind("Evil", (Column("Name"), Column("T\x1b[2J\x9b\u202e")), lambda thing: (thing.name, "x\x1b[31m"))
    text = RowPrinter(FixedClock()).initial([replace(change(pod("web")), kind=kind)], final=True)
    assert [line.split() for line in text.splitlines()] == [["NAME", "T^[[2J��"], ["web", "x^[[31m"]]


def test_control_characters_never_reach_the_terminal() -> None:
    text = RowPrinter(FixedClock()).initial([change(pod("evil\x1b[31m\nname", phase="\x07"))], final=True)
    assert "\x1b" not in text and "\x07" not in text
    assert len(text.splitlines()) == 2
