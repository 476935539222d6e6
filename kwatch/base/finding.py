"""What people look for in lines of text: a text, or a regular expression between slashes."""

from __future__ import annotations

import re


class Finder:
    """`error` finds the text, `/timeout|refused/` what the expression describes; case is ignored unless capitals are
    typed. Nothing finds nothing. Raise ValueError, whose text says why, for an expression that is none.
    """

    def __init__(self, wanted: str) -> None:
        self.wanted = wanted
        is_expression = len(wanted) > 2 and wanted[0] == wanted[-1] == "/"
        body = wanted[1:-1] if is_expression else wanted
        ignores_case = _lower(body) if is_expression else body == body.lower()
        self._text = "" if is_expression else body.casefold() if ignores_case else body
        self._folds = ignores_case
        try:
            self._pattern = re.compile(body if is_expression else re.escape(body), re.IGNORECASE if ignores_case else 0)
        except (re.error, RecursionError, OverflowError) as error:
            raise ValueError(f"that is no regular expression: {getattr(error, 'msg', error)}") from None

    def __bool__(self) -> bool:
        return bool(self.wanted)

    def finds(self, text: str) -> bool:
        """Whether it is there."""
        if self._text:  # several times as fast as the expression
            return self._text in (text.casefold() if self._folds else text)
        return bool(self.wanted) and self._pattern.search(text) is not None

    def places(self, text: str) -> list[tuple[int, int]]:
        """From which to which character it stands there, each time."""
        return [each.span() for each in self._pattern.finditer(text) if each.end() > each.start()] if self else []


def _lower(expression: str) -> bool:
    r"""Whether it has no capitals but those of classes, as in \W."""
    plain = re.sub(r"\\.", "", expression)
    return plain == plain.lower()
