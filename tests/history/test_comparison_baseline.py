from __future__ import annotations

from kwatch.history.attribution import UNKNOWN
from kwatch.history.comparison import Difference, PathChange, by_owner, by_path
from kwatch.history.ownership import Owner
from kwatch.history.version import Version
from kwatch.informer.delta import DeltaType

WEB = Owner("Deployment", "shop", "web")
OLD, NEW = Owner("ReplicaSet", "shop", "web-1"), Owner("ReplicaSet", "shop", "web-2")


def differing(
    kind: str, name: str, *paths: str, owners: tuple[Owner, ...] = (), sign: str = "~", noise: tuple[str, ...] = ()
) -> Difference:
    version = Version("ctx", f"{kind.lower()}s", f"shop/{name}", name, 1, DeltaType.UPDATED, 1000.0, "1")
    changes, hidden = ([PathChange(path, f"{path} a -> b", UNKNOWN) for path in each] for each in (paths, noise))
    return Difference(version, None, kind, sign, tuple(changes), tuple(hidden), owners)


def test_grouped_under_the_topmost_owner_each_owner_before_what_it_owns() -> None:
    found = [
        differing("Pod", "web-2-x", "p", owners=(WEB, NEW)),
        differing("Service", "api", "p"),
        differing("ReplicaSet", "web-2", "p", owners=(WEB,)),
        differing("Pod", "web-1-y", "p", owners=(WEB, OLD)),
        differing("Deployment", "web", "p"),
    ]
    groups = {str(owner): [str(each.itself) for each in group] for (_, owner), group in by_owner(found).items()}
    assert groups == {
        "Service/api": ["Service/api"],
        "Deployment/web": ["Deployment/web", "Pod/web-1-y", "ReplicaSet/web-2", "Pod/web-2-x"],
    }
    assert list(groups) == ["Service/api", "Deployment/web"]


def test_grouped_by_path_the_most_frequent_first() -> None:
    found = [
        differing("Pod", "b", "spec.containers[].image", "status.phase"),
        differing("Pod", "a", "spec.containers[].image", "spec.containers[].image", noise=("status.heartbeat",)),
        differing("Pod", "c", "", sign="+"),
        differing("Pod", "d", "status.phase", sign="!"),
    ]
    groups = {path: [each.itself.name for each in group] for path, group in by_path(found).items()}
    assert list(groups.items()) == [
        ("spec.containers[].image", ["a", "b"]),
        ("created", ["c"]),
        ("replaced", ["d"]),
        ("status.phase", ["b"]),
    ]
    assert by_path(found, noise=True)["status.heartbeat"] == (found[1],)


def test_in_words() -> None:
    changed = differing("Pod", "a", "x", "y", "z", noise=("n",))
    assert changed.words(2) == "x a -> b, y a -> b, 1 more"
    assert changed.words(9, noise=True) == "x a -> b, y a -> b, z a -> b, n a -> b"
    assert differing("Pod", "a", "x", sign="!").words() == "replaced: x a -> b"
    assert differing("Pod", "a", sign="!").words() == "replaced by an equal one"
