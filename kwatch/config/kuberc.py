"""kuberc: what a user prefers for kubectl's commands, read as kubectl reads it; never written to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

import msgspec

from kwatch.base.files import expand, home, read_file
from kwatch.base.yaml_nodes import YAMLProblem, first_document
from kwatch.config.document import reason_of

GROUP = "kubectl.config.k8s.io"
POLICIES = ("", "AllowAll", "DenyAll", "Allowlist")


class KubercError(ValueError):
    """It cannot be used; the text is a sentence for the user."""


class OptionDefault(msgspec.Struct, frozen=True):
    """`{name: output, default: wide}`: what a flag is where nobody says it."""

    name: str = ""
    default: str = ""


class CommandDefaults(msgspec.Struct, frozen=True):
    """The options of one command."""

    command: str = ""
    options: tuple[OptionDefault, ...] = ()


class Alias(msgspec.Struct, frozen=True, rename="camel"):
    """A name for a command with its first and last words, and its options."""

    name: str = ""
    command: str = ""
    prepend_args: tuple[str, ...] = ()
    append_args: tuple[str, ...] = ()
    options: tuple[OptionDefault, ...] = ()


class AllowedPlugin(msgspec.Struct, frozen=True):
    """A login command that may be run; `name` is its older spelling."""

    name: str = ""
    command: str = ""


class Kuberc(msgspec.Struct, frozen=True, rename="camel"):
    """A Preference of v1beta1."""

    defaults: tuple[CommandDefaults, ...] = ()
    aliases: tuple[Alias, ...] = ()
    credential_plugin_policy: str = ""
    credential_plugin_allowlist: tuple[AllowedPlugin, ...] | None = None

    @property
    def allowed_plugins(self) -> tuple[str, ...]:
        return tuple(each.command or each.name for each in self.credential_plugin_allowlist or ())


class _OldDefaults(msgspec.Struct, frozen=True):
    command: str = ""
    flags: tuple[OptionDefault, ...] = ()


class _OldAlias(msgspec.Struct, frozen=True, rename="camel"):
    name: str = ""
    command: str = ""
    prepend_args: tuple[str, ...] = ()
    append_args: tuple[str, ...] = ()
    flags: tuple[OptionDefault, ...] = ()


class _OldKuberc(msgspec.Struct, frozen=True):
    """A Preference of v1alpha1."""

    overrides: tuple[_OldDefaults, ...] = ()
    aliases: tuple[_OldAlias, ...] = ()

    def renewed(self) -> Kuberc:
        aliases = (
            Alias(each.name, each.command, each.prepend_args, each.append_args, each.flags) for each in self.aliases
        )
        defaults = (CommandDefaults(each.command, each.flags) for each in self.overrides)
        return Kuberc(tuple(defaults), tuple(aliases))


@dataclass(frozen=True, slots=True)
class Read:
    """What was found, and a sentence about what was not understood in it."""

    kuberc: Kuberc = field(default_factory=Kuberc)
    path: Path = Path()
    warning: str = ""


def load_kuberc(named: str | None, environ: Mapping[str, str]) -> Read:
    """The file that is `named`, or that of KUBERC, or the one at home; raise KubercError.

    What was asked for must be there and be understood; the one at home that is not is a warning, as to kubectl.
    """
    if environ.get("KUBERC") == "off" and named:
        raise KubercError("KUBERC=off says that no kuberc is read, and --kuberc names one; leave one of them out")
    if environ.get("KUBERC") == "off" or environ.get("KUBECTL_KUBERC", "").casefold() in ("false", "f", "0"):
        return Read()
    asked = named or environ.get("KUBERC")
    own = home()
    if not asked and own is None:
        return Read()
    path = expand(asked) if asked else Path(own or "", ".kube", "kuberc")
    try:
        kuberc, unknown = _parsed(read_file(path), path)
    except OSError as error:
        if not asked and isinstance(error, FileNotFoundError | NotADirectoryError):
            return Read()
        return _unread(path, f"The kuberc {path} {reason_of(error)}", bool(asked))
    except KubercError as error:
        return _unread(path, str(error), bool(asked))
    _check(kuberc, path)
    return Read(kuberc, path, f"{unknown} means nothing in the kuberc {path}; the rest counts" if unknown else "")


def _unread(path: Path, sentence: str, was_asked_for: bool) -> Read:
    if was_asked_for:
        raise KubercError(sentence)
    return Read(path=path, warning=f"{sentence}; nothing in it counts")


_SEPARATOR = re.compile(rb"^---[ \t]*(?:#.*)?\r?$", re.MULTILINE)


def _parsed(content: bytes, path: Path) -> tuple[Kuberc, str]:
    """The first Preference in it that can be used, and a field of it that means nothing, with its place."""
    problem = ""
    for document in _SEPARATOR.split(content):
        if not document.strip():
            continue
        try:
            return _preference(first_document(document))
        except (YAMLProblem, msgspec.ValidationError, ValueError) as error:
            problem = problem or str(error)
    if not problem:
        return Kuberc(), ""
    raise KubercError(f"The kuberc {path} holds no Preference of {GROUP} that can be used: {problem}")


def _preference(tree: Any) -> tuple[Kuberc, str]:
    """Raise ValueError for one that kubectl passes over."""
    if not isinstance(tree, dict):
        raise ValueError("it is not a mapping")
    kind, version = tree.get("kind"), tree.get("apiVersion")
    tree = {name: value for name, value in tree.items() if name not in ("kind", "apiVersion")}
    shapes = {f"{GROUP}/v1beta1": Kuberc, f"{GROUP}/v1alpha1": _OldKuberc}
    if kind != "Preference" or version not in shapes:
        raise ValueError(f"it is a {kind or 'thing without a kind'} of {version or 'no version'}")
    shape = shapes[version]
    found = msgspec.convert(_without_nothing(tree), shape)
    unknown = next(_unknown(tree, shape, ""), "")
    if isinstance(found, _OldKuberc):
        return found.renewed(), unknown
    for plugin in found.credential_plugin_allowlist or ():
        if plugin.name and plugin.command and plugin.name != plugin.command:
            raise ValueError(f"an allowed plugin has the name {plugin.name!r} and the command {plugin.command!r}")
    return found, unknown


def _without_nothing(tree: Any) -> Any:
    """What says null is as if it was not there."""
    if isinstance(tree, dict):
        return {key: _without_nothing(value) for key, value in tree.items() if value is not None}
    return [_without_nothing(each) for each in tree] if isinstance(tree, list) else tree


def _unknown(tree: Any, shape: Any, place: str) -> Iterator[str]:
    if get_origin(shape) in (Union, UnionType):
        shape = get_args(shape)[0]
    if get_origin(shape) is tuple and isinstance(tree, list):
        for number, each in enumerate(tree):
            yield from _unknown(each, get_args(shape)[0], f"{place}[{number}]")
    elif isinstance(shape, type) and issubclass(shape, msgspec.Struct) and isinstance(tree, dict):
        fields = {field.encode_name: field.type for field in msgspec.structs.fields(shape)}
        for name, value in tree.items():
            inside = f"{place}.{name}".removeprefix(".")
            if name not in fields:
                yield inside
            else:
                yield from _unknown(value, fields[name], inside)


_NAME = re.compile(r"[A-Za-z]+")


def _check(kuberc: Kuberc, path: Path) -> None:
    """What kubectl refuses, wherever the file is; raise KubercError."""
    seen: set[str] = set()
    for alias in kuberc.aliases:
        if not _NAME.fullmatch(alias.name):
            raise KubercError(f"In the kuberc {path} the alias {alias.name!r} is not made of letters alone")
        if alias.name in seen:
            raise KubercError(f"The kuberc {path} has two aliases named {alias.name}")
        seen.add(alias.name)
    for options in (*(each.options for each in kuberc.aliases), *(each.options for each in kuberc.defaults)):
        for option in options:
            if option.name.startswith("-"):
                raise KubercError(f"In the kuberc {path} the option {option.name} is to be written without dashes")
    if problem := _policy_problem(kuberc):
        raise KubercError(f"In the kuberc {path} {problem}")


def _policy_problem(kuberc: Kuberc) -> str:
    policy, listed = kuberc.credential_plugin_policy, kuberc.credential_plugin_allowlist
    if policy not in POLICIES:
        return f"the credentialPluginPolicy is {policy!r}; there are AllowAll, DenyAll and Allowlist"
    if policy != "Allowlist":
        unasked = f"there is a credentialPluginAllowlist, but the policy is {policy or 'AllowAll'}"
        return unasked if listed is not None else ""
    if not listed:
        return "the credentialPluginPolicy is Allowlist, but no plugin is listed; DenyAll would say so"
    for number, command in enumerate(kuberc.allowed_plugins, 1):
        if not command or re.search(r"//|/\.?/|/\.?$|^\./|/\.\./|^/\.\.", command):
            return f"entry {number} of the credentialPluginAllowlist is {command!r}, which is not a clean path"
    return ""
