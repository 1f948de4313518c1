"""Findings: an option held against the rules."""
