"""kwatch in a browser: a page with a terminal (the one of textual-serve), a websocket, and a process a session.

`server` answers only who has the token and comes from its own page; `page` is what a browser loads; `terminal_session`
is one kwatch behind a pseudo-terminal, which ends with its connection.
"""
