"""From a layer in memory to the bytes of one tile: prepare once, thin by zoom, cut, round, write."""
