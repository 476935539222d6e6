"""What is played: scenario files, how they are read and checked, and how much of one is built."""
