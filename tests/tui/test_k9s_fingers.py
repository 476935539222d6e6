"""Keys and clicks that users of k9s have in their fingers: orders, ranges of marks, the whole screen, the header."""

from __future__ import annotations

from pathlib import Path

import pytest

from kwatch.config.settings import Settings
from kwatch.tui.location import StartView
from tests.tui.driving import Driver, running
from tests.tui.fakes import DEPLOYMENTS, NAMESPACES, NODES, PODS, RESOURCES, SECRETS, FakeSession, make, pod, resource


def shop() -> FakeSession:
    session = FakeSession()
    for namespace in ("shop", None):
        feed = session.feed(PODS, namespace)
        feed.put(*(pod(f"web-{number}", restarts=number * 3 % 5) for number in range(1, 6)))
    session.feed(DEPLOYMENTS).put(make("Deployment", "web"))
    session.feed(NAMESPACES).put(make("Namespace", "shop", "", status={"phase": "Active"}))
    session.feed(NAMESPACES).put(make("Namespace", "old", "", status={"phase": "Terminating"}))
    return session


def names(user: Driver) -> list[str]:
    rows = user.app.home.table.rows
    return [rows.key_at(place).rpartition("/")[2] for place in range(len(rows))]


async def test_orders() -> None:
    async with running(shop(), start=StartView(namespace="shop")) as user:
        await user.see("5 pods")
        await user.press("E")
        assert names(user) == ["web-3", "web-1", "web-4", "web-2", "web-5"]
        await user.press("E")
        assert names(user)[0] == "web-5"
        await user.press("R")
        await user.see("READY↑")
        await user.press("colon", *"sort -name", "enter")
        assert names(user)[0] == "web-5"
        await user.press("colon", *"sort restarts", "enter")
        await user.see("RESTARTS↑")
        told = user.listen()
        await user.press("colon", *"sort nosuch", "enter")
        assert told == ["There is no column nosuch to sort by."]
        await user.press("C")
        assert "no such column" in told[1], "nothing is measured here"


async def test_a_range_is_marked_and_counted() -> None:
    async with running(shop(), start=StartView(namespace="shop")) as user:
        await user.see("5 pods")
        await user.press("ctrl+@")
        await user.see("5 pods, 1 marked")
        await user.press("down", "down", "ctrl+@")
        await user.see("5 pods, 3 marked")
        await user.press("down", "ctrl+@")
        await user.see("5 pods, 4 marked")
        await user.press("ctrl+backslash")
        await user.see_no("marked")
        await user.press("end", "space", "home", "ctrl+@")
        await user.see("5 pods, 5 marked")


async def test_a_text_has_the_whole_screen() -> None:
    async with running(shop(), start=StartView(namespace="shop")) as user:
        await user.see("5 pods")
        await user.press("y")
        await user.see("kind: Pod")
        await user.press("f")
        await user.see_no("Overview")
        assert user.lines[0].strip().startswith("apiVersion: v1")
        await user.press("escape")
        await user.see("Overview +YAML")
        await user.press("f", "f")
        await user.see("Overview +YAML")
        await user.press("T", "f")
        await user.see("Overview +YAML")


@pytest.mark.parametrize("tab", ["y", "d"])
async def test_escape_ends_a_search_before_it_leaves(tab: str) -> None:
    async with running(shop(), start=StartView(namespace="shop")) as user:
        await user.see("5 pods")
        await user.press(tab, "slash", *"web-1", "enter")
        await user.see("Esc clear search")
        await user.press("escape")
        await user.see("Esc back")
        await user.see("Overview +YAML")
        await user.press("escape")
        await user.see("5 pods")


