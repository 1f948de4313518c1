"""The capacity map of a whole network: places asked about, chunks of work, what a change touches."""
