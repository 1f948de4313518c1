"""How the building gets its water behind the tie-in: devices of the inlet, floors and zones, one inlet or two."""
