"""Label and field selectors: kubectl's grammar, and whether something matches. Imports nothing of the rest.

Labels: `app=web,tier in (a,b),!legacy,replicas>3`. Fields: `status.phase=Running,spec.nodeName!=node-1`, with
backslash escapes in values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Selector(Protocol):
    """Selects by labels, or by fields."""

    @property
    def matches_everything(self) -> bool:
        """Whether nothing need be read to know that it matches."""

    @property
    def matches_nothing(self) -> bool:
        """Whether nothing need be read to know that it does not match."""

    def matches(self, values: Mapping[str, str]) -> bool:
        """Whether these labels (or fields) are selected."""


class _Constant:
    def __init__(self, answer: bool) -> None:
        self._answer = answer

    @property
    def matches_everything(self) -> bool:
        return self._answer

    @property
    def matches_nothing(self) -> bool:
        return not self._answer

    def matches(self, values: Mapping[str, str]) -> bool:
        return self._answer


EVERYTHING: Selector = _Constant(True)
NOTHING: Selector = _Constant(False)


class SelectorSyntaxError(ValueError):
    """A selector cannot be read; the message is a sentence for the user."""


class Operator(StrEnum):
    """How a key's value is compared. `==` reads as EQUALS."""

    EQUALS = "="
    NOT_EQUALS = "!="
    IN = "in"
    NOT_IN = "notin"
    EXISTS = "exists"
    DOES_NOT_EXIST = "!"
    GREATER_THAN = ">"
    LESS_THAN = "<"


