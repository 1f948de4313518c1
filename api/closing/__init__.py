"""Closing valves at the door: what to close for a place, lists of who is without water, and where a valve helps most."""
