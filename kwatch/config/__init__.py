"""What a user may set, read from files: config.yaml, themes, saved views, and where these files are.

A file is read by `document` as a typed struct, and a mistake in it is a `Problem` with its line, never a crash. Begin
with `settings` (every setting, its default, and how a saved file is noticed), then `theme`, `saved_views` and
`prompt_history`; `locations` says which folders are meant. Of the rest of kwatch it knows `base` alone.
"""
