"""Vector files: what GDAL may safely read of them, and what it takes from them without a word."""
