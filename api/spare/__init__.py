"""Capacity maps as durable work: kept in the workspace, done in chunks by several processes, refreshed after changes."""
