"""The scheme document: shapes of its parts, and how a scheme becomes one."""
