"""Answers as a person reads them on the command line."""
