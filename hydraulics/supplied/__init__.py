"""What water reaches: which nodes any source feeds, what is cut off, and the way the water comes."""
