"""Readings from the field: read, kept beside the version, and the calibration that is made of them."""
