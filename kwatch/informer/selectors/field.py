"""Field selectors: `status.phase=Running,spec.nodeName!=node-1`, with backslash escapes in values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from kwatch.informer.selectors.requirement import Operator, Requirement, SelectorSyntaxError

_TERMS = re.compile(r"(?:[^\\,]|\\.|\\\Z)*", re.DOTALL)
_OPERATOR = re.compile(r"!=|==|=")
_VALUE = re.compile(r"(?:[^\\,=]|\\[\\,=])*\Z", re.DOTALL)
_ESCAPE = re.compile(r"\\([\\,=])")


@dataclass(frozen=True, slots=True)
class FieldSelector:
    """Requirements (EQUALS or NOT_EQUALS) that must all hold; an absent field counts as empty."""

    requirements: tuple[Requirement, ...] = ()

    @property
    def matches_everything(self) -> bool:
        """Whether it has no requirement."""
        return not self.requirements

    @property
    def matches_nothing(self) -> bool:
        """Never: a parsed selector may always find something."""
        return False

    def matches(self, values: Mapping[str, str]) -> bool:
        """Whether fields, by their paths, fulfil every requirement."""
        return all(
            (values.get(requirement.key, "") == requirement.values[0]) is (requirement.operator is Operator.EQUALS)
            for requirement in self.requirements
        )

    def __str__(self) -> str:
        return ",".join(f"{each.key}{each.operator}{escape(each.values[0])}" for each in self.requirements)


def escape(value: str) -> str:
    """A value as it must be written in a selector."""
    return re.sub(r"[\\,=]", r"\\\g<0>", value)


def field_is(path: str, value: str) -> str:
    """The selector of a field that has a value, whatever is in it."""
    return f"{path}={escape(value)}"


def parse_field_selector(text: str) -> FieldSelector:
    """Parse kubectl's --field-selector grammar; raise SelectorSyntaxError."""
    requirements = []
    position = 0
    while position <= len(text):
        found = _TERMS.match(text, position)
        assert found is not None
        if found[0]:
            requirements.append(_requirement(text, found[0]))
        position = found.end() + 1
    return FieldSelector(tuple(requirements))


def _requirement(text: str, term: str) -> Requirement:
    operator = _OPERATOR.search(term)
    if operator is None:
        raise SelectorSyntaxError(f"field selector '{text}': '{term}' has none of = == !=")
    value = term[operator.end() :]
    if not _VALUE.match(value):
        raise SelectorSyntaxError(f"field selector '{text}': in '{value}' a \\, comma or = must be escaped by a \\")
    return Requirement(
        term[: operator.start()],
        Operator.NOT_EQUALS if operator[0] == "!=" else Operator.EQUALS,
        (_ESCAPE.sub(r"\1", value),),
    )
