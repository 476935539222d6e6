"""A view with a name: what is shown, narrowed and ordered how. One file each, to be written and shared by people."""

from __future__ import annotations

import msgspec


class SavedView(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel", omit_defaults=True):
    """All of it is optional; one without a resource is a saved filter, for whatever is shown."""

    resource: str = ""
    """As typed after the colon: one resource or several, with commas."""
    namespace: str = ""
    """`*` is all of them; empty: the one in use."""
    selector: str = ""
    """A label selector, for the server."""
    field_selector: str = ""
    filter: str = ""
    sort: str = ""
    """A column's title; `-AGE` is descending."""
    wide: bool = False
