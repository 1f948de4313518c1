"""Durable long work: the desk, one file per kind of job, and the runs about the whole network in one table."""
