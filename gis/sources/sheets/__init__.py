"""Survey sheets and other tables without geometry: rows as a person sees them, layouts, other utilities."""
