"""Bad files of every family, built in code, and what an import must make of each (reliability list, B-001 to B-090)."""
