"""What can be done, as tables of commands: `command` is the shape of a row, the others are the tables of the screens.

A new key is a row in the table of its screen, with the name of a method there; help, footer, palette, command line and
key maps are made from the rows. `command_line` reads what is typed after `:`, `settings_reload` checks key maps.
"""
