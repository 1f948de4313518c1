"""Where a trench can run: streets as a graph, ground beside them, and the cheapest walk between two places."""
