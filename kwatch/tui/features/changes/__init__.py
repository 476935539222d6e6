"""A baseline, and everything that changed since it: `baseline` is what is compared with, `change_list` what differs."""
