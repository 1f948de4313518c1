"""What a version was and became: differences, history, consent, copies and exports."""
