"""Closing valves: segments of a model, what to close for a tie-in or a break, and what that costs its customers."""
