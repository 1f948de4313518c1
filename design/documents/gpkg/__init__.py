"""GeoPackages with titles, aliases and styles: the scheme, the renewal programme."""
