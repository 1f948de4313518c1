"""Where network versions are kept: a folder of GeoPackages, or a PostGIS database."""
