"""The plan drawing of a connection at true scale, layer by layer."""
