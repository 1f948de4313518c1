"""What will be built: trench, fittings, details, casings, thrust."""
