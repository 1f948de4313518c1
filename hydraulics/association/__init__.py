"""An EPANET model laid over the pipes of the GIS: which pipe is which, by place, direction and size, and what differs."""
