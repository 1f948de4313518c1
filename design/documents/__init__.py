"""PDF, XLSX and DXF: formats only, nothing is computed here."""
