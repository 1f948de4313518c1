"""Mending what a source drew: ends, tees, sizes and heights, each repair a listed issue."""
