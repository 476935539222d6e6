"""A cluster in a process: an API server that speaks the wire protocol, with a living scenario.

Begin with `process.serve`: it loads a scenario (`scenario`), fills a store with it and keeps it moving (`engine`), and
answers requests from the store (`api`), all in one event loop. A change goes this way: a controller or a step of a
story -> `engine.world.World` -> `store.Store` -> `collection.Collection` -> the watches of `api.watching`.
"""
