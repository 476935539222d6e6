"""What people look for in lines of text: a text, or a regular expression between slashes."""

from __future__ import annotations

import re
import time

from kwatch.base.bounded_regex import BROKEN, BoundedRegex

ALLOWED = 0.3
"""Seconds of the processor that an expression may take in all..."""
ALLOWED_EACH = 60e-9
"""...and for each character that it looks at: twice what those take that are typed to find something."""
_USUAL = 2000
"""Characters that few lines have."""
TOO_SLOW = "too slow for these lines, so it was stopped"


class Finder:
    """`error` finds the text, `/timeout|refused/` what the expression describes; case is ignored unless capitals are
    typed. Nothing finds nothing. Raise ValueError, whose text says why, for an expression that is none, or could take
    for ever. One that takes long finds nothing more, and `trouble` says so.
    """

    def __init__(self, wanted: str) -> None:
        self.wanted = wanted
        self.trouble = ""
        is_expression = len(wanted) > 2 and wanted[0] == wanted[-1] == "/"
        body = wanted[1:-1] if is_expression else wanted
        ignores_case = _lower(body) if is_expression else body == body.lower()
        self._text = "" if is_expression else body.casefold() if ignores_case else body
        self._folds = ignores_case
        flags = re.IGNORECASE if ignores_case else 0
        self._literal = re.compile(re.escape(body), flags)
        self._expression: BoundedRegex | None = None
        self._took, self._allowed = 0.0, ALLOWED
        if is_expression:
            try:
                self._expression = BoundedRegex(body, flags)
            except BROKEN as error:
                raise ValueError(f"that is no regular expression: {getattr(error, 'msg', error)}") from None

    def __bool__(self) -> bool:
        return bool(self.wanted)

    @property
    def within(self) -> str:
        """Where it is looked for, if that is not the whole of a usual line."""
        longest = _USUAL if self._expression is None else self._expression.longest
        return "" if longest >= _USUAL else f", in the first {longest} characters of each"

    def check(self) -> None:
        """Raise ValueError once it took too long."""
        if self.trouble:
            raise ValueError(self.trouble)

    def finds(self, text: str) -> bool:
        """Whether it is there."""
        expression = self._expression
        if expression is None:  # several times as fast as an expression
            return bool(self.wanted) and self._text in (text.casefold() if self._folds else text)
        if self.trouble:
            return False
        began = time.thread_time()
        found = expression.finds(text)
        self._took += time.thread_time() - began
        self._allowed += ALLOWED_EACH * len(text)
        if self._took > self._allowed:
            self.trouble = TOO_SLOW
        return found

    def places(self, text: str) -> list[tuple[int, int]]:
        """From which to which character it stands there, each time."""
        if self._expression is not None:
            return [] if self.trouble else self._expression.places(text)
        return [each.span() for each in self._literal.finditer(text)] if self else []


def _lower(expression: str) -> bool:
    r"""Whether it has no capitals but those of classes, as in \W."""
    plain = re.sub(r"\\.", "", expression)
    return plain == plain.lower()
