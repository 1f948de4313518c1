"""Layers of a version in the formats of others, in Chinese headings and words; each is read back by the import."""
