"""Files a person brings: kept apart until they become a network version, read by a process of their own."""
