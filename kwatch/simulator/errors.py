"""What the store refuses."""

from __future__ import annotations


class StoreError(Exception):
    """An object could not be read or written; `resource` is `deployments.apps`."""

    def __init__(self, resource: str, name: str, message: str) -> None:
        super().__init__(message)
        self.resource = resource
        self.name = name


class Conflict(StoreError):
    """The object is not in the state the writer believes it to be in: its resourceVersion moved on, or it exists."""

    def __init__(self, resource: str, name: str, message: str = "") -> None:
        text = message or (
            f'Operation cannot be fulfilled on {resource} "{name}": the object has been modified; '
            "please apply your changes to the latest version and try again"
        )
        super().__init__(resource, name, text)


class AlreadyExists(Conflict):
    """An object of that name is there already."""

    def __init__(self, resource: str, name: str) -> None:
        super().__init__(resource, name, f'{resource} "{name}" already exists')


class NotStored(StoreError):
    """There is no object of that name."""

    def __init__(self, resource: str, name: str) -> None:
        super().__init__(resource, name, f'{resource} "{name}" not found')


class UnknownType(StoreError):
    """Nothing of that apiVersion and kind, or no resource of that name, is served."""

    def __init__(self, what: str) -> None:
        super().__init__(what, "", f"the store holds no {what}")
