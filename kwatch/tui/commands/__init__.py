"""What can be done: one class a command, carrying its key, its words and its deed."""
