"""What is read of a kuberc; the real kubectl is the judge of what can be used."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kwatch.config.kuberc import Alias, CommandDefaults, Kuberc, KubercError, OptionDefault, load_kuberc

HEAD = "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\n"
OLD = "apiVersion: kubectl.config.k8s.io/v1alpha1\nkind: Preference\n"
FILES = {
    "empty": "",
    "only a comment": "# nothing\n",
    "nothing but its head": HEAD,
    "defaults": HEAD + "defaults: [{command: get, options: [{name: output, default: wide}]}]\n",
    "nothing where a list may be": HEAD + "defaults:\naliases: null\n",
    "an unknown field": HEAD + "colour: red\n",
    "an unknown field deep inside": HEAD
    + "aliases: [{name: a, command: get, options: [{name: watch, default: 'true', x: 1}]}]\n",
    "the old version": OLD + "overrides: [{command: get, flags: [{name: output, default: wide}]}]\n",
    "words of the new version in the old one": OLD + "defaults: [{command: get}]\n",
    "a version of the future": HEAD.replace("v1beta1", "v9"),
    "another kind": HEAD.replace("Preference", "Config"),
    "no kind": "aliases: []\n",
    "a list": "- a\n",
    "a text": "hello\n",
    "no YAML": "a: [\n",
    "a truth where a text is expected": HEAD
    + "defaults: [{command: get, options: [{name: show-labels, default: true}]}]\n",
    "a number where a text is expected": HEAD
    + "defaults: [{command: get, options: [{name: chunk-size, default: 5}]}]\n",
    "a mapping where a list is expected": HEAD + "aliases: {name: a}\n",
    "a second document that can be used": "a: b\n---\n" + HEAD,
    "a first document that is empty": "---\n---\n" + HEAD,
    "a second document that is ignored": HEAD + "---\n[\n",
    "an alias with a digit": HEAD + "aliases: [{name: a1, command: get}]\n",
    "an alias without a name": HEAD + "aliases: [{command: get}]\n",
    "two aliases of one name": HEAD + "aliases: [{name: a, command: get}, {name: a, command: logs}]\n",
    "an option with dashes": HEAD + "defaults: [{command: get, options: [{name: --output, default: wide}]}]\n",
    "a policy": HEAD + "credentialPluginPolicy: DenyAll\n",
    "a policy that there is not": HEAD + "credentialPluginPolicy: denyall\n",
    "a policy in the old version": OLD + "credentialPluginPolicy: DenyAll\n",
    "a list without its policy": HEAD + "credentialPluginAllowlist: [{command: a}]\n",
    "an empty list without its policy": HEAD + "credentialPluginAllowlist: []\n",
    "a policy without its list": HEAD + "credentialPluginPolicy: Allowlist\n",
    "a policy with an empty list": HEAD + "credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: []\n",
    "an allowed plugin": HEAD + "credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: [{command: /bin/a}]\n",
    "by its older spelling": HEAD + "credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: [{name: a}]\n",
    "by both": HEAD + "credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: [{name: a, command: a}]\n",
    "by both, which differ": HEAD
    + "credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: [{name: a, command: b}]\n",
    "nothing in an entry": HEAD + "credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: [{command: a}, {}]\n",
    "an untidy path": HEAD + "credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: [{command: /bin//a}]\n",
    "a path that goes up": HEAD
    + "credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: [{command: /bin/../a}]\n",
    "a path with a dot": HEAD + "credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: [{command: ./a}]\n",
    "a path above": HEAD + "credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: [{command: ../a}]\n",
    "a path with a slash at its end": HEAD
    + "credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: [{command: /a/}]\n",
    "only a dot": HEAD + "credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: [{command: .}]\n",
}
KUBECTL = shutil.which("kubectl", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")


def ours(path: Path) -> str:
    try:
        return "warned" if load_kuberc(str(path), {}).warning else "taken"
    except KubercError as error:
        assert str(error).count("\n") == 0 and str(path) in str(error)
        return "refused"


def theirs(path: Path) -> str:
    assert KUBECTL is not None
    command = [KUBECTL, "config", "view", "--kuberc", str(path), "--kubeconfig", str(path.parent / "nowhere")]
    environment = {"HOME": str(path.parent), "PATH": os.environ["PATH"]}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)
    if "ignoring strict decoding error" in done.stderr:
        return "refused" if done.returncode else "warned"
    return "refused" if done.returncode else "taken"


@pytest.mark.skipif(KUBECTL is None, reason="there is no kubectl here")
@pytest.mark.parametrize("what", FILES)
def test_kubectl_agrees_on_what_can_be_used(what: str, tmp_path: Path) -> None:
    path = tmp_path / "kuberc"
    path.write_text(FILES[what])
    assert ours(path) == theirs(path)


def test_what_it_says(tmp_path: Path) -> None:
    path = tmp_path / "kuberc"
    path.write_text(
        HEAD
        + "defaults: [{command: get, options: [{name: output, default: wide}]}]\n"
        + "aliases: [{name: getn, command: get, prependArgs: [nodes], appendArgs: [x]}]\n"
    )
    expected = Kuberc(
        (CommandDefaults("get", (OptionDefault("output", "wide"),)),),
        (Alias("getn", "get", ("nodes",), ("x",)),),
    )
    assert load_kuberc(None, {"KUBERC": str(path)}).kuberc == expected
    path.write_text(
        OLD
        + "overrides: [{command: get, flags: [{name: output, default: wide}]}]\n"
        + "aliases: [{name: getn, command: get, prependArgs: [nodes], appendArgs: [x]}]\n"
    )
    assert load_kuberc(str(path), {"KUBERC": "/elsewhere"}).kuberc == expected


def test_the_one_at_home_is_a_warning_where_another_is_a_mistake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert load_kuberc(None, {}).warning == ""
    path = tmp_path / ".kube" / "kuberc"
    path.parent.mkdir()
    path.write_text("a: [\n")
    assert str(path) in load_kuberc(None, {}).warning
    with pytest.raises(KubercError):
        load_kuberc(None, {"KUBERC": str(path)})
    with pytest.raises(KubercError, match="No such file"):
        load_kuberc(str(tmp_path / "nowhere"), {})
    # A policy that cannot be is refused wherever it stands: it would protect nobody.
    path.write_text(HEAD + "credentialPluginPolicy: Never\n")
    with pytest.raises(KubercError, match="'Never'; there are AllowAll, DenyAll and Allowlist"):
        load_kuberc(None, {})
    assert load_kuberc(None, {"KUBERC": "off"}).kuberc == Kuberc()
    assert load_kuberc(None, {"KUBECTL_KUBERC": "false"}).kuberc == Kuberc()
    with pytest.raises(KubercError, match="KUBERC=off"):
        load_kuberc(str(path), {"KUBERC": "off"})


def test_a_field_that_means_nothing_is_named(tmp_path: Path) -> None:
    path = tmp_path / "kuberc"
    path.write_text(FILES["an unknown field deep inside"])
    found = load_kuberc(str(path), {})
    assert found.warning == f"aliases[0].options[0].x means nothing in the kuberc {path}; the rest counts"
    assert found.kuberc.aliases[0].options == (OptionDefault("watch", "true"),)
