"""The help: keys in force, the filter language, and what each sign means."""