@dataclass(frozen=True, slots=True)
class Requirement:
    """`key operator values`; the values are sorted, and none for EXISTS and DOES_NOT_EXIST."""

    key: str
    operator: Operator
    values: tuple[str, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether labels fulfil it. NOT_EQUALS and NOT_IN hold for an absent key; the rest needs the key."""
        value = labels.get(self.key)
        match self.operator:
            case Operator.EQUALS | Operator.IN:
                return value is not None and value in self.values
            case Operator.NOT_EQUALS | Operator.NOT_IN:
                return value is None or value not in self.values
            case Operator.EXISTS:
                return value is not None
            case Operator.DOES_NOT_EXIST:
                return value is None
            case Operator.GREATER_THAN | Operator.LESS_THAN:
                return self._compares(value)

    def _compares(self, value: str | None) -> bool:
        number = parse_int64(value) if value is not None else None
        bound = parse_int64(self.values[0])
        if number is None or bound is None:
            return False
        return number > bound if self.operator is Operator.GREATER_THAN else number < bound

    def __str__(self) -> str:
        match self.operator:
            case Operator.EXISTS:
                return self.key
            case Operator.DOES_NOT_EXIST:
                return f"!{self.key}"
            case Operator.IN | Operator.NOT_IN:
                return f"{self.key} {self.operator} ({','.join(self.values)})"
            case _:
                return f"{self.key}{self.operator}{self.values[0]}"


_INTEGER = re.compile(r"[+-]?[0-9]+\Z")


def parse_int64(text: str) -> int | None:
    """The integer a text spells the way Go reads it; None if it spells none, or one beyond 64 bits."""
    if not _INTEGER.match(text) or len(text) > 20:
        return None
    number = int(text)
    return number if -(2**63) <= number < 2**63 else None


_TOKEN = re.compile(r"\s*(==|!=|[=!(),<>]|[^\s=!(),<>]+|\Z)")
_SYMBOLS = frozenset({"==", "!=", "=", "!", "(", ")", ",", "<", ">", ""})
_NAME = re.compile(r"([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)\Z")
_PREFIX = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\Z")
_OPERATORS = {
    "=": Operator.EQUALS,
    "==": Operator.EQUALS,
    "!=": Operator.NOT_EQUALS,
    "in": Operator.IN,
    "notin": Operator.NOT_IN,
    ">": Operator.GREATER_THAN,
    "<": Operator.LESS_THAN,
}


@dataclass(frozen=True, slots=True)
class _Requirements:
    requirements: tuple[Requirement, ...] = ()

    @property
    def matches_everything(self) -> bool:
        return not self.requirements

    @property
    def matches_nothing(self) -> bool:
        """Never: a parsed selector may always find something."""
        return False


@dataclass(frozen=True, slots=True)
class LabelSelector(_Requirements):
    """Requirements that must all hold; none at all matches everything."""

    def matches(self, values: Mapping[str, str]) -> bool:
        return all(requirement.matches(values) for requirement in self.requirements)

    def __str__(self) -> str:
        return ",".join(map(str, self.requirements))


def parse_label_selector(text: str) -> LabelSelector:
    """Parse kubectl's -l grammar; raise SelectorSyntaxError."""
    return LabelSelector(_Parser(text).requirements())


class _Parser:
    """Recursive descent with one token of lookahead; the empty token is the end. `in` and `notin` are operators only
    where an operator is due.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _TOKEN.findall(text.rstrip())
        self._position = 0

    def requirements(self) -> tuple[Requirement, ...]:
        if self._peek() == "":
            return ()
        found = [self._requirement()]
        while (token := self._next()) != "":
            if token != ",":
                raise self._error(f"found '{token}', expected ',' or the end")
            found.append(self._requirement())
        return tuple(found)

    def _requirement(self) -> Requirement:
        if self._peek() == "!":
            self._next()
            return Requirement(self._key(), Operator.DOES_NOT_EXIST)
        key = self._key()
        if self._peek() in ("", ","):
            return Requirement(key, Operator.EXISTS)
        token = self._next()
        operator = _OPERATORS.get(token)
        if operator is None:
            raise self._error(f"found '{token}', expected one of = == != in notin > <")
        values = self._set() if operator in (Operator.IN, Operator.NOT_IN) else {self._value()}
        for value in values:
            self._check_value(value, operator)
        return Requirement(key, operator, tuple(sorted(values)))

    def _key(self) -> str:
        key = self._next()
        if key in _SYMBOLS:
            raise self._error(
                f"found '{key}', expected a label's key" if key else "a label's key is missing at the end"
            )
        prefix, slash, name = key.rpartition("/")
        if not _NAME.match(name) or (slash and (len(prefix) > 253 or not _PREFIX.match(prefix))):
            raise self._error(f"'{key}' is no valid label key")
        return key

    def _value(self) -> str:
        if self._peek() in ("", ","):
            return ""
        token = self._next()
        if token in _SYMBOLS:
            raise self._error(f"found '{token}', expected a value")
        return token

    def _set(self) -> set[str]:
        if (token := self._next()) != "(":
            raise self._error(f"found '{token}', expected '('")
        values: set[str] = set()
        while True:
            # Between two commas, or a comma and a bracket, stands an empty value.
            token = self._next() if self._peek() not in (",", ")") else ""
            if token in _SYMBOLS - {""} or (token == "" and self._peek() == ""):
                raise self._error(f"found '{token}', expected a value, ',' or ')'")
            values.add(token)
            if (token := self._next()) == ")":
                return values
            if token != ",":
                raise self._error(f"found '{token}', expected ',' or ')'")

    def _check_value(self, value: str, operator: Operator) -> None:
        if operator in (Operator.GREATER_THAN, Operator.LESS_THAN) and parse_int64(value) is None:
            raise self._error(f"'{value}' is no integer")
        if value and not _NAME.match(value):
            raise self._error(f"'{value}' is no valid label value")

    def _peek(self) -> str:
        token: str = self._tokens[self._position]
        return token

    def _next(self) -> str:
        token = self._peek()
        if token:
            self._position += 1
        return token

    def _error(self, reason: str) -> SelectorSyntaxError:
        return SelectorSyntaxError(f"label selector '{self._text}': {reason}")


_TERMS = re.compile(r"(?:[^\\,]|\\.|\\\Z)*", re.DOTALL)
_OPERATOR = re.compile(r"!=|==|=")
_VALUE = re.compile(r"(?:[^\\,=]|\\[\\,=])*\Z", re.DOTALL)
_ESCAPE = re.compile(r"\\([\\,=])")


@dataclass(frozen=True, slots=True)
class FieldSelector(_Requirements):
    """Requirements (EQUALS or NOT_EQUALS) that must all hold; an absent field counts as empty."""

    def matches(self, values: Mapping[str, str]) -> bool:
        """By paths such as `spec.nodeName`."""
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
