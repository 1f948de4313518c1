"""The way of a service pipe: which way it takes, under what terms, its profile, and how that is said."""
