"""The table as it was. Begin with `journey`: it moves a `past_table` through time, and `time_bar` shows where."""
