"""The words a user types, and what they mean."""

from __future__ import annotations

import pytest

from kwatch.cli import run
from kwatch.cli.arguments import CompletionArguments, DemoArguments, InfoArguments, UsageError, WatchArguments
from kwatch.cli.parser import parse


def watch(*words: str) -> WatchArguments:
    arguments = parse(words)
    assert isinstance(arguments, WatchArguments)
    return arguments


def test_nothing_means_pods() -> None:
    assert watch().selection.resource == "pods"
    assert watch().selection.name is None


@pytest.mark.parametrize("words", [("deploy/web",), ("deploy", "web"), ("deploy", "-n", "shop", "web")])
def test_an_object_by_slash_or_by_space(words: tuple[str, ...]) -> None:
    selection = watch(*words).selection
    assert (selection.resource, selection.name) == ("deploy", "web")


def test_kubectls_flags_have_kubectls_meaning() -> None:
    arguments = watch("po", "-n", "shop", "-l", "app=cart", "--context", "blue", "-s", "https://x", "--as", "eve")
    assert arguments.selection.namespace == "shop"
    assert arguments.selection.label_selector == "app=cart"
    assert arguments.connection.context == "blue"
    assert arguments.connection.server == "https://x"
    assert arguments.connection.as_user == "eve"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((), None),
        (("--insecure-skip-tls-verify",), True),
        (("--insecure-skip-tls-verify=true",), True),
        (("--insecure-skip-tls-verify=false",), False),
    ],
)
def test_tls_is_verified_unless_the_user_says_otherwise(words: tuple[str, ...], expected: bool | None) -> None:
    assert watch("pods", *words).connection.insecure_skip_tls_verify is expected


def test_compression_is_decided_by_kwatch_unless_the_user_does() -> None:
    words: tuple[tuple[str, ...], ...] = ((), ("--disable-compression",), ("--disable-compression=false",))
    assert [watch("pods", *each).connection.disable_compression for each in words] == [None, True, False]


def test_groups_and_label_columns_repeat_and_split() -> None:
    arguments = watch("pods", "--as-group", "a", "--as-group", "b", "-L", "app,tier", "-L", "zone")
    assert arguments.connection.as_groups == ("a", "b")
    assert arguments.output.label_columns == ("app", "tier", "zone")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--nope",), "--nope"),
        (("pods,svc/web",), "one resource"),
        (("pods/a", "b"), "not both"),
        (("pods/a/b",), "more than one slash"),
        (("pods/",), "no resource"),
        (("pods", "web", "-A"), "-n NAMESPACE"),
        (("-o", "xml"), "unknown output format 'xml'"),
        (("demo", "--objects", "0"), "from 1 to"),
        (("demo", "--objects", "99999999999999999999"), "to 1,000,000"),
        (("demo", "--contexts", "0"), "--contexts must be from 1 to 5"),
        (("demo", "--contexts", "6"), "--contexts must be from 1 to 5"),
        (("demo", "--rate", "-1"), "--rate must be from 0 to"),
        (("demo", "--rate", "nan"), "--rate must be from 0 to"),
        (("demo", "--rate", "inf"), "--rate must be from 0 to"),
        (("demo", "--faults", "bogus"), "there is no fault 'bogus'"),
        (("demo", "--faults", "reset=2"), "must be between 0 and 1"),
        (("demo", "--objects", "many"), "many"),
        (("demo", "--scenario", "/nowhere/x.yaml"), "/nowhere/x.yaml: No such file"),
        (("--insecure-skip-tls-verify=perhaps",), "perhaps"),
        (("completion", "tcsh"), "tcsh"),
    ],
)
def test_words_that_do_not_fit_get_a_sentence(words: tuple[str, ...], says: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(words)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_demo_takes_what_a_watch_takes() -> None:
    arguments = parse(["demo", "deploy", "-A", "--objects", "500", "--rate", "20", "--faults", "reset=0.1"])
    assert isinstance(arguments, DemoArguments)
    assert (arguments.objects, arguments.rate, arguments.faults) == (500, 20.0, "reset=0.1")
    assert arguments.watch.selection.resource == "deploy"
    assert arguments.watch.selection.all_namespaces


def test_the_other_commands() -> None:
    assert isinstance(parse(["info", "--context", "blue"]), InfoArguments)
    assert parse(["completion", "zsh"]) == CompletionArguments("zsh")


def test_a_view_is_no_stream(capsys: pytest.CaptureFixture[str]) -> None:
    """What is captured is no terminal: rows of something else would look like those of the view."""
    assert run(["--view", "mine", "--server", "http://127.0.0.1:1"]) == 2
    assert "--view is for the screen" in capsys.readouterr().err


def test_help_is_plain(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """From Python 3.14 on argparse would colour it."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    for words in (["--help"], ["demo", "--help"], ["history", "--help"]):
        assert run(words) == 0
        assert "\x1b" not in capsys.readouterr().out
