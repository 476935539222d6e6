"""Queues of work: no key with two workers at once, delays, and patience with what fails."""
