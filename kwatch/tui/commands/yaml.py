"""What can be done with an object's YAML."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kwatch.tui.commands.command import Command
from kwatch.tui.commands.tab_command import TabCommand

if TYPE_CHECKING:
    from kwatch.tui.features.object.yaml_tab import YamlTab
    from kwatch.tui.screens.object_screen import ObjectScreen


class _OnYaml(TabCommand):
    group = "YAML"
    on = "yaml"

    def tab(self, screen: ObjectScreen) -> YamlTab:
        """The YAML."""
        from kwatch.tui.features.object.yaml_tab import YamlTab

        return screen.tab_of(YamlTab)


class ToggleManagedFields(_OnYaml):
    """`m`."""

    id = "yaml.managed-fields"
    keys = "m"
    title = "Show or hide managedFields"
    footer = "managed fields"

    def footer_on(self, screen: ObjectScreen) -> str:
        """What it does now."""
        return f"hide {self.footer}" if self.tab(screen).managed_fields else self.footer

    def run(self, screen: ObjectScreen) -> None:
        """Turn it around."""
        self.tab(screen).toggle_managed_fields()


class Unmask(_OnYaml):
    """`x`."""

    id = "yaml.unmask"
    keys = "x"
    needs = "Only the values of a Secret are masked, on its YAML."
    title = "Show or hide a Secret's values"
    footer = "unmask"

    def footer_on(self, screen: ObjectScreen) -> str:
        """What it does now."""
        return "mask" if self.tab(screen).unmasked else self.footer

    def available(self, screen: ObjectScreen) -> bool:
        """Only on a Secret."""
        return super().available(screen) and screen.subject.resource.kind == "Secret"

    def run(self, screen: ObjectScreen) -> None:
        """Turn it around."""
        self.tab(screen).toggle_mask()


YAML: tuple[type[Command[Any]], ...] = (ToggleManagedFields, Unmask)
