"""The grammar of the filter language: terms separated by spaces, all of which must hold.

Of label selectors the informer has a parser of its own, which refuses what no server would accept; here keys and values
are only looked for, so anything goes, in quotes if need be, and errors know their place.
"""

from __future__ import annotations

import re
from dataclasses import replace

from kwatch.base.duration import parse_duration
from kwatch.catalog.jsonpath import JSONPathError, parse_json_path
from kwatch.informer.selectors import Operator, Requirement
from kwatch.query.columns import Compare
from kwatch.query.index_names import BUILT_IN, IndexName, IndexNames
from kwatch.query.query import Query
from kwatch.query.syntax import Reader
from kwatch.query.term import Negated, Span, Term
from kwatch.query.terms.change import Change, Since
from kwatch.query.terms.column import ColumnTerm
from kwatch.query.terms.field import Field
from kwatch.query.terms.label import Labels
from kwatch.query.terms.named_index import NamedIndex
from kwatch.query.terms.regex import Regex, check_pattern, is_surely_regex
from kwatch.query.terms.state import State, StateName
from kwatch.query.terms.text import Fuzzy, Text

_NAME = re.compile(r"""[^\s=!<>~:(),"']+""")
_SELECTOR_FLAG = re.compile(r"-l(?:\s+|\Z)")
_FUZZY_FLAG = re.compile(r"-f(?:\s+|\Z)")
_REGEX = re.compile(r"/((?:[^\\]|\\.)*?)/(?=\s|\Z)", re.DOTALL)
_SINCE = "since"
_ANYTHING = re.compile(r"\.\*[\w-]")
"""`.*cart`: no path goes on like that."""


def parse(text: str, names: IndexNames = BUILT_IN) -> Query:
    """Understand a filter; raise QuerySyntaxError, which knows the place, if it breaks. `names` are those in force."""
    reader = Reader(text)
    terms: list[Term] = []
    reader.skip_spaces()
    while not reader.is_at_end:
        terms.append(_term(reader, names))
        if not reader.is_at_boundary:
            raise reader.error("A space must stand here, before the next term.", reader.at, reader.at + 1)
        reader.skip_spaces()
    return Query(tuple(terms))


def _term(reader: Reader, names: IndexNames) -> Term:
    start = reader.at
    negated = False
    while reader.accept("!"):
        negated = not negated
    if reader.at > start and reader.is_at_boundary:
        raise reader.error("! must stand directly before the term it negates.", start)
    term = replace(_positive_term(reader, names), span=Span(start, reader.at))
    return Negated(term, span=term.span) if negated else term


def _positive_term(reader: Reader, names: IndexNames) -> Term:
    start = reader.at
    if reader.match(_SELECTOR_FLAG):
        return _explicit_selector(reader, start)
    if reader.match(_FUZZY_FLAG):
        return _fuzzy(reader, start)
    if reader.is_at_quote():
        return _after_quoted(reader)
    if reader.peek() == "/":
        return _regex(reader)
    if reader.accept("~"):
        return change_term(reader)
    if at_field(reader) and not _ANYTHING.match(reader.text, reader.at):
        return field_term(reader)
    return _word_term(reader, names)


def _explicit_selector(reader: Reader, start: int) -> Labels:
    if reader.is_at_end:
        raise reader.error("-l needs a label selector after it.", start)
    if not reader.is_at_quote():
        return Labels(requirements(reader), explicit=True)
    quote = reader.at
    inner = Reader(reader.quoted())
    found = requirements(inner)
    if not inner.is_at_end:
        raise reader.error("The selector in these quotes is broken.", quote)
    return Labels(found, explicit=True)


def _fuzzy(reader: Reader, start: int) -> Fuzzy:
    text = reader.quoted() if reader.is_at_quote() else reader.word()
    if not text:
        raise reader.error("-f needs letters of a name after it.", start)
    return Fuzzy(text)


def _after_quoted(reader: Reader) -> Term:
    """A quoted text, or a quoted key or column with its operator."""
    text = reader.quoted()
    return _named(reader, text) or Text(text, bare=False)


def _regex(reader: Reader) -> Regex:
    start = reader.at
    found = reader.match(_REGEX)
    if found is None:
        message = "A regular expression ends with /; put a text that begins with a slash in quotes."
        raise reader.error(message, start, len(reader.text))
    if not found[1]:
        raise reader.error("The regular expression is empty.", start)
    check_pattern(found[1], start, reader.at)
    return Regex(found[1])


def _word_term(reader: Reader, names: IndexNames) -> Term:
    start = reader.at
    name = reader.match(_NAME)
    if name is not None:
        index = names.get(name[0]) if reader.peek() == ":" else None
        if index is not None:
            reader.accept(":")
            return _named_index(reader, index, start)
        if name[0] == _SINCE and reader.accept(":"):
            return _since(reader, start)
        named = _named(reader, name[0])
        if named is not None:
            return named
    reader.at = start
    word = reader.word()
    if is_surely_regex(word):
        check_pattern(word, start, reader.at, bare=True)
        return Regex(word, bare=True)
    return State(StateName(word)) if word in _STATES else Text(word)


_STATES = frozenset(StateName)


def _named(reader: Reader, name: str) -> Term | None:
    """A label selector or a comparison with a column, whose name was just read; None if no operator follows."""
    first = rest_of_requirement(reader, name)
    if first is not None:
        return Labels((first, *(requirements(reader) if reader.accept(",") else ())))
    compare = comparison(reader)
    return ColumnTerm(name, compare, operand(reader, compare)) if compare is not None else None


def _named_index(reader: Reader, index: IndexName, start: int) -> NamedIndex:
    patterns: list[str] = []
    while True:
        pattern = one_value(reader)
        if not pattern:
            raise reader.error(f"{index.name}: needs a value, for example {index.example}.", start)
        patterns.append(pattern)
        if not reader.accept(","):
            return NamedIndex(index, tuple(patterns))


