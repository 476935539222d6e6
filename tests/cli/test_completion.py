"""What may stand at the cursor, and what is printed of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from kwatch.cli import live_names
from kwatch.cli.candidates import Candidate, Place, Sort, place_of
from kwatch.cli.live_names import World, complete
from kwatch.cli.parser import COMMANDS
from kwatch.history.recording.recorder import Recorder
from tests.history.recording.samples import PODS


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Tab waits for a moment only, in which a busy machine may not even have read a file."""
    monkeypatch.setenv(live_names.WAIT, "60")


def place(line: str) -> Place:
    """Where the cursor is at the end of the line; an underscore is a blank at its end."""
    return place_of([word.strip("_") for word in line.split(" ")])


@pytest.mark.parametrize(
    ("line", "sort", "before", "typed"),
    [
        ("", Sort.RESOURCE, "", ""),
        ("de", Sort.RESOURCE, "", "de"),
        ("get de", Sort.RESOURCE, "", "de"),
        ("-n shop get de", Sort.RESOURCE, "", "de"),
        ("pods,de", Sort.RESOURCE, "pods,", "de"),
        ("deploy/ca", Sort.NAME, "deploy/", "ca"),
        ("get deploy ca", Sort.NAME, "", "ca"),
        ("pods -n sh", Sort.NAMESPACE, "", "sh"),
        ("pods -nsh", Sort.NAMESPACE, "-n", "sh"),
        ("pods -n !ku", Sort.NAMESPACE, "!", "ku"),
        ("pods -n !kube-system,ku", Sort.NAMESPACE, "!kube-system,", "ku"),
        ("get deploy web ca", Sort.NAME, "", "ca"),
        ("pod/a pod/ca", Sort.NAME, "pod/", "ca"),
        ("pod/a de", Sort.RESOURCE, "", "de"),
        ("pods --client-key k", Sort.FILE, "", "k"),
        ("pods --namespace=shop,pa", Sort.NAMESPACE, "--namespace=shop,", "pa"),
        ("--context pr", Sort.CONTEXT, "", "pr"),
        ("--context=pr", Sort.CONTEXT, "--context=", "pr"),
        ("--context a,pr", Sort.CONTEXT, "a,", "pr"),
        ("diff deploy --context a --against b,c", Sort.CONTEXT, "b,", "c"),
        ("--user u", Sort.USER, "", "u"),
        ("info --cluster c", Sort.CLUSTER, "", "c"),
        ("--kubeconfig /et", Sort.FILE, "", "/et"),
        ("replay sh", Sort.FILE, "", "sh"),
        ("replay shop.kwatch po", Sort.RESOURCE, "", "po"),
        ("record shop.kwatch pods de", Sort.RESOURCE, "", "de"),
        ("logs deploy/cart svc/", Sort.NAME, "svc/", ""),
        ("report deploy/ca", Sort.NAME, "deploy/", "ca"),
        ("--view br", Sort.VIEW, "", "br"),
        ("demo --scenario ch", Sort.SCENARIO, "", "ch"),
        ("wait pods app", Sort.FIXED, "", "app"),
        ("pods -l app", Sort.FIXED, "", "app"),
        ("history deploy/cart x", Sort.FIXED, "", "x"),
    ],
)
def test_what_is_completed(line: str, sort: Sort, before: str, typed: str) -> None:
    found = place(line)
    assert (found.sort, found.before, found.typed) == (sort, before, typed)


def test_commands_are_offered_only_where_one_can_stand() -> None:
    assert {name for name, _ in place("").fixed} == set(COMMANDS)
    assert {name for name, _ in place("-n shop _").fixed} == set(COMMANDS)
    assert not place("get _").fixed and not place("pods _").fixed
    assert dict(place("").fixed)["wait"] == "Wait until a filter holds"


def test_flags_are_those_of_the_command_each_once() -> None:
    flags = dict(place("pods -A --").fixed)
    assert "--all-namespaces" not in flags and "--namespace" in flags and "--until-synced" in flags
    assert flags["--selector"] == "label selector, applied by the server"
    assert "--max-log-requests" in dict(place("logs --").fixed)
    assert "--as-group" in dict(place("pods --as-group a --").fixed)
    assert dict(place("pods -o _").fixed).keys() >= {"kyaml", "jsonpath="}
    assert [name for name, _ in place("completion _").fixed] == ["bash", "zsh", "fish"]
    assert next(name for name, _ in place("pods --log-level=_").fixed) == "debug"


