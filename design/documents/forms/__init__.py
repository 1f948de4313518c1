"""Application forms as Word files."""
