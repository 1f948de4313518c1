"""Model files made sound before EPANET sees them: its reader ends the whole process on a line that is too long."""
