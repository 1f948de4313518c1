"""Our own solver of EPANET's steady-state equations: one factor kept, small changes re-solved where they reach."""