async def test_what_stands_in_the_header_is_clicked() -> None:
    session = shop()
    session.feed(PODS).put(pod("web-9", phase="CrashLoopBackOff"))
    async with running(session, size=(120, 30), start=StartView(namespace="shop")) as user:
        await user.see("! 1 unhealthy")

        async def click(word: str, y: int) -> None:
            await user.pilot.click(offset=(user.lines[y].index(word) + 1, y))
            await user.app.key_order.settled()
            await user.pilot.pause()

        for word, opened in (("demo", "Contexts"), ("shop", "Namespaces"), ("pods", "Aliases")):
            await click(word, 0)
            await user.see(opened)
            await user.press("escape")
        await click("1 unhealthy", 1)
        await user.see("1 of 6 pods +/unhealthy")
        await user.press("y")
        await user.see("kind: Pod")
        await click("pods", 0)
        await user.see("1 of 6 pods")


async def test_the_count_of_a_kind_is_clicked() -> None:
    async with running(shop(), size=(120, 30), start=StartView("pods,deployments", namespace="shop")) as user:
        await user.see("deployments 1")
        for count in (1, 6):
            await user.pilot.click(offset=(user.lines[1].index("deployments") + len("deployments "), 1))
            await user.see(f"^ +{count}( of 6)? objects")


async def test_namespaces_with_phase_and_what_is_known_of_them() -> None:
    async with running(shop(), start=StartView(namespace="shop")) as user:
        await user.see("5 pods")
        await user.press("colon", *"ns", "enter")
        await user.see("shop +Active · 5 pods, 1 deployments")
        await user.see("old +Terminating")


async def test_a_hot_key_leads_where_it_says_and_takes_none_that_means_something() -> None:
    settings = Settings(hotkeys={"f6": "deployments", "y": "deployments", "W": "po /web-1"})
    async with running(shop(), settings=settings, start=StartView(namespace="shop")) as user:
        await user.see("5 pods")
        await user.press("W")
        await user.see("1 of 5 pods +/web-1")
        await user.press("y")
        await user.see("kind: Pod")
        await user.press("f6")
        await user.see("1 deployment")


async def test_columns_and_orders_of_a_namespace() -> None:
    settings = Settings(
        columns={"pods@sh*": ("NAME", "RESTARTS", "PF"), "pods": ("NAME", "AGE")},
        orders={"pods@shop": "-RESTARTS", "deployments": "AGE", "services": "-NAME"},
    )
    async with running(shop(), settings=settings, start=StartView(namespace="shop")) as user:
        await user.see("Pod has no column 'PF'")
        await user.see("NAME +RESTARTS↓")
        await user.see_no("AGE")
        await user.press("colon", *"pods", "enter")
        await user.press("0")
        await user.see("NAMESPACE↑ +NAME +AGE")
        await user.press("colon", *"dp -n shop", "enter")
        await user.see("AGE↑")
        await user.press("left_square_bracket", "left_square_bracket")
        await user.see("NAME +RESTARTS↓")
        await user.press("left_square_bracket")
        await user.see("Nothing was looked at before")


async def test_an_order_that_was_chosen_stays_in_another_namespace() -> None:
    settings = Settings(orders={"pods@shop": "-RESTARTS"})
    async with running(shop(), settings=settings, start=StartView(namespace="shop")) as user:
        await user.see("RESTARTS↓")
        await user.press("A", "0")
        await user.see("AGE↑")


async def test_skins_in_the_folder_of_k9s_are_themes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("K9S_CONFIG_DIR", str(tmp_path))
    (tmp_path / "skins").mkdir()
    for name in ("night", "nord"):
        (tmp_path / "skins" / f"{name}.yaml").write_text('k9s: {body: {fgColor: "#dddddd", bgColor: "#102030"}}\n')
    (tmp_path / "skins" / "broken.yaml").write_text("k9s: [")
    async with running(shop(), start=StartView(namespace="shop")) as user:
        await user.see("5 pods")
        await user.press("colon", *"skin night", "enter")
        assert user.app.current_theme.background == "#102030"
        await user.press("colon", *"skin nord", "enter")
        assert user.app.current_theme.background != "#102030", "a theme of that name is another one"
        await user.press("colon", *"skin k9s-nord", "enter")
        assert user.app.current_theme.background == "#102030"
        told = user.listen()
        await user.press("colon", *"skin broken", "enter")
        assert len(told) == 1 and "broken.yaml" in told[0]
        user.app.use_settings(Settings(k9s=False))
        await user.press("colon", *"skin night", "enter")
        assert "there is no theme 'night'" in told[1]


