"""Price lists and planned works, without a workspace."""
