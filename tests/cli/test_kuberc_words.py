"""Aliases and defaults of a kuberc in the words of the command line."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from kwatch.cli.arguments import InfoArguments, UsageError, WatchArguments
from kwatch.cli.kubectl_words import ONLY_KUBECTL
from kwatch.cli.kuberc_words import preferred
from kwatch.cli.logs import LogsArguments
from kwatch.cli.parser import COMMANDS, parse

if TYPE_CHECKING:
    from kwatch.cli.parser import Arguments

KUBECTL = shutil.which("kubectl", path=str(Path(sys.executable).parent)) or shutil.which("kubectl")


class Preferring:
    """Parses words as a user with that kuberc; `told` are the warnings."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.told: list[str] = []

    def __call__(self, line: str, **kuberc: Any) -> Arguments:
        head = {"apiVersion": "kubectl.config.k8s.io/v1beta1", "kind": "Preference"}
        self._path.write_text(yaml.safe_dump(head | kuberc))
        return parse(*preferred(line.split(), self.told.append))

    def watched(self, line: str, **kuberc: Any) -> WatchArguments:
        arguments = self(line, **kuberc)
        assert isinstance(arguments, WatchArguments)
        return arguments


@pytest.fixture
def prefer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Preferring:
    monkeypatch.setenv("KUBERC", str(tmp_path / "kuberc"))
    return Preferring(tmp_path / "kuberc")


def options(**values: str) -> list[dict[str, str]]:
    return [{"name": name.replace("_", "-"), "default": value} for name, value in values.items()]


def defaults(command: str, **values: str) -> dict[str, Any]:
    return {"defaults": [{"command": command, "options": options(**values)}]}


GETN = {"name": "getn", "command": "get", "prependArgs": ["nodes"], "options": options(output="wide")}


def test_an_alias_is_written_out_with_its_words_around_those_of_the_user(prefer: Preferring) -> None:
    alias = {"name": "sys", "command": "get", "prependArgs": ["pods"], "appendArgs": ["-n", "kube-system"]}
    found = prefer.watched("-l app=dns sys", aliases=[alias])
    assert (found.selection.resource, found.selection.namespace) == ("pods", "kube-system")
    assert found.selection.label_selector == "app=dns" and found.output.once
    found = prefer.watched("getn worker-1 --show-labels", aliases=[GETN])
    assert (found.selection.resource, found.selection.name) == ("nodes", "worker-1")
    assert found.output.printed == "wide" and found.output.format is None and found.output.show_labels
    assert prefer.watched("getn -o json", aliases=[GETN]).output.format == "json"
    tail = {"name": "last", "command": "logs", "options": options(tail="5")}
    logs = prefer("last pod/x", aliases=[tail])
    assert isinstance(logs, LogsArguments) and logs.tail == 5 and logs.words == ("pod/x",)


def test_defaults_are_for_what_the_user_does_not_say(prefer: Preferring) -> None:
    kuberc = defaults(
        "get", namespace="shop", show_labels="true", label_columns="app,tier", output="wide", watch="false"
    )
    for line in ("pods", "get pods", ""):
        found = prefer.watched(line, **kuberc)
        assert found.selection.namespace == "shop" and found.output.show_labels
        assert found.output.label_columns == ("app", "tier")
        # A table stays a table: only what is printed is wide, and the screen begins with more columns.
        assert (found.output.format, found.output.printed, found.output.until_synced) == (None, "wide", False)
    found = prefer.watched("pods -n web --show-labels=false -L zone -o name", **kuberc)
    assert found.selection.namespace == "web" and not found.output.show_labels
    assert found.output.label_columns == ("zone",) and found.output.format == "name"


def test_defaults_of_get_are_for_neither_an_alias_nor_another_command(prefer: Preferring) -> None:
    kuberc = defaults("get", namespace="shop")
    assert prefer.watched("getn", aliases=[GETN], **kuberc).selection.namespace is None
    logs = prefer("logs pod/x", **kuberc)
    assert isinstance(logs, LogsArguments) and logs.selection.namespace is None
    info = prefer("info", **kuberc)
    assert isinstance(info, InfoArguments)


def test_what_only_kubectl_has_is_left_out(prefer: Preferring) -> None:
    found = prefer.watched("pods", **defaults("get", chunk_size="100", server_print="false", output="go-template"))
    assert found == parse(["pods"])
    assert not prefer.told


@pytest.mark.parametrize(
    ("kuberc", "says"),
    [
        (defaults("get", nope="1"), "says what --nope is, which kubectl get has not"),
        (defaults("get", show_labels="maybe"), "says --show-labels=maybe, which is neither true nor false"),
        ({"aliases": [{"name": "x", "command": "getx"}]}, "the alias x of the kuberc"),
        (
            {"aliases": [{"name": "x", "command": "delete", "appendArgs": ["pods"]}]},
            "kwatch only reads, so it has no delete",
        ),
        ({"aliases": [{"name": "x1", "command": "get"}]}, "not made of letters alone"),
    ],
)
def test_what_kubectl_would_not_take_is_one_sentence(prefer: Preferring, kuberc: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError, match=re.escape(says)):
        prefer("x" if "aliases" in kuberc else "pods", **kuberc)


def test_an_alias_never_hides_a_command(prefer: Preferring) -> None:
    found = prefer("info", aliases=[{"name": "info", "command": "get"}])
    assert isinstance(found, InfoArguments)
    found = prefer.watched("get pods", aliases=[{"name": "get", "command": "get", "prependArgs": ["nodes"]}])
    assert found.selection.resource == "pods"
    assert len(prefer.told) == 1 and prefer.told[0].startswith("get is a command")


def test_help_needs_no_kuberc(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KUBERC", str(tmp_path / "nowhere"))
    assert preferred(["--help"], pytest.fail) == (["--help"], {})
    with pytest.raises(UsageError, match="No such file"):
        preferred(["pods"], pytest.fail)
    with pytest.raises(UsageError, match="elsewhere"):
        preferred(["pods", "--kuberc", str(tmp_path / "elsewhere")], pytest.fail)


@pytest.mark.skipif(KUBECTL is None, reason="there is no kubectl here")
@pytest.mark.parametrize("command", ONLY_KUBECTL)
def test_every_flag_of_kubectl_is_known(command: str) -> None:
    assert KUBECTL is not None
    flags = set()
    for words in ((command, "--help"), ("options",)):
        said = subprocess.run([KUBECTL, *words], capture_output=True, text=True, check=True, timeout=60).stdout
        flags |= set(re.findall(r"^ +(?:-\w, )?--([a-z-]+)=", said, re.MULTILINE))
    assert len(flags) > 30
    parser = COMMANDS[command].parser()
    unknown = flags - ONLY_KUBECTL[command].keys()
    missing = {name for name in unknown if f"--{name}" not in parser._option_string_actions}
    assert not missing
