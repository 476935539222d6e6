"""The table as it was. Begin with `time_travel`: it moves an `as_of_table` through time, and `time_bar` shows where."""
