"""Differences as lines."""

from __future__ import annotations

from dataclasses import replace

from kwatch.history.attribution import UNKNOWN, Writer
from kwatch.history.comparison import Difference, PathChange
from kwatch.history.ownership import Owner
from kwatch.history.version import Version
from kwatch.informer.delta import DeltaType
from kwatch.tui.features.changes.change_list import ChangeList, Grouping, LeftOut, ViewOptions, change_list_of
from kwatch.tui.features.changes.rows import BaselineRows

WEB = Owner("Deployment", "shop", "web")
SET = Owner("ReplicaSet", "shop", "web-1")


def differing(
    resource: str,
    kind: str,
    name: str,
    *changes: tuple[str, str],
    owners: tuple[Owner, ...] = (),
    sign: str = "~",
    noise: bool = False,
    at: float = 1000.0,
    who: Writer = UNKNOWN,
) -> Difference:
    version = Version("ctx", resource, name, name, 1, DeltaType.UPDATED, at, "1")
    told = tuple(PathChange(path, f"{path} {value}".strip(), who, value) for path, value in changes)
    return Difference(version, None, kind, sign, () if noise else told, told if noise else (), owners, at)


IMAGE = "spec.template.spec.containers[].image"
FOUND = (
    differing("pods", "Pod", "shop/web-1-a", ("", "created"), owners=(WEB, SET), sign="+"),
    differing("pods", "Pod", "shop/web-1-b", ("", "deleted"), owners=(WEB, SET), sign="-"),
    differing("deployments.apps", "Deployment", "shop/web", (IMAGE, "1 -> 2 [web]"), at=1030.0),
    differing("deployments.apps", "Deployment", "shop/api", (IMAGE, "1 -> 2 [web]"), who=Writer("alice")),
    differing("nodes", "Node", "n1", ("status.conditions[Ready].lastHeartbeatTime", "a -> b"), noise=True),
    differing("events", "Event", "shop/e", ("", "created"), sign="+"),
    differing("pods", "Pod", "shop/brief", ("", "came and went"), sign="±"),
)


def shown(changes: ChangeList) -> list[str]:
    """The cells that tell, and the sign before them."""
    rows = BaselineRows(lambda at: f"{at:.0f}")
    rows.changes = changes
    lines = []
    for place in range(len(rows)):
        key = rows.key_at(place)
        assert rows.row_of(key) == place
        cells = [cell.text for cell in rows.cells(key)]
        lines.append(f"{rows.look(key).sign} {' | '.join(cells)}")
    return lines


def test_by_owner_with_what_stands_alone_without_a_heading() -> None:
    assert shown(change_list_of(FOUND, ViewOptions())) == [
        "~ Deployment shop/api | 1000 | alice | " + IMAGE + " 1 -> 2 [web]",
        "▾ Deployment shop/web | 1030 |  | +1 -1 ~1",
        "~   Deployment web | 1030 |  | " + IMAGE + " 1 -> 2 [web]",
        "+   Pod web-1-a | 1000 |  | created",
        "-   Pod web-1-b | 1000 |  | deleted",
    ]


def test_what_owns_what_is_indented_if_it_is_there() -> None:
    below = (*FOUND, differing("replicasets.apps", "ReplicaSet", "shop/web-1", ("status.replicas", ""), owners=(WEB,)))
    lines = [line.split("|")[0].rstrip() for line in shown(change_list_of(below, ViewOptions()))]
    assert lines[3:] == ["~   ReplicaSet web-1", "+     Pod web-1-a", "-     Pod web-1-b"]


def test_a_folded_group_tells_what_happened_to_its_owner() -> None:
    options = ViewOptions().toggled("\n".join(("ctx", *WEB)))
    assert shown(change_list_of(FOUND, options))[1:] == [
        f"▸ Deployment shop/web | 1030 |  | +1 -1 ~1  {IMAGE} 1 -> 2 [web]"
    ]
    assert len(shown(change_list_of(FOUND, options.all_folded(True)))) == 2
    assert len(shown(change_list_of(FOUND, options.all_folded(True).toggled("\n".join(("ctx", *WEB)))))) == 5


def test_by_path_the_most_frequent_first_and_the_value_where_it_is_the_same() -> None:
    options = ViewOptions().regrouped()
    assert shown(change_list_of(FOUND, options)) == [
        f"▸ {IMAGE} | 1030 |  | 2 objects  1 -> 2 [web]",
        "▸ created | 1000 |  | 1 object",
        "▸ deleted | 1000 |  | 1 object",
    ]
    assert shown(change_list_of(FOUND, options.toggled(IMAGE)))[:3] == [
        f"▾ {IMAGE} | 1030 |  | 2 objects  1 -> 2 [web]",
        "~   Deployment shop/api | 1000 | alice | 1 -> 2 [web]",
        "~   Deployment shop/web | 1030 |  | 1 -> 2 [web]",
    ]
    assert options.regrouped().grouping is Grouping.OWNER


def test_what_is_left_out_is_counted_and_shown_on_request() -> None:
    changes = change_list_of(FOUND, ViewOptions())
    assert changes.left_out == LeftOut(noise=1, talk=1, passed=1)
    assert changes.counts == {"+": 1, "-": 1, "~": 2}
    everything = change_list_of(FOUND, ViewOptions(everything=True, noise=True))
    assert everything.left_out == LeftOut()
    assert sum(everything.counts.values()) == everything.total == len(FOUND)
    assert any("n1" in line and "lastHeartbeatTime a -> b" in line for line in shown(everything))


def test_words_narrow_by_names_owners_changes_and_writers() -> None:
    def names(words: str) -> list[str]:
        changes = change_list_of(FOUND, replace(ViewOptions(), words=words))
        assert changes.total == 4
        return [line.difference.new.key for line in changes.lines if line.difference is not None]

    assert names("DEPLOYMENT/web") == ["shop/web", "shop/web-1-a", "shop/web-1-b"]
    assert names("image api") == ["shop/api"]
    assert names("alice") == ["shop/api"]
    assert names("nothing") == []