async def test_keys_that_lead_elsewhere_from_a_row() -> None:
    replica_sets = resource("replicasets", "ReplicaSet", "apps", "rs")
    session = FakeSession((*RESOURCES, replica_sets))
    web = make("Deployment", "web", spec={"selector": {"matchLabels": {"app": "web"}}})
    owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": "u", "controller": True}
    session.feed(DEPLOYMENTS).put(web)
    session.feed(replica_sets).put(
        make("ReplicaSet", "web-1", metadata={"ownerReferences": [owner]}), make("ReplicaSet", "db-1")
    )
    for namespace in ("shop", None):
        session.feed(PODS, namespace).put(pod("web-1"), pod("web-2"))
    session.feed(PODS, None).put(pod("dns-1", "kube-system"))
    session.feed(SECRETS).put(make("Secret", "login", data={"a": "Yg=="}))
    session.feed(NAMESPACES).put(make("Namespace", "shop", ""), make("Namespace", "old", ""))
    async with running(session, start=StartView("pods", all_namespaces=True)) as user:
        await user.see("3 pods")
        told = user.listen()
        await user.press("end", "n", "w")
        assert user.app.clipboard == "shop" and told == ["Copied shop."]
        await user.see("demo › shop › pods")
        assert user.app.home.table.cursor_key == "shop/web-2"
        await user.press("w")
        assert told[-1] == "What is shown is all of shop already."
        await user.press("z")
        await user.press("colon", *"dp", "enter")
        await user.see("1 deployment")
        await user.press("z")
        await user.see("/owner:deployment/web")
        assert names(user) == ["web-1"]
        await user.press("colon", *"sec", "enter")
        await user.see("1 secret")
        await user.press("u")
        await user.see("pods +.*/secret:shop/login|/secret:shop/login")
        await user.press("colon", *"namespaces", "enter")
        await user.see("2 namespaces")
        await user.press("home", "u")
        assert "shown in namespace old from now on" in told[-1]


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("n", "It is in no namespace."),
        ("w", "node-1 is in no namespace."),
        ("u", "it changes no node"),
        ("ctrl+e", "The header stays"),
        ("ctrl+g", "The way here stays"),
    ],
)
async def test_where_they_lead_nowhere_a_sentence_says_so(key: str, says: str) -> None:
    session = shop()
    session.feed(NODES).put(make("Node", "node-1", ""))
    async with running(session, start=StartView("nodes")) as user:
        await user.see("1 node")
        told = user.listen()
        await user.press(key, key)
        assert len(told) == 1 and says in told[0]


async def test_the_filter_is_cleared() -> None:
    async with running(shop(), start=StartView(namespace="shop")) as user:
        await user.see("5 pods")
        await user.press("slash", *"web-2", "enter")
        await user.see("1 of 5 pods")
        await user.press("ctrl+u")
        await user.see("^ +5 pods *$")


async def test_lines_as_k9s_takes_them() -> None:
    async with running(shop(), size=(140, 30), start=StartView(namespace="shop")) as user:
        await user.see("5 pods")
        await user.press("colon", *"po -f wb3", "enter")
        await user.see("1 of 5 pods +/-f wb3")
        await user.press("colon", *"po 'app in (web)' /web-1", "enter")
        await user.see("-l app in \\(web\\) +/web-1")
        told = user.listen()
        await user.press("colon", *"can u:fred", "enter")
        assert told == ["The server has no list of users and groups; :crb and :rb show who is bound to which role."]
