"""What people call resources, resolved as kubectl resolves it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from kwatch.informer.resource import Resource

_WORKLOADS = "pods,services,deployments.apps,statefulsets.apps,daemonsets.apps,replicasets.apps"
K9S_NAMES = {
    "dp": "deployments.apps",
    "sec": "secrets",
    "jo": "jobs.batch",
    "cr": "clusterroles.rbac.authorization.k8s.io",
    "crb": "clusterrolebindings.rbac.authorization.k8s.io",
    "ro": "roles.rbac.authorization.k8s.io",
    "rb": "rolebindings.rbac.authorization.k8s.io",
    "np": "networkpolicies.networking.k8s.io",
    "wk": _WORKLOADS,
    "workload": _WORKLOADS,
    "workloads": _WORKLOADS,
}
"""What users of k9s call resources, where the server has nothing of that name itself."""
COORDINATES = re.compile(r"(?:([^/]+)/)?(v[0-9][^/]*)/([^/]+)")
"""`apps/v1/deployments`, `v1/pods`."""


class UnknownResource(Exception):
    """No resource has that name; `suggestions` are the nearest names, best first.

    `missing` are the groups whose resources are unknown, because the server could not tell them.
    """

    def __init__(self, text: str, suggestions: tuple[str, ...], missing: tuple[str, ...] = ()) -> None:
        hint = f"; did you mean {' or '.join(suggestions)}?" if suggestions else ""
        if missing:
            hint += f" (it could not tell what {', '.join(missing)} {'has' if len(missing) == 1 else 'have'})"
        super().__init__(f'the server does not have a resource type "{text}"{hint}')
        self.text = text
        self.suggestions = suggestions


class ResourceNames:
    """Every name of every resource the server offers. `resources` come in discovery order, preferred versions first.

    `missing` are the groups, or `group/version`s, that the server could not describe.
    """

    def __init__(self, resources: Sequence[Resource], missing: Iterable[str] = ()) -> None:
        self._missing = tuple(dict.fromkeys(each.partition("/")[0] for each in missing))
        self._resources = tuple(sorted(resources, key=lambda resource: not resource.preferred))
        self._by_name: dict[str, list[Resource]] = {}
        self._by_category: dict[str, list[Resource]] = {}
        # A plural name goes before a kind of that name, and both before a short one.
        named = [(each.name, each) for each in self._resources]
        named += [(name, each) for each in self._resources for name in (each.singular or each.kind, each.kind)]
        named += [(name, each) for each in self._resources for name in each.short_names]
        for name, resource in named:
            known = self._by_name.setdefault(name.casefold(), [])
            if resource not in known:
                known.append(resource)
        for resource in self._resources:
            for category in resource.categories:
                members = self._by_category.setdefault(category, [])
                # One version of each, the preferred one if it has the resource.
                if all((each.group, each.name) != (resource.group, resource.name) for each in members):
                    members.append(resource)

    @property
    def resources(self) -> tuple[Resource, ...]:
        """All of them, preferred versions first."""
        return self._resources

    def resolve(self, text: str) -> tuple[Resource, ...]:
        """The resources that `text` names: one name, several with commas, or a category; raise UnknownResource."""
        found: list[Resource] = []
        for part in text.split(","):
            name = part.strip()
            if name:
                found.extend(each for each in self._resolve(name) if each not in found)
        if not found:
            raise UnknownResource(text, ())
        return tuple(found)

    def find(self, text: str) -> Resource | None:
        """The first resource of that name; None where there is none: not even pods are everywhere."""
        return next(iter(self._known(text.strip())), None)

    def watched(self, text: str) -> Resource | None:
        """The same, if it can be watched."""
        found = self.find(text)
        return found if found is not None and found.watchable else None

    def completions(self, prefix: str) -> tuple[str, ...]:
        """Plural names, then short ones and categories, that begin with `prefix`, each once."""
        wanted = prefix.casefold()
        plural = (resource.name for resource in self._resources)
        short = (each for resource in self._resources for each in resource.short_names)
        every = dict.fromkeys([*plural, *short, *self._by_category])
        others = (name for name in K9S_NAMES if self._known(name))
        return tuple(each for each in dict.fromkeys([*every, *others]) if each.casefold().startswith(wanted))

    def _resolve(self, text: str) -> Iterable[Resource]:
        found = self._known(text)
        if not found:
            raise UnknownResource(text, self._suggestions(text.casefold()), self._missing)
        return found

    def _known(self, text: str) -> Sequence[Resource]:
        # As in kubectl, a category goes before a resource of that name.
        if text in self._by_category:
            return self._by_category[text]
        name = text.casefold()
        found = self._named(name)
        if found is not None:
            return (found,)
        categories = (members for category, members in self._by_category.items() if category.casefold() == name)
        members = next(categories, ())
        if members or name not in K9S_NAMES:
            return members
        parts = (self._named(each) for each in K9S_NAMES[name].split(","))
        return [each for each in parts if each is not None]

    def _named(self, name: str) -> Resource | None:
        if name in self._by_name:
            return self._by_name[name][0]
        coordinates = COORDINATES.fullmatch(name)
        if coordinates is not None:
            group, version, plural = coordinates.groups()
            return self._named(f"{plural}.{version}.{group}" if group else plural)
        plain, _, rest = name.partition(".")
        candidates = self._by_name.get(plain, [])
        version, _, group = rest.partition(".")
        for resource in candidates:
            if (resource.version, resource.group) == (version, group):
                return resource
        for resource in candidates:
            if resource.group == rest:
                return resource
        for resource in candidates:
            if rest and resource.group.startswith(rest):
                return resource
        return None

    def _suggestions(self, name: str) -> tuple[str, ...]:
        plain = name.partition(".")[0]
        most = 1 + len(plain) // 5
        distances = ((typing_errors(plain, each, most), each) for each in (*self._by_name, *self._by_category))
        near = [each for distance, each in sorted(distances) if distance <= min(most, len(plain) - 1)]
        return tuple(dict.fromkeys(self._by_name[each][0].name if each in self._by_name else each for each in near))[:3]


def typing_errors(text: str, other: str, most: int) -> int:
    """How many letters were left out, added, mistaken or swapped with the next; beyond `most` it stops counting."""
    if abs(len(text) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for place, letter in enumerate(text):
        above, row = row, [place + 1]
        for column, wanted in enumerate(other):
            errors = min(above[column] + (letter != wanted), above[column + 1] + 1, row[column] + 1)
            if before and column and letter == other[column - 1] and text[place - 1] == wanted:
                errors = min(errors, before[column - 1] + 1)
            row.append(errors)
        before = above
    return row[-1]
