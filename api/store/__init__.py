"""State that people make: schemes, decisions, jobs. SQLite in the workspace."""
