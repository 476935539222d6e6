"""Nodes."""

from __future__ import annotations

from collections.abc import Iterator

from kwatch.base.quantity import quantity_order, quantity_text
from kwatch.catalog.column import Level
from kwatch.catalog.overview.common import condition_facts, metadata_facts, words
from kwatch.catalog.overview.facts import Fact, Section, fact, sections
from kwatch.catalog.tree import Tree


def describe_node(node: Tree) -> tuple[Section, ...]:
    """All about a node."""
    spec, status = node["spec"], node["status"]
    info = status["nodeInfo"]
    return sections(
        ("Node", (*metadata_facts(node), *_spec_facts(spec))),
        ("Conditions", condition_facts(node)),
        ("Addresses", (fact(each["type"].text("?"), each["address"]) for each in status["addresses"])),
        ("Resources", _resource_facts(status)),
        ("System", (fact(words(key), value) for key, value in info.entries())),
        ("Images", (fact(_image_name(each), _size(each["sizeBytes"])) for each in status["images"])),
    )


def _spec_facts(spec: Tree) -> Iterator[Fact | None]:
    if spec["unschedulable"].value is True:
        yield Fact("Unschedulable", "yes", Level.WARNING)
    for taint in spec["taints"]:
        value = f"={taint['value'].text()}" if taint["value"] else ""
        yield Fact("Taint", f"{taint['key'].text()}{value}:{taint['effect'].text()}")
    yield fact("Pod CIDRs", spec["podCIDRs"].joined() or spec["podCIDR"].text())
    yield fact("Provider ID", spec["providerID"])


def _resource_facts(status: Tree) -> Iterator[Fact | None]:
    allocatable = status["allocatable"]
    for name, capacity in status["capacity"].entries():
        usable = _amount(name, allocatable[name] or capacity)
        yield Fact(name, f"{usable} allocatable of {_amount(name, capacity)}")


def _amount(name: str, quantity: Tree) -> str:
    number = quantity_order(quantity.text())
    return quantity.text() if number is None else quantity_text(name, number)


def _image_name(image: Tree) -> str:
    return next((name.text() for name in image["names"] if "@" not in name.text()), image["names"].joined())


def _size(size: Tree) -> str:
    return f"{size.number() / 1e6:.0f} MB"
