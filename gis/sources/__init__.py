"""Readers of the source families: each turns a foreign file into raw layers."""
