"""Alternatives: which ways to connect are worked out, how they are weighed against each other, and why each loser lost."""
