"""What the network does under a load. Imports gis only."""
