"""The panel beside the table that shows what the indexes hold, and filters by it."""
