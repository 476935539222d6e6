"""A sentence for the user from another thread."""

from __future__ import annotations

from typing import Literal

from textual.message import Message


class Notice(Message):
    """Posted to the app, which shows it as a toast."""

    def __init__(self, text: str, severity: Literal["information", "warning", "error"] = "information") -> None:
        super().__init__()
        self.text = text
        self.severity = severity
