"""The words a user types, and what they mean."""

from __future__ import annotations

from pathlib import Path

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


@pytest.mark.parametrize("words", ["pods a b a", "pods/a -n shop pods/b", "get pods a b", "-n shop get pods a b"])
def test_several_objects_of_one_resource(words: str) -> None:
    selection = watch(*words.split()).selection
    assert (selection.resource, selection.name, selection.names) == ("pods", None, ("a", "b"))


def test_who_one_is_can_be_said_as_to_kubectl() -> None:
    who = ("--username=u", "--password=p", "--client-certificate=c", "--client-key=k", "--as-uid=7")
    told = watch("pods", *who, "--as-user-extra=a=b=c", "--tls-server-name=s", "--proxy-url=http://p").connection
    assert (told.username, told.password, told.client_certificate, told.client_key) == ("u", "p", "c", "k")
    assert (told.as_uid, told.as_user_extra) == ("7", (("a", "b=c"),))
    assert (told.tls_server_name, told.proxy_url) == ("s", "http://p")
    assert "'p'" not in repr(told)


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


def test_formats_may_be_in_a_file(tmp_path: Path) -> None:
    columns, template = tmp_path / "columns", tmp_path / "template"
    columns.write_text("NAME      IMAGE\n.metadata.name .spec.image\n")
    template.write_text("{.kind}")
    words = f"custom-columns-file={columns}", f"jsonpath-file={template}"
    found = [watch("-o", each).output.format for each in words]
    assert found == ["custom-columns=NAME:.metadata.name,IMAGE:.spec.image", "jsonpath={.kind}"]


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
        (("pods/a", "deploy/b"), "of one resource"),
        (("pods", "a", ""), "an empty name"),
        (("pods", "a", "b", "-l", "x=y"), "select nothing"),
        (("pods", "a", "b", "-A"), "-n NAMESPACE"),
        (("-o", "custom-columns-file=/no/such"), "/no/such cannot be read: No such file"),
        (("-o", "jsonpath-file=/dev/zero"), "/dev/zero cannot be read: is a device"),
        (("-o", "go-template={{.kind}}"), "kwatch has no -o go-template: Go's templates are kubectl's"),
        (("--as-user-extra", "scopes"), "'scopes' is no extra field of a user; write KEY=VALUE"),
        (("pods/a/b",), "more than one slash"),
        (("pods/",), "not a resource"),
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
