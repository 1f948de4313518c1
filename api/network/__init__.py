"""Network versions at the door: import, register, issues, export, as-built."""
