"""Durable long work, one file per kind of job."""
