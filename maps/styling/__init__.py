"""The style MapLibre draws the tiles by."""
