"""The life of a scheme at the door: accept, extend, withdraw, show, verify."""
