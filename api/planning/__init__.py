"""Schemes at the door: planned, drawn, written."""
