"""Sizes of service pipe and meter."""
