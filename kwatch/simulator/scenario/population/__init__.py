"""What is in the cluster when the story begins, all of it with a past."""
