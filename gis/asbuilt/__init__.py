"""As-built capture: a connection that was planned and built becomes pipes, nodes, valve and meter of the next version."""
