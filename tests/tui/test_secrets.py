"""Every screen on Secrets: neither a value nor its base64 is ever drawn, copied or said before `x` asks for it."""

from __future__ import annotations

import base64
import json

import pytest

from kwatch.config.settings import Settings
from kwatch.informer.kube_object import KubeObject
from kwatch.tui.app import KwatchApp
from kwatch.tui.kit.widgets.prompt import Prompt
from kwatch.tui.location import StartView
from tests.tui.driving import running
from tests.tui.fakes import SECRETS, FakeSession, make

WORDS = ("hunter2-hunter2", "swordfish-2026")
HIDDEN = (*WORDS, *(base64.b64encode(word.encode()).decode().rstrip("=") for word in WORDS))


def secret(word: str, version: int) -> KubeObject:
    value = base64.b64encode(word.encode()).decode()
    annotations = {
        "kapp.k14s.io/original": json.dumps({"kind": "Secret", "data": {"password": value}}),
        "plain": f"see {word}",
    }
    return make(
        "Secret",
        "login",
        version=version,
        metadata={"annotations": annotations, "labels": {"copy": word}},
        data={"password": value},
        type="Opaque",
    )


async def test_no_screen_shows_a_value_of_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setattr(KwatchApp, "copy_to_clipboard", lambda app, text: seen.append(text))
    session = FakeSession()
    feed = session.feed(SECRETS)
    feed.put(secret(WORDS[0], 1))
    columns = ("NAME", "PW:.data.password|string|40", "NOTE:.metadata.annotations.plain", "L:label:copy")
    settings = Settings(columns={"secrets": columns}, indices={"secrets": ("pw:.data.password",)})
    async with running(session, size=(160, 40), settings=settings, start=StartView("secrets")) as user:
        await user.see(r"login .*\*\*\* \(15 bytes")
        feed.put(secret(WORDS[1], 2))
        await user.see(r"\*\*\* \(14 bytes")
        for text in (".data.password=", "pw:", "copy=", "~data.password:"):
            await user.press("slash")
            user.app.screen.query_one(Prompt).input.value = text
            await user.press("tab")
            seen.append(user.text)
            await user.press("tab", "escape", "escape")
        await user.press("i", "p", "w", "enter")
        seen.append(user.text)
        await user.press("escape", "escape", "escape")
        for key in ("d", "v", "T", "D", "m", "M", "t"):
            await user.press(key, "down", "enter")
            seen.append(user.text)
            await user.press("c", "escape", "escape", "escape")
            seen.append(user.text)
        await user.press("y")
        await user.see(r"password: .*\*\*\* \(14 bytes")
        await user.press("c")
        seen.append(user.text)
        shown = "\n".join(seen)
        assert shown.count("*** (14 bytes") > 5
        assert not [word for word in HIDDEN if word in shown]
        await user.press("x", "enter")
        await user.see(f"password: {WORDS[1]}")
