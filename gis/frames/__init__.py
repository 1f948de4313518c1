"""What the coordinates and heights of a source refer to, and the way from there to a CRS that PROJ knows."""
