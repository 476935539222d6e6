"""Delta log, informers, help, lists to choose from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kwatch.config.settings import Settings
from kwatch.informer.status import ErrorRecord, Phase
from kwatch.session.state import RECORDING
from kwatch.tui.location import StartView
from kwatch.view.indexes_on_demand import demand_indices
from tests.tui.driving import running
from tests.tui.fakes import NAMESPACES, NODES, PODS, FakeSession, make, pod


def shop() -> FakeSession:
    session = FakeSession()
    session.feed(PODS).put(pod("web-1"), pod("cart-1"))
    return session


async def test_the_delta_log_follows_pauses_and_filters() -> None:
    session = shop()
    async with running(session, size=(140, 30)) as user:
        await user.see("2 pods")
        session.feed(PODS).put(pod("web-1", phase="Pending", version=2))
        await user.press("D")
        await user.see(r"~.* pods +shop/web-1.*Running -> Pending")
        await user.press("space")
        await user.see("paused")
        session.feed(PODS).put(pod("cart-2"))
        await user.pilot.pause(0.3)
        assert "cart-2" not in user.text
        await user.press("space")
        await user.see(r"▌\+.* pods +shop/cart-2")
        await user.press("slash")
        await user.type("~status.phase")
        await user.see("1 of 4")
        assert "shop/cart-2" not in user.text
        await user.press("enter", "enter")
        await user.see("History 2")


async def test_informers_say_everything_of_themselves() -> None:
    session = shop()
    error = ErrorRecord(1000.0, "watch", "the server went away", 503)
    session.feed(PODS).set_status(objects=2, events=17, relists={"expired": 3}, last_error=error, errors=(error,))
    async with running(session, size=(240, 30)) as user:
        await user.see("2 pods")
        await user.press("I")
        await user.see("pods in shop")
        row = user.line_with("pods in shop")
        for part in ("watching", "a table", "2", "17", "3 expired", "the server went away"):
            assert part in row
        await user.see("watch 503 +the server went away")
        await user.see("watched for a table")
        session.feed(PODS).released_in = 47.8
        await user.see("nobody, released in 48 s; its history has a gap from then until it is watched again")


async def test_the_indices_of_an_informer_are_told_with_their_sizes_and_users() -> None:
    session = shop()
    session.feed(PODS).put(*[pod(f"web-{number}", app="web") for number in range(40)])
    demand = demand_indices(session.feed(PODS).indexer, {"status": lambda obj: (str(obj["status"]["phase"]),)})
    demand.make()
    async with running(session, size=(120, 50)) as user:
        await user.see("41 pods")
        await user.press("I")
        await user.see(r"index +namespace +1 value, 41 objects\s")
        await user.see(r"index +label +2 values, 41 objects\s")
        await user.see(r"index +status +1 value, 41 objects +on demand, used by 1 view")
        demand.release()
        await user.see("on demand, unused, goes soon")


async def test_help_shows_the_keys_in_force() -> None:
    settings = Settings(keys={"object.yaml": "f4"})
    async with running(shop(), size=(140, 60), settings=settings) as user:
        await user.see("2 pods")
        assert "f4 yaml" in user.lines[-1].casefold()
        await user.press("question_mark")
        await user.see("(?i)f4 +The object as YAML")
        await user.press("slash")
        await user.type("regular expression")
        await user.see("1 of 1")
        await user.press("escape", "escape", "f4")
        await user.see("▾ metadata:")


async def test_namespaces_are_chosen_by_typing() -> None:
    session = shop()
    session.feed(NAMESPACES).put(make("Namespace", "shop", ""), make("Namespace", "kube-system", ""))
    session.feed(PODS, "kube-system").put(pod("dns-1", "kube-system"))
    async with running(session) as user:
        await user.see("2 pods")
        await user.press("colon", "n", "s", "enter")
        await user.see("Namespaces")
        await user.see("kube-system")
        await user.type("kube")
        await user.see_no("all namespaces +$")
        await user.press("enter")
        await user.see("dns-1")


async def test_where_namespaces_may_not_be_listed_those_known_are_offered_and_any_can_be_typed() -> None:
    session = shop()
    session.feed(PODS, None).put(pod("pay-1", "payments"))
    refused = ErrorRecord(1.0, "list", "eve cannot list namespaces", 403)
    session.feed(NAMESPACES).set_status(phase=Phase.FORBIDDEN, synced_at=None, last_error=refused)
    async with running(session) as user:
        await user.see("2 pods")
        await user.press(*":ns", "enter")
        await user.see("You may not list namespaces: these are known from elsewhere, and any name can be typed")
        await user.see("payments +seen in objects")
        await user.see("[*] shop +the context's")
        await user.type("secret-place")
        await user.see("secret-place +as typed")
        await user.press("enter")
        await user.see("No pods in namespace secret-place")
        await user.press(*":ns", "enter")
        await user.see("secret-place +(typed before|watched)")
        await user.type("No/Name")
        await user.see("Nothing matches")
        await user.press("escape", "colon")
        await user.type("ns pay")
        await user.press("tab", "enter")
        await user.see("payments › pods")


async def test_a_list_of_namespaces_that_is_coming_says_so() -> None:
    session = shop()
    session.feed(NAMESPACES).set_status(phase=Phase.LISTING, synced_at=None)
    async with running(session) as user:
        await user.see("2 pods")
        await user.press(*":ns", "enter")
        await user.see("Listing namespaces …")
        session.feed(NAMESPACES).put(make("Namespace", "kube-system", ""))
        session.feed(NAMESPACES).set_status(phase=Phase.WATCHING, synced_at=1.0)
        await user.see("kube-system")
        await user.see_no("Listing")
        await user.type("elsewhere")
        await user.see("Nothing matches")
        await user.press("escape", "colon")
        await user.type("ns elsewhere")
        await user.press("enter")
        await user.see("No pods in namespace elsewhere$[^$]*There is no such namespace")


async def test_what_is_in_no_namespace_says_so_and_remembers_the_choice() -> None:
    session = shop()
    session.feed(NODES, None).put(make("Node", "node-1", ""))
    session.feed(PODS, "payments").put(pod("pay-1", "payments"))
    async with running(session) as user:
        await user.see("2 pods")
        await user.press(*":nodes", "enter")
        await user.see("1 node")
        await user.press("colon")
        await user.type("ns payments")
        await user.press("enter")
        await user.see("Nodes are in no namespace.")
        await user.press(*":pods", "enter")
        await user.see("pay-1")


async def test_without_namespaces_to_ask_those_of_the_objects_are_offered() -> None:
    session = FakeSession((PODS,))
    session.state = replace(session.state, version=RECORDING, namespace="")
    session.contexts = session.contexts[:1]
    session.feed(PODS).put(pod("web-1"))
    async with running(session, start=StartView(all_namespaces=True)) as user:
        await user.see("as it was")
        await user.press(*":ns", "enter")
        await user.see("Namespaces were not recorded: these are those of the objects")
        await user.see("shop +of the context demo")
        await user.press("escape", "colon")
        await user.type("ctx other")
        await user.press("enter")
        await user.see("A recording has no other contexts")


async def test_a_context_that_is_not_there_is_told_and_nothing_is_left_for_it() -> None:
    session = shop()
    async with running(session) as user:
        await user.see("2 pods")
        await user.press("colon")
        await user.type("ctx nowhere")
        await user.press("enter")
        await user.see("There is no context 'nowhere'; there are demo and prod")
        assert not session.closed
        session.contexts = ()
        await user.press(*":ctx", "enter")
        await user.see("The kubeconfig has none")


async def test_a_theme_is_tried_while_it_is_chosen() -> None:
    async with running(shop()) as user:
        await user.see("2 pods")
        await user.press("colon")
        await user.type("theme")
        await user.press("enter")
        await user.see("catppuccin-mocha")
        await user.type("nord")
        await user.pilot.pause()
        assert user.app.theme == "nord"
        await user.press("escape")
        assert user.app.theme == "kwatch-dark"
        await user.press("colon")
        await user.type("theme dracula")
        await user.press("enter")
        assert user.app.theme == "dracula"


async def test_the_palette_runs_commands() -> None:
    async with running(shop()) as user:
        await user.see("2 pods")
        await user.press("ctrl+p")
        await user.see("Commands")
        await user.type("sort by age")
        await user.press("enter")
        await user.see("AGE↑")


async def test_another_context_is_another_session() -> None:
    first, second = shop(), FakeSession()
    second.state = first.state.__class__(first.state.phase, "", "prod", "shop")
    second.feed(PODS).put(pod("prod-1"))
    sessions: dict[str | None, Any] = {None: first, "prod": second}
    async with running(first) as user:
        user.app.open_sessions.open_session = lambda context: sessions[context]
        await user.see("2 pods")
        await user.press("colon")
        await user.type("ctx")
        await user.press("enter")
        await user.see("Contexts")
        await user.type("prod")
        await user.press("enter")
        await user.see("prod-1")
        assert "prod" in user.lines[0]
    second.close()
