"""Label selectors: `app=web,tier in (a,b),!legacy,replicas>3`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from kwatch.informer.selectors.requirement import Operator, Requirement, SelectorSyntaxError, parse_int64

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
class LabelSelector:
    """Requirements that must all hold; none at all matches everything."""

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
        """Whether labels fulfil every requirement."""
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
