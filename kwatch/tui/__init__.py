"""The terminal interface. Only this package imports Textual.

The way of a change: informers collect dirty keys; `KwatchApp` (`app`) ticks every screen 20 times a second; a screen
drains its feeds, applies the keys to its rows and repaints the lines that changed. The way of a key: the terminal's
driver reads it, `key_order` keeps what is typed in order, the commands of the screen on top say what it does.

- `app`: one session, a stack of screens, the tick. Begin here.
- `features/`: one folder a feature, with its screen, rows and handlers: `table`, `object` (its tabs), `changes`,
  `time_travel`, `explorer`.
- `kit/`: what screens are built of, and knows no feature: `table`, `text`, `widgets`.
- `terminal/`: the driver: modes, reading and writing threads, signals, keys.
- `commands/`: what keys and `:` commands do.

Everything runs on the UI thread, unless a class says that it has a thread of its own; such a thread leaves its result
where the next tick finds it. Screens and tabs are imported when they are first shown, or by `preload` in a quiet
moment.
"""
