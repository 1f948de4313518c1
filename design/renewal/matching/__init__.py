"""Whose works a pipe goes along with: programmes, no-dig periods, overlaps, coordination."""
