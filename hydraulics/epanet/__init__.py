"""EPANET itself: the one place that calls its library."""
