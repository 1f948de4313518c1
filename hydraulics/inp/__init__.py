"""EPANET INP files: read, made sound, imported, written."""
