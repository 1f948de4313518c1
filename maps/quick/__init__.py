"""Self-contained pages with folium: one scheme, one renewal run, one capacity map."""
