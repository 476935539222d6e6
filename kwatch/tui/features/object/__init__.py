"""The tabs of the object screen, one file each, and what they show."""
