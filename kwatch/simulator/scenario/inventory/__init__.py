"""What the simulated company runs, as its teams would describe it."""
