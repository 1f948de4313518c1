"""Tables of a PostGIS database as import source: read once, in one read-only transaction, into a scratch folder."""
