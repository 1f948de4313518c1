"""File formats that several rooms write or read: Arrow, GeoPackage, workbooks, GDAL as it is set here."""
