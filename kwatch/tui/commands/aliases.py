"""Other words for what one types after the colon: the user's aliases, kubectl's short names, and what k9s calls things;
and the list of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kwatch.catalog.names import K9S_NAMES
from kwatch.tui.navigation import load

if TYPE_CHECKING:
    from kwatch.informer.resource import Resource
    from kwatch.tui.base_app import Application

_NO_PORTS = "kwatch only reads: it forwards no port. K on a pod copies the kubectl command that does."
_NO_HELM = "kwatch does not know Helm's releases; :secrets /owner=helm lists where Helm keeps them."
_NO_FILES = "kwatch applies no files; kubectl apply -f does."
_NO_BENCHMARKS = "kwatch only reads: it measures no service."
_NO_SUBJECTS = "The server has no list of users and groups; :crb and :rb show who is bound to which role."
K9S_SCREENS: Mapping[str, str] = {
    **dict.fromkeys(("pf", "portforward", "portforwards"), _NO_PORTS),
    **dict.fromkeys(("hm", "helm", "chart", "charts"), _NO_HELM),
    **dict.fromkeys(("dir", "dirs", "d", "ls"), _NO_FILES),
    **dict.fromkeys(("be", "bench", "benchmark", "benchmarks"), _NO_BENCHMARKS),
    **dict.fromkeys(("usr", "user", "users", "grp", "group", "groups", "can"), _NO_SUBJECTS),
    **dict.fromkeys(("sd", "screendump", "screendumps"), "kwatch dumps no screens; :report and :export write files."),
    **dict.fromkeys(("scan", "scans"), "kwatch scans no images."),
    "plugins": "kwatch runs no plugins; hooks in config.yaml run a command when a filter begins to match.",
}
"""What k9s has a screen for and kwatch has not: a sentence each."""


def expanded(text: str, aliases: Mapping[str, str]) -> str:
    """What was typed, with its first word replaced by what it stands for. What follows is added, filters last."""
    seen: set[str] = set()
    while True:
        word, _, rest = text.strip().partition(" ")
        meant = aliases.get(word, "").strip()
        if not meant or word in seen:
            return text
        seen.add(word)
        head, _, narrowed = meant.partition(" /")
        more, _, typed = f" {rest}".partition(" /")
        filters = " ".join(each.strip() for each in (narrowed, typed) if each.strip())
        text = f"{head} {more.strip()}".strip() + (f" /{filters}" if filters else "")


def elsewhere(app: Application, text: str) -> str:
    """What to say of a screen of k9s that kwatch has not; empty where the server has something of that name."""
    word = text.strip().partition(" ")[0].casefold()
    session = app.session
    is_known = session is not None and session.names is not None and session.names.find(word) is not None
    return "" if is_known else K9S_SCREENS.get(word, "")


def open_aliases(screen: Any) -> None:
    """Every alias with what it stands for; Enter goes there."""
    app = screen.kwatch

    def chosen(text: str | None) -> None:
        if text is not None:
            load("kwatch.tui.commands.command_line:run_text")(screen, text)

    choose = load("kwatch.tui.features.choice_screen:choose_from")
    choose(screen, "Aliases: type one after :", lambda: [*_listed(app)], chosen)


def _listed(app: Application) -> Iterator[tuple[str, str, str]]:
    """What to run, the words for it, and what it is: the user's own first."""
    for word, meant in app.settings.aliases.items():
        yield word, word, f"yours: {meant}"
    for command in app.commands_of(app.screen_stack[0]):
        if len(command.words) > 1:
            yield command.words[0], ", ".join(command.words), command.title
    session = app.session
    names = session.names if session is not None else None
    if names is None:
        return
    others: dict[str, list[str]] = {}
    for word, meant in K9S_NAMES.items():
        if names.find(word) is not None and str(names.find(word)) in (meant, meant.partition(".")[0]):
            others.setdefault(str(names.find(word)), []).append(word)
    for resource in sorted(names.resources, key=str):
        if resource.preferred and resource.watchable:
            words = dict.fromkeys((resource.name, *resource.short_names, *others.get(str(resource), ())))
            yield str(resource), ", ".join(words), _described(resource)
    yield "workloads", "workloads, workload, wk", "pods, services and workloads in one table"


def _described(resource: Resource) -> str:
    scope = "" if resource.namespaced else ", in no namespace"
    version = f"{resource.group}/{resource.version}" if resource.group else resource.version
    return f"{resource.kind}, {version}{scope}"
