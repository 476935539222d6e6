from __future__ import annotations

from kwatch.tui.app import KwatchApp
from kwatch.tui.features.explorer.explorer_panel import ExplorerPanel
from tests.query.cluster import pod
from tests.tui.cached_session import PODS, CachedSession, app_of, lines, texts, until
from tests.tui.driving import press

SIZE = (120, 40)


def world() -> CachedSession:
    running = [pod(f"shop/cart-{n}", labels={"app": "cart"}, node=f"node-{n % 2}", image="cart:1") for n in range(4)]
    failed = [pod(f"data/db-{n}", labels={"app": "db"}, phase="Failed", image="postgres:17") for n in range(2)]
    return CachedSession(*running, *failed)


async def test_facets_with_counts_open_beside_the_table() -> None:
    app = app_of(world())
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "cart-0")), "rows")
        await press(pilot, "i")
        await until(pilot, lambda: bool(texts(lines(app), "▾ status")), "facets")
        screen = lines(app)
        assert texts(screen, "No filter: 6 pods")
        (running,) = texts([line.split("▏", 1)[-1] for line in screen], " Running ")
        assert running.endswith(" 4")
        assert "██" in running
        assert texts(screen, "▸ label app")
        assert texts(screen, "cart-0")


def is_on(app: KwatchApp, value: str) -> bool:
    """Whether the cursor of the facets is on a value."""
    return any(line.rpartition("▏")[2].startswith("▌") and value in line for line in lines(app) if "▏" in line)


async def test_enter_filters_by_a_value_and_says_which_index_answered() -> None:
    app = app_of(world())
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "cart-0")), "rows")
        await press(pilot, "i", *"failed")
        await until(pilot, lambda: is_on(app, "Failed"), "narrowed")
        await press(pilot, "enter")
        await until(pilot, lambda: bool(texts(lines(app), "/status:Failed")), "filter")
        await until(pilot, lambda: bool(texts(lines(app), "2/2")), "counts")
        screen = lines(app)
        assert texts(screen, "2 of 6 pods")
        assert texts(screen, "status index 2;")
        assert texts(screen, "● ") and not texts(screen, "cart-0")
        await press(pilot, "enter")
        await until(pilot, lambda: bool(texts(lines(app), "cart-0")), "all again")


async def test_typing_leads_to_the_first_value_that_is_called_so() -> None:
    app = app_of(world())
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "cart-0")), "rows")
        await press(pilot, "i", *"node-1")
        await until(pilot, lambda: is_on(app, "node-1"), "narrowed")
        await press(pilot, "enter")
        await until(pilot, lambda: bool(texts(lines(app), "/node:node-1")), "filter")
        assert texts(lines(app), "2 of 6 pods")


async def test_a_facet_that_is_opened_gets_its_index() -> None:
    session = world()
    app = app_of(session)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "cart-0")), "rows")
        assert "image" not in session.cache(PODS).index_names
        await press(pilot, "i")
        await until(pilot, lambda: bool(texts(lines(app), "▸ image")), "image facet")
        while not texts(lines(app), "▌▸ image"):
            await press(pilot, "down")
        await press(pilot, "enter")
        await until(pilot, lambda: bool(texts(lines(app), "postgres:17")), "images")
        assert "image" in session.cache(PODS).index_names


async def test_counts_follow_the_cluster() -> None:
    session = world()
    app = app_of(session)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "i")
        await until(pilot, lambda: bool(texts(lines(app), "▾ status")), "facets")
        session.put(*[pod(f"shop/job-{n}", phase="Succeeded") for n in range(7)])
        await until(pilot, lambda: bool(texts(lines(app), "Succeeded")), "a new value")


async def test_what_is_excluded_is_not_shown() -> None:
    app = app_of(world())
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "i", *"failed")
        await until(pilot, lambda: is_on(app, "Failed"), "narrowed")
        await press(pilot, "ctrl+x")
        await until(pilot, lambda: bool(texts(lines(app), "/!status:Failed")), "filter")
        assert texts(lines(app), "4 of 6 pods")
        await until(pilot, lambda: bool(texts(lines(app), "!  Failed")), "marked as left out")


