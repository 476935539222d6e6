"""How wide the columns are: from what is on screen, growing but never shrinking, squeezed on narrow screens.

Room that is left over goes to further columns by their turn, and then to texts that were cut. Such a column comes only
where all that is there could grow as far as it is known to; it goes when what is there has grown over it, and does not
come back before the screen gets another width. A width of 0 is that of a column that is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len

from kwatch.tui.kit.table.rows import Cell, Heading

GUTTER = 3
"""Cells before the first column: the cursor's bar, the sign, a space."""
GAP = 2
"""Cells between columns."""
MAX_GAP = 4
"""How far apart columns are moved where there is room."""
NARROWEST_NAME = 20
NARROWEST_FILL = 24
NARROWEST_CUT = 16
LONGEST = 400
"""Cells; no text of a table needs more."""
ROOMY = 100
"""From this width on only names are cut: half an IP address is worth less than a column to scroll to."""


class ColumnLayout:
    """Widths of one table. `version` grows whenever they change, so that painted lines can be thrown away."""

    def __init__(self, headings: Sequence[Heading] = (), width: int = 0) -> None:
        self.version = 0
        self.widths: tuple[int, ...] = ()
        self.gap = GAP
        self._headings: Sequence[Heading] = ()
        self._natural: list[int] = []
        self._longest: list[int] = []
        """What was seen, also beyond what a column may take from others."""
        self._came: frozenset[int] = frozenset()
        """Those that take room that is left over, as it was decided last."""
        self._has_seen = False
        """Whether any row was: without one nothing is known of the room."""
        self._is_open = True
        """Whether columns may come: once it is decided they only go, so that none comes and goes while one scrolls."""
        self._width = width
        self.reset(headings, width)

    def reset(self, headings: Sequence[Heading], width: int) -> None:
        """Forget what was seen: other columns, or another screen width."""
        self._headings = headings
        self._width = width
        # A number's title stands at the right end, where the arrow of the sort order needs room too.
        self._natural = [max(h.min_width, cell_len(h.title) + h.right) for h in headings]
        self._longest = [*self._natural]
        self._came, self._has_seen, self._is_open = frozenset(), False, True
        self._settle()

    def resize(self, width: int) -> None:
        """Another screen width; what was seen stays known."""
        if width != self._width:
            self._width, self._is_open = width, True
            self._settle()

    def see(self, rows: Iterable[Sequence[Cell]]) -> bool:
        """Widen columns to what these rows hold; True if any width changed."""
        natural, longest, grown = self._natural, self._longest, False
        fills = self._fills
        for cells in rows:
            if not self._has_seen:
                self._has_seen = grown = True
            for index, cell in enumerate(cells[:-1] if fills else cells):
                text = cell.text
                size = len(text) if text.isascii() else cell_len(text)
                if size > longest[index]:
                    longest[index] = min(size, LONGEST)
                    natural[index] = max(natural[index], min(size, self._headings[index].max_width))
                    grown = True
        if grown:
            return self._settle()
        return False

    @property
    def frozen_count(self) -> int:
        count = 0
        for heading in self._headings:
            if not heading.frozen:
                break
            count += 1
        return count

    @property
    def frozen_width(self) -> int:
        """The cells taken by the gutter and the columns that stay."""
        return GUTTER + sum(map(self._with_gap, self.widths[: self.frozen_count]))

    @property
    def total_width(self) -> int:
        return GUTTER + sum(map(self._with_gap, self.widths)) - (self.gap if self.widths else 0)

    def column_at(self, x: int, scroll_x: int) -> int | None:
        if x < GUTTER:
            return None
        position = GUTTER
        frozen = self.frozen_count
        for index, width in enumerate(self.widths):
            if index == frozen and x >= self.frozen_width:
                x += scroll_x
            position += self._with_gap(width)
            if x < position:
                return index
        return None

    def cut_off(self, scroll_x: int, width: int) -> int | None:
        """Which optional column is cut by the right edge: half a number would be another number."""
        end = GUTTER - scroll_x
        for heading, size in zip(self._headings, self.widths, strict=True):
            if heading.optional and end < width < end + size:
                return self._headings.index(heading)
            end += self._with_gap(size)
        return None

    def clipped(self, scroll_x: int, width: int) -> dict[int, tuple[int, int]]:
        """The columns that are shown in part -> how many of their cells are out of sight to the left, and to the right:
        below what stays in place, and beyond the edge.
        """
        if not scroll_x and self.total_width <= width:
            return {}
        found, start, frozen = {}, GUTTER, self.frozen_count
        for index, size in enumerate(self.widths):
            at, floor = (start - scroll_x, self.frozen_width) if index >= frozen else (start, 0)
            left, right = max(0, floor - at), max(0, at + size - width)
            if (left or right) and left + right < size:
                found[index] = left, right
            start += self._with_gap(size)
        return found

    @property
    def _fills(self) -> bool:
        return bool(self._headings) and self._headings[-1].fill

    def _with_gap(self, width: int) -> int:
        """The cells of a column with the room behind it; one that is left out has neither."""
        return width + self.gap if width else 0

    def _settle(self) -> bool:
        if self._fills:
            self._natural[-1] = max(len(self._headings[-1].title), NARROWEST_FILL, self._width * 2 // 5)
        self._came, is_roomy = self._invited()
        widths = self._squeezed() if self._natural_total() > self._width > 0 else list(self._natural)
        widths = [width if self._is_shown(index) else 0 for index, width in enumerate(widths)]
        if is_roomy:
            widths = [max(size, h.reserve) if size else 0 for size, h in zip(widths, self._headings, strict=True)]
        self._spend(widths)
        count = len(widths) - widths.count(0)
        spare = self._width - GUTTER - sum(widths)
        gap = min(MAX_GAP, max(GAP, spare // max(1, count)))
        if self._fills:
            gap = GAP
            widths[-1] = max(widths[-1], self._width - GUTTER - sum(widths[:-1]) - gap * count + gap)
        changed = (tuple(widths), gap) != (self.widths, self.gap)
        if changed:
            self.widths, self.gap = tuple(widths), gap
            self.version += 1
        return changed

    def _invited(self) -> tuple[frozenset[int], bool]:
        """The columns that take room that is left over; and whether all can have what is kept for them."""
        came, headings = set[int](), self._headings
        turns = sorted((h.spare, index) for index, h in enumerate(headings) if h.spare)
        now = self._natural_total()
        later = now + sum(max(0, h.reserve - self._natural[i]) for i, h in enumerate(headings) if self._needed(i))
        is_roomy = self._width >= ROOMY and later <= self._width
        for _, index in turns:
            heading, size = headings[index], self._natural[index] + GAP
            if heading.cut:
                if self._longest[index] <= cell_len(heading.title):
                    continue  # nothing is known to stand there
                size = min(size, NARROWEST_CUT + GAP)
            reserved = max(size, heading.reserve + GAP)
            if heading.left_out:
                is_there = index in self._came
                fits = now + size if is_there else later + reserved
                may = is_there or heading.cut or (self._is_open and self._has_seen)
                if not may or self._width < ROOMY or fits > self._width:
                    continue
                came.add(index)
                is_roomy = later + reserved <= self._width
            now += size
            later += reserved
        self._is_open = self._is_open and not self._has_seen
        return frozenset(came), is_roomy

    def _spend(self, widths: list[int]) -> None:
        """What is still left goes to texts that would be cut."""
        shown = [index for index, size in enumerate(widths) if size]
        cut = [index for index in shown if self._headings[index].cut]
        for index in cut:
            widths[index] = min(widths[index], NARROWEST_CUT)
        left = self._width - GUTTER - sum(widths) - GAP * (len(shown) - 1)
        if self._fills:
            # The last one keeps half of the screen.
            left = min(left, left + widths[-1] - self._width // 2)
            shown = shown[:-1]
        for index in shown:
            if left > 0 and widths[index] < self._longest[index]:
                more = min(left, self._longest[index] - widths[index])
                widths[index] += more
                left -= more

    def _is_shown(self, index: int) -> bool:
        heading = self._headings[index]
        return self._width >= heading.from_width and (not heading.left_out or index in self._came)

    def _needed(self, index: int) -> bool:
        heading = self._headings[index]
        if not self._is_shown(index):
            return False
        return not heading.spare and (self._width >= ROOMY or not heading.optional)

    def _natural_total(self) -> int:
        needed = (width for index, width in enumerate(self._natural) if self._needed(index))
        return GUTTER + sum(width + GAP for width in needed) - GAP

    def _squeezed(self) -> list[int]:
        """Take from the widest first, down to a floor each; where even that is too wide the table scrolls sideways."""
        widths = self._taken(tight=False)
        if self._fills and not widths:
            return self._taken(tight=True) or self._floors(tight=True)
        return widths or self._scrolling()

    def _taken(self, *, tight: bool) -> list[int]:
        """The natural widths with what is too much taken from the widest; empty where the floors are too wide."""
        widths, floors = list(self._natural), self._floors(tight=tight)
        excess = self._natural_total() - self._width
        while excess > 0:
            index = max(range(len(widths)), key=lambda i: widths[i] - floors[i], default=-1)
            if index < 0 or widths[index] <= floors[index]:
                return []
            widths[index] -= 1
            excess -= 1
        return widths

    def _floors(self, *, tight: bool) -> list[int]:
        natural = self._natural
        return [
            self._floor(index, tight=tight) if self._needed(index) else natural[index] for index in range(len(natural))
        ]

    def _floor(self, index: int, *, tight: bool) -> int:
        heading, natural = self._headings[index], self._natural[index]
        if heading.fill:
            return NARROWEST_FILL if tight else max(NARROWEST_FILL, self._width // 3)
        if heading.flexible:
            return min(natural, NARROWEST_NAME // 2 if tight else max(NARROWEST_NAME, self._width // 4))
        if self._width >= ROOMY and not self._fills:
            return natural
        return min(natural, max(heading.min_width, cell_len(heading.title), natural * 3 // 5))

    def _scrolling(self) -> list[int]:
        limit = max(NARROWEST_NAME, self._width * 2 // 5)
        return [
            min(natural, limit) if heading.flexible else natural
            for heading, natural in zip(self._headings, self._natural, strict=True)
        ]
