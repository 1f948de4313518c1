"""What stays doubtful after repair: one file a family, each doubt an issue with its place."""
