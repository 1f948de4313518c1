"""What a site draws: every kind of use, fire, the day's profile and what the inlet must carry, each figure with its clause."""