def test_what_was_said_before_says_which_cluster_is_asked() -> None:
    found = place("--kubeconfig k -n shop --context=b -A get pods -s https://x _")
    assert found.connection is not None
    assert (found.connection.kubeconfig, found.connection.context, found.connection.server) == ("k", "b", "https://x")
    assert (found.namespace, found.all_namespaces, found.resource) == ("shop", True, "pods")
    # A demo and a recording ask none.
    assert place("demo pods _").connection is None
    assert place("history pods _").connection is not None
    assert place("history --file x pods _").connection is None


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    assert complete(words) == 0
    return capsys.readouterr().out.splitlines()


def test_names_of_a_kubeconfig_that_cannot_be_typed_are_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ["prod-eu", "prod us", "prod\nx", "prod\x1b[2J", "test"]
    contexts = [{"name": name, "context": {"cluster": "c", "user": "u"}} for name in names]
    path = tmp_path / "config"
    path.write_text(yaml.safe_dump({"contexts": contexts}))
    assert printed(capsys, "--kubeconfig", str(path), "--context=pr") == [
        "--context=prod us\tc",
        "--context=prod-eu\tc",
        ":4",
    ]
    path.write_text("a: [")
    assert complete(["--kubeconfig", str(path), "--context="]) == 0
    told = capsys.readouterr()
    assert told.out == ":4\n" and "is not valid YAML" in told.err


def test_what_was_chosen_already_is_not_offered_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    contexts = [{"name": name, "context": {"cluster": "c", "user": "u"}} for name in ("eu", "us", "dev")]
    path = tmp_path / "config"
    path.write_text(yaml.safe_dump({"contexts": contexts}))
    assert printed(capsys, "--kubeconfig", str(path), "--context", "us,") == ["us,dev\tc", "us,eu\tc", ":4"]
    assert place("get pods a b _").chosen == {"a", "b"}


def test_contexts_of_a_recording_are_those_in_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "two.kwatch"
    recorder = Recorder(path)
    for context in ("eu", "us"):
        recorder.sink(context, PODS)
    recorder.close()
    assert printed(capsys, "replay", str(path), "--context", "") == ["eu", "us", ":4"]
    assert printed(capsys, "history", "--file", str(path), "pod/a", "--context", "eu,") == ["eu,us", ":4"]
    assert place("record x.kwatch pods --context _").recording is None


def test_of_several_contexts_the_first_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "config"
    contexts = [{"name": name, "context": {"cluster": "c", "user": "u"}} for name in ("dev", "prod-eu", "prod-us")]
    path.write_text(yaml.safe_dump({"contexts": contexts}))
    for said, asked in (("prod-*", "prod-eu"), ("prod-us,dev", "prod-us"), ("dev,", "dev"), ("dev", "dev")):
        world = World(place(f"--kubeconfig {path} --context {said} pods -n _"), print)
        assert world._connection.context == asked


def test_files_are_left_to_the_shell(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, "replay", "") == [":0"]
    assert printed(capsys, "demo", "--scenario", "changed-s") == ["changed-secret", ":0"]


def test_what_goes_on_gets_no_blank(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, "pods", "-o", "jsonpath-f") == ["jsonpath-file=", ":6"]
    assert printed(capsys, "pods", "-o", "ky") == ["kyaml", ":4"]


@pytest.mark.parametrize(
    ("said", "seconds"), [("", 0.6), ("3", 3.0), ("soon", 0.6), ("-1", 0.6), ("inf", 0.6), ("nan", 0.6)]
)
def test_how_long_it_waits_can_be_said(monkeypatch: pytest.MonkeyPatch, said: str, seconds: float) -> None:
    monkeypatch.setenv(live_names.WAIT, said)
    assert live_names._patience() == seconds


def test_a_cluster_that_hangs_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    never = threading.Event()

    def hanging(world: World) -> Iterator[Candidate]:
        yield "near", ""
        never.wait()
        yield "nearer", ""

    monkeypatch.setattr(World, "candidates", hanging)
    monkeypatch.setenv(live_names.WAIT, "0.05")
    assert set(printed(capsys, "pods", "-n", "n")) <= {"near", ":4"}
    never.set()


def test_aliases_of_a_kuberc_complete_as_what_they_stand_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alias = {"name": "getn", "command": "get", "prependArgs": ["nodes"]}
    wipe = {"name": "wipe", "command": "delete", "prependArgs": ["pods"]}
    head = {"apiVersion": "kubectl.config.k8s.io/v1beta1", "kind": "Preference"}
    path = tmp_path / "kuberc"
    path.write_text(yaml.safe_dump({**head, "aliases": [alias, wipe]}))
    monkeypatch.setenv("KUBERC", str(path))
    assert dict(place("ge").fixed)["getn"] == "alias for get nodes"
    assert "wipe" not in dict(place("_").fixed)
    found = place("getn wor")
    assert (found.sort, found.resource, found.typed) == (Sort.NAME, "nodes", "wor")
    path.write_text("a: [")
    assert "getn" not in dict(place("ge").fixed)