async def test_escape_clears_what_was_typed_then_closes_and_the_table_has_the_keys_again() -> None:
    app = app_of(world())
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "cart-0")), "rows")
        await press(pilot, "i", "x")
        await until(pilot, lambda: bool(texts(lines(app), "Nothing has that name")), "nothing")
        await press(pilot, "escape")
        await until(pilot, lambda: bool(texts(lines(app), "▾ status")), "facets again")
        await press(pilot, "escape")
        await until(pilot, lambda: not texts(lines(app), "▾ status"), "closed")
        assert app.focused is app.home.table


async def test_signs_of_other_commands_are_typed_like_letters() -> None:
    app = app_of(world())
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "cart-0")), "rows")
        await press(pilot, "i")
        await until(pilot, lambda: app.home.is_typing, "the panel has the keys")
        await press(pilot, "a", "slash", "colon", "q")
        await until(pilot, lambda: bool(texts(lines(app), "a/:q")), "typed")


async def test_it_fits_a_small_screen() -> None:
    app = app_of(world())
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "i")
        await until(pilot, lambda: bool(texts(lines(app), "▾ status")), "facets")
        screen = lines(app)
        assert all(len(line) <= 80 for line in screen)
        assert texts(screen, "cart-0")


async def test_the_footer_shows_the_explorers_own_keys_while_it_has_the_focus() -> None:
    app = app_of(world())
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "cart-0")), "rows")
        await press(pilot, "i")
        await until(pilot, lambda: "Ctrl-X exclude" in lines(app)[-1], "own keys")
        assert "↵ filter" in lines(app)[-1] and "Esc close" in lines(app)[-1]
        assert "yaml" not in lines(app)[-1]
        await press(pilot, "tab")
        await until(pilot, lambda: "yaml" in lines(app)[-1], "those of the table")
        assert app.focused is app.home.table
        await press(pilot, "i")
        await until(pilot, lambda: "Ctrl-X exclude" in lines(app)[-1], "own keys again")
        await pilot.click(offset=(lines(app)[-1].index("close"), SIZE[1] - 1))
        await until(pilot, lambda: not texts(lines(app), "▾ status"), "closed by a click on the hint")
        assert "yaml" in lines(app)[-1]


async def test_values_of_two_facets_intersect_and_are_let_go_one_by_one() -> None:
    app = app_of(world())
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "cart-0")), "rows")
        await press(pilot, "i", *"shop")
        await until(pilot, lambda: is_on(app, " shop "), "ns")
        await press(pilot, "enter", "escape", *"node-1")
        await until(pilot, lambda: is_on(app, " node-1 "), "nodes")
        await press(pilot, "enter")
        await until(pilot, lambda: bool(texts(lines(app), "/ns:shop node:node-1")), "both")
        await until(pilot, lambda: bool(texts(lines(app), "2 of 6 pods")), "two pods")
        await press(pilot, "enter")
        await until(pilot, lambda: bool(texts(lines(app), "4 of 6 pods")), "one facet left")
        await press(pilot, "escape")
        await until(pilot, lambda: bool(texts(lines(app), "●  shop")), "marked as chosen")


async def test_typing_finds_values_of_facets_that_nobody_has_opened() -> None:
    app = app_of(world())
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "cart-0")), "rows")
        await press(pilot, "i", *"postgres")
        await until(pilot, lambda: bool(texts(lines(app), "▾ image")), "the image facet")
        assert texts(lines(app), "postgres:17")


async def test_one_click_opens_a_facet_and_filters_by_a_value() -> None:
    app = app_of(world())
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "cart-0")), "rows")
        await press(pilot, "i")
        await until(pilot, lambda: bool(texts(lines(app), "▾ status")), "facets")
        seen: list[list[str]] = []

        def rests() -> bool:
            seen.append(lines(app))
            return len(seen) > 5 and all(each == seen[-1] for each in seen[-5:])

        await until(pilot, rests, "all facets at their places")
        left = app.home.query_one(ExplorerPanel).region.x + 6
        rows = [number for number, line in enumerate(lines(app)) if "Running" in line[left - 6 :]]
        await pilot.click(offset=(left, rows[0]))
        await until(pilot, lambda: "status:Running" in app.home.live.place.filter, "filtered")  # type: ignore[union-attr]
        opened = next(number for number, line in enumerate(lines(app)) if "▾ status" in line)
        await pilot.click(offset=(left, opened))
        await until(pilot, lambda: bool(texts(lines(app), "▸ status")), "folded")
