"""Pictures: vector tiles, map style, plan drawings, folium maps and the web app. Imports gis only."""
