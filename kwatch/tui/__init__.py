"""The terminal interface. Only this package imports Textual.

The way of a change: informers collect dirty keys; `KwatchApp` (`app`) ticks every screen when there are any; a screen
drains its feeds, applies the keys to its rows and repaints the lines that changed. The way of a key: the terminal's
driver reads it, `key_order` keeps what is typed in order, the commands of the screen on top say what it does.

- `app`: the app, and its tick. Begin here. `base_app` is what every part may ask of it, copying (OSC 52) included;
  `settings_reload` follows the settings file, `key_map` knows every command that one may give other keys.
- `kwatch_screen`: what all screens share. `navigation`: opens a screen by its name, so that none imports another.
- `commands/`: what keys and `:` commands do, as data: each names the methods that do it. `keys`: what is pressed for
  them now. `exporting` writes what is shown to a file, `saved_views` keeps it under a name.
- `location`: where a table is: resource, namespace, filter, order. `themes` and `palette`: its colours.
- `features/`: one folder a feature, with its screen, rows and handlers: `table` (home), `object` (its tabs),
  `changes`, `time_travel`, `explorer`, `problems`, `delta_log`; one file are `informers_screen`, `help_screen` and
  `choice_screen` (`choosing` has the lists). `framed_screen`: what stands in a frame on top of another screen.
- `kit/`: what screens are built of, and knows no feature: `table`, `text`, `widgets`.
- `terminal/`: the driver: modes, reading and writing threads, signals, keys and the mouse's bytes (`keyboard`).

Everything runs on the UI thread, unless a class says that it has a thread of its own; such a thread leaves its result
where the next tick finds it, or posts a message. Screens and tabs are imported when they are first shown, or by
`preload` in a quiet moment; that is why some imports stand in functions.
"""
