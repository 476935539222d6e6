"""What people type who come from kubectl."""

from __future__ import annotations

import pytest

from kwatch.cli.arguments import DemoArguments, OutputArguments, ReplayArguments, UsageError, WatchArguments
from kwatch.cli.logs import LogsArguments
from kwatch.cli.parser import parse


def watched(line: str) -> WatchArguments:
    arguments = parse(line.split())
    assert isinstance(arguments, WatchArguments)
    return arguments


@pytest.mark.parametrize(
    "line",
    [
        "get pods -n shop -l app=cart",
        "-n shop get pods -l app=cart",
        "-n=shop -l app=cart get pods",
        "pods -nshop -w -lapp=cart",
    ],
)
def test_get_is_what_kwatch_does_wherever_the_flags_stand(line: str) -> None:
    selection = watched(line).selection
    assert (selection.resource, selection.namespace, selection.label_selector) == ("pods", "shop", "app=cart")


@pytest.mark.parametrize(
    ("line", "until_synced", "once"),
    [
        ("get pods", False, True),
        ("get pods -w", False, False),
        ("get pods --watch=true", False, False),
        ("get pods --watch-only", False, False),
        ("get pods -w=false", True, False),
        ("pods", False, False),
        ("pods -w", False, False),
        ("pods --watch", False, False),
        ("pods -w=false", True, False),
        ("pods --watch=F", True, False),
        ("pods -w=false -w", False, False),
        ("pods -w -w=false", True, False),
        ("-Aw get pods", False, False),
    ],
)
def test_what_prints_ends_when_kubectl_would_end(line: str, until_synced: bool, once: bool) -> None:
    output = watched(line).output
    assert (output.until_synced, output.once) == (until_synced, once)


def test_one_object_in_each_way_that_kubectl_takes_it() -> None:
    for line in ("get pod/x -o yaml", "get pod x -oyaml", "get -o=yaml pod/x", "-o yaml get pod x"):
        found = watched(line)
        assert (found.selection.resource, found.selection.name, found.output.format) == ("pod", "x", "yaml")


def test_describe_is_the_screen_of_an_object_and_its_yaml_where_there_is_none() -> None:
    found = watched("describe deploy/cart -n shop")
    assert (found.selection.resource, found.selection.name) == ("deploy", "cart")
    assert found.output == OutputArguments(printed="yaml", once=True)


def test_other_commands_take_flags_before_them_too() -> None:
    logs = parse(["-n", "shop", "logs", "deploy/cart", "-f"])
    assert isinstance(logs, LogsArguments) and logs.selection.namespace == "shop" and logs.follow
    assert isinstance(parse(["--log-level", "debug", "demo", "--rate", "1"]), DemoArguments)
    # What stands after a flag is its value.
    assert watched("-n logs pods").selection.namespace == "logs"
    assert watched("-A").selection.all_namespaces


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("delete pod x", "kwatch only reads, so it has no delete; type kubectl delete pod x"),
        ("-n shop delete pod x", "kwatch only reads, so it has no delete; type kubectl -n shop delete pod x"),
        ("exec -it x -- sh", "kwatch only reads, so it has no exec; type kubectl exec -it x -- sh"),
        ("apply -f a.yaml", "kwatch only reads, so it has no apply; type kubectl apply -f a.yaml"),
        ("rollout undo deploy/x", "kwatch only reads, so it has no rollout; type kubectl rollout undo deploy/x"),
        ("run x --image=nginx", "kwatch only reads, so it has no run; type kubectl run x --image=nginx"),
        ("rollout history deploy/x", "kwatch has no rollout; kwatch history RESOURCE/NAME --revisions has it"),
        ("top po", "kwatch has no top; kwatch pods shows on screen what they use"),
        ("api-resources", "kwatch has no api-resources; kwatch info says what the server offers"),
        ("version", "kwatch has no version; kwatch --version"),
        ("get pods --template={{.kind}}", "kwatch has no --template: Go's templates are kubectl's; -o jsonpath="),
        ("pods --chunk-size=5", "kwatch has no --chunk-size: lists come streamed"),
        ("get -f pod.yaml", "kwatch has no -f: kwatch watches a cluster, and no files"),
        ("pods -v=6", "kwatch has no -v: --log-file FILE with --log-level debug"),
        ("record x.kwatch pods --cache-dir /tmp/x", "kwatch has no --cache-dir: XDG_CACHE_HOME"),
        ("logs cart-1 --insecure-skip-tls-verify-backend", "kwatch logs has no --insecure-skip-tls-verify-backend"),
        ("pods -w=maybe", "-w is 'maybe' and neither true nor false; see kwatch --help"),
        ("get pods --show-labels=2", "--show-labels is '2' and neither true nor false; see kwatch get --help"),
    ],
)
def test_what_kwatch_does_not_do_is_one_sentence(line: str, says: str) -> None:
    with pytest.raises(UsageError) as error:
        parse(line.split())
    assert str(error.value).startswith(says)


def test_a_very_long_line_is_not_repeated() -> None:
    with pytest.raises(UsageError) as error:
        parse(["delete", "pod", *("x" * 50 for _ in range(20))])
    assert str(error.value) == "kwatch only reads, so it has no delete; type kubectl delete ..."


@pytest.mark.parametrize(
    "resource", ["rollout", "rollouts", "certificate", "certificate/www", "run", "set", "proxy", "plugin"]
)
def test_resources_that_are_called_like_a_command_are_resources(resource: str) -> None:
    assert watched(resource).selection.resource == resource.partition("/")[0]


def test_a_switch_can_be_turned_off_again() -> None:
    found = watched("pods -A=false --show-labels=true --no-headers=false --no-background=false")
    assert not found.selection.all_namespaces and not found.output.no_headers
    assert found.output.show_labels and found.background
    logs = parse(["logs", "x/y", "--prefix=false", "--follow=true"])
    assert isinstance(logs, LogsArguments) and logs.prefix is False and logs.follow


def test_a_moment_before_the_end_is_no_flag() -> None:
    found = parse(["replay", "FILE", "--from", "-10m"])
    assert isinstance(found, ReplayArguments) and found.replay.start == "-10m"
