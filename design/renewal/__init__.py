"""Which old pipes next, and how each street is opened only once."""
