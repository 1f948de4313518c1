"""Doors: command line, HTTP, jobs and storage of state. Imports every room."""
