"""The connection drawing as DXF: model space in survey coordinates, sheets with plan, profile and node details."""
