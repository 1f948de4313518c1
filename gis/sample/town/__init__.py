"""What stands above ground in the sample city: plan, streets, land, buildings, names."""
