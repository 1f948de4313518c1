"""Single values and shapes as sources write them: read, doubted, or left out, each with its place."""
