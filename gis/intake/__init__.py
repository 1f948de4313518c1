"""From source tables to our attributes and layers: which table is what, in which unit, tied to what."""
