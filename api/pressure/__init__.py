"""Hydraulic questions at the door: checks, capacity, outages, the model itself."""
