"""What is derived from a network version and kept beside it, so that the next start need not make it again."""
