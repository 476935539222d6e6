"""What can be done with an object's YAML."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kwatch.tui.commands.command import Command
from kwatch.tui.commands.tab_command import TabCommand

if TYPE_CHECKING:
    from kwatch.tui.screens.object_screen import ObjectScreen


class _OnYaml(TabCommand):
    group = "YAML"
    on = "yaml"


class ToggleManagedFields(_OnYaml):
    """`m`."""

    id = "yaml.managed-fields"
    keys = "m"
    title = "Show or hide managedFields"
    footer = "managed fields"

    def run(self, screen: ObjectScreen) -> None:
        """Turn it around."""
        from kwatch.tui.object.yaml_tab import YamlTab

        screen.tab_of(YamlTab).toggle_managed_fields()


class Unmask(_OnYaml):
    """`x`."""

    id = "yaml.unmask"
    keys = "x"
    needs = "Only the values of a Secret are masked, on its YAML."
    title = "Show or hide a Secret's values"
    footer = "unmask"

    def available(self, screen: ObjectScreen) -> bool:
        """Only on a Secret."""
        return super().available(screen) and screen.subject.resource.kind == "Secret"

    def run(self, screen: ObjectScreen) -> None:
        """Turn it around."""
        from kwatch.tui.object.yaml_tab import YamlTab

        screen.tab_of(YamlTab).toggle_mask()


YAML: tuple[type[Command[Any]], ...] = (ToggleManagedFields, Unmask)
