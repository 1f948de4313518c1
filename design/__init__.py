"""Decisions: what to build, at what cost, and when. Imports gis and hydraulics."""
