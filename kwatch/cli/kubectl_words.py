"""kubectl's habits at the prompt: flags before the command, and the commands that kwatch has not, each one sentence."""

from __future__ import annotations

import shlex
from collections.abc import Container, Sequence

from kwatch.base.printable import printable
from kwatch.cli.arguments import UsageError

CHANGING = {
    *("annotate", "apply", "attach", "autoscale", "cordon", "cp", "create", "debug", "delete", "drain", "edit", "exec"),
    *("expose", "label", "patch", "port-forward", "replace", "scale", "taint", "uncordon"),
}
"""Commands of kubectl that change a cluster or reach into it. None is the name of a resource that people have."""
CHANGING_BY_WORDS = {
    "auth": frozenset({"reconcile"}),
    "certificate": frozenset({"approve", "deny"}),
    "rollout": frozenset({"pause", "restart", "resume", "undo"}),
    "set": frozenset({"env", "image", "resources", "selector", "serviceaccount", "subject"}),
}
"""The same, by the word after them: `kwatch rollout` and `kwatch certificate` are resources of well-known operators."""
INSTEAD = {
    "api-resources": "kwatch info says what the server offers, and the key : lists it with Tab",
    "api-versions": "kwatch info says what the server offers",
    "cluster-info": "kwatch info says which server it is, and what it offers",
    "explain": "kubectl explain has it",
    "kustomize": "kubectl kustomize has it",
    "options": "kwatch --help lists its flags",
    "version": "kwatch --version says its own version, kwatch info the server's",
}
INSTEAD_BY_WORDS = {
    ("auth", "can-i"): "kubectl auth can-i has it",
    ("auth", "whoami"): "kwatch info says which user of the kubeconfig it is",
    ("plugin", "list"): "kubectl plugin list has it",
    ("rollout", "history"): "kwatch history RESOURCE/NAME --revisions has it, with what each one changed",
    ("rollout", "status"): "kwatch wait RESOURCE/NAME FILTER waits for it, and kwatch RESOURCE/NAME shows it",
    ("top", "node"): "kwatch nodes shows on screen what they use",
    ("top", "pod"): "kwatch pods shows on screen what they use",
}
KUBECONFIG = {
    *("current-context", "delete-cluster", "delete-context", "delete-user", "get-clusters", "get-contexts"),
    *("get-users", "rename-context", "set", "set-cluster", "set-context", "set-credentials", "unset", "use-context"),
    "view",
}
"""What comes after kubectl config."""
_OWN_LOG = "--log-file FILE with --log-level debug writes kwatch's own log"
GLOBAL = {
    "cache-dir": "XDG_CACHE_HOME says where caches are",
    "log-flush-frequency": _OWN_LOG,
    "match-server-version": "kwatch info says the server's version",
    "profile": "it is for those who change kubectl",
    "profile-output": "it is for those who change kubectl",
    "v": _OWN_LOG,
    "vmodule": _OWN_LOG,
    "warnings-as-errors": "no list or watch ends for a warning",
}
"""Flags that every command of kubectl takes and none of kwatch: what there is instead, or why there is nothing."""
_NO_FILES = "kwatch watches a cluster, and no files: name the resource"
_OF_FILES = dict.fromkeys(("filename", "kustomize", "recursive"), _NO_FILES)
TEMPLATES = "Go's templates are kubectl's; -o jsonpath=TEMPLATE and custom-columns=NAME:.path print what they print"
_PAGES = "lists come streamed, or in pages of 500"
ONLY_KUBECTL = {
    "get": GLOBAL
    | _OF_FILES
    | {
        "allow-missing-template-keys": "what is missing is printed as nothing, as by default",
        "chunk-size": _PAGES,
        "output-watch-events": "-o json says with each line what happened",
        "raw": "kubectl get --raw has it",
        "server-print": "the server's columns are printed where it has any of its own",
        "show-kind": "-o name has the kind; several resources at once have it, too",
        "subresource": "kubectl get --subresource has it",
        "template": TEMPLATES,
    },
    "describe": GLOBAL | _OF_FILES | {"chunk-size": _PAGES, "show-events": "on the screen Events have a tab"},
    "logs": GLOBAL | dict.fromkeys(("insecure-skip-tls-verify-backend", "limit-bytes", "pod-running-timeout"), ""),
}
"""Flags of kubectl's commands that kwatch has not, likewise; what a kuberc says of them is left out."""
SHORT = {"-f": "filename", "-k": "kustomize", "-R": "recursive", "-v": "v"}
_LONGEST = 200


def command_first(words: Sequence[str], at: int | None, commands: Container[str]) -> list[str]:
    """The words with the command in front, which stands at `at`: `-n shop get pods` is `get -n shop pods`.

    Raise UsageError with what to do instead for a command of kubectl that kwatch has not.
    """
    if at is None:
        return [*words]
    command, rest = words[at], [*words[:at], *words[at + 1 :]]
    if command == "config" and any(word in rest for word in KUBECONFIG):
        raise UsageError(f"kwatch config is for its own settings; type kubectl {shlex.join(words)[:_LONGEST]}")
    if command in commands:
        return [command, *rest]
    _refuse(command, words[at + 1] if at + 1 < len(words) else "", words)
    return [*words]


def _refuse(command: str, after: str, words: Sequence[str]) -> None:
    if command in CHANGING or after in CHANGING_BY_WORDS.get(command, ()) or _runs(command, words):
        typed = printable(shlex.join(words))
        line = typed if len(typed) <= _LONGEST else f"{command} ..."
        raise UsageError(f"kwatch only reads, so it has no {command}; type kubectl {line}")
    instead = INSTEAD.get(command) or INSTEAD_BY_WORDS.get((command, _singular(after)))
    if instead:
        raise UsageError(f"kwatch has no {command}; {instead}")


def _runs(command: str, words: Sequence[str]) -> bool:
    return command == "run" and any(word == "--image" or word.startswith("--image=") for word in words)


def _singular(word: str) -> str:
    short = {"po": "pod", "pods": "pod", "no": "node", "nodes": "node"}
    return short.get(word, word)
