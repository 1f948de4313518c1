"""What a source leaves out and others tell: elevations from points and terrain grids, sizes from neighbours; each marked."""