def _since(reader: Reader, start: int) -> Since:
    word = reader.word()
    seconds = parse_duration(word)
    if seconds is None:
        raise reader.error("since: needs a duration such as 90s, 10m or 2d.", start)
    return Since(seconds, word)


_PATH = re.compile(r"(?:\[[^\]]*\]|[^\s:\[])*")
_VALUE = re.compile(r"""[^\s>"']+""")


def change_term(reader: Reader) -> Change:
    """What follows a `~`. A value without `>` is what it changed to."""
    found = reader.match(_PATH)
    path = found[0] if found is not None else ""
    colon = reader.at
    if not reader.accept(":"):
        return Change(path)
    first = reader.quoted_or(_VALUE)
    if not reader.accept(">"):
        if first is None:
            raise reader.error("After the colon stands old>new; either may be left out.", colon)
        return Change(path, None, first)
    second = reader.quoted_or(_VALUE)
    if first is None and second is None:
        raise reader.error("One of the two values beside > must be there.", colon)
    return Change(path, first, second)


_BEGINS = re.compile(r"""\.\.?[A-Za-z_*\[\\]""")
_STEP = re.compile(r"""[^\s\[\]=!<>~\\'"]|\\.|!(?!=)""", re.DOTALL)
_BRACKET = re.compile(r"""\[(?:[^\]"'\[]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\[[^\]]*\])*\]""", re.DOTALL)
_COMPARE = re.compile(r"==|!=|>=|<=|[=<>~]")


def at_field(reader: Reader) -> bool:
    """Whether a path begins here, and not a text such as `.5`."""
    return _BEGINS.match(reader.text, reader.at) is not None


def field_term(reader: Reader) -> Field:
    """A path, and perhaps what it is compared with."""
    path = _path(reader)
    compare = comparison(reader)
    if compare is None:
        return Field(path)
    return Field(path, compare, operand(reader, compare))


def comparison(reader: Reader) -> Compare | None:
    """An operator, if one is next."""
    found = reader.match(_COMPARE)
    if found is None:
        return None
    return Compare.EQUAL if found[0] == "==" else Compare(found[0])


def operand(reader: Reader, compare: Compare) -> str:
    """What an operator compares with: quoted, or up to the next space. Only equality takes nothing."""
    if reader.is_at_quote():
        return reader.quoted()
    word = reader.word()
    if not word and compare not in (Compare.EQUAL, Compare.NOT_EQUAL):
        raise reader.error(f"{compare} needs something to compare with.", reader.at - len(compare))
    return word


def _path(reader: Reader) -> str:
    start = reader.at
    while not reader.is_at_boundary:
        if reader.peek() == "[":
            if reader.match(_BRACKET) is None:
                raise reader.error("The bracket [ is never closed.", reader.at, reader.at + 1)
        elif reader.match(_STEP) is None:
            break
    path = reader.text[start : reader.at]
    try:
        parse_json_path(path)
    except (JSONPathError, RecursionError) as error:
        raise reader.error("This is not a path such as .spec.containers[0].image.", start) from error
    return path


_LABEL_VALUE = re.compile(r"""[^\s,()"']+""")
_SET = re.compile(r"\s+(in|notin)\s*\(")
_EQUALITY = re.compile(r"==|=|!=")
_INEQUALITY = re.compile(r"[<>](?!=)")


def requirements(reader: Reader) -> tuple[Requirement, ...]:
    """Requirements with commas between them; bare words are keys."""
    found = [_requirement(reader)]
    while reader.accept(","):
        found.append(_requirement(reader))
    return tuple(found)


def rest_of_requirement(reader: Reader, key: str) -> Requirement | None:
    """What follows a key: `=`, `!=`, `in` or `notin` with its values; None if nothing of that sort follows."""
    if (equality := reader.match(_EQUALITY)) is not None:
        operator = Operator.NOT_EQUALS if equality[0] == "!=" else Operator.EQUALS
        return Requirement(key, operator, (one_value(reader),))
    if (among := reader.match(_SET)) is not None:
        return Requirement(key, Operator.IN if among[1] == "in" else Operator.NOT_IN, value_set(reader))
    return None


def one_value(reader: Reader) -> str:
    """A value, quoted or up to the next space, comma or bracket; may be empty."""
    return reader.quoted_or(_LABEL_VALUE) or ""


def value_set(reader: Reader) -> tuple[str, ...]:
    """Values with commas between them, up to the closing bracket; the opening one has been read. Sorted, each once."""
    opened = reader.at - 1
    values: set[str] = set()
    while True:
        reader.skip_spaces()
        values.add(one_value(reader))
        reader.skip_spaces()
        if reader.accept(")"):
            return tuple(sorted(values))
        if not reader.accept(","):
            raise reader.error("The list needs commas between its values and a ) at its end.", opened)


def _requirement(reader: Reader) -> Requirement:
    start = reader.at
    negated = reader.accept("!")
    is_quoted = reader.is_at_quote()
    key = reader.quoted_or(_NAME) or ""
    if not key and not is_quoted:
        raise reader.error("A label key is missing here.", start)
    if negated:
        return Requirement(key, Operator.DOES_NOT_EXIST)
    if (inequality := reader.match(_INEQUALITY)) is not None:
        operator = Operator.GREATER_THAN if inequality[0] == ">" else Operator.LESS_THAN
        bound = one_value(reader)
        if not bound:
            raise reader.error(f"{operator} needs a number.", start)
        return Requirement(key, operator, (bound,))
    return rest_of_requirement(reader, key) or Requirement(key, Operator.EXISTS)
