"""The request that the contract writes out in full."""

CONTRACT_REQUEST = {
    "name": "某居住小区",
    "site": {"position": [117.02, 36.66], "polygon": None, "elevation_m": None, "storeys": 6},
    "use": {
        "type": "residential", "dwellings": 48, "fixture_units_per_dwelling": 4.0, "persons_per_dwelling": 3.2,
        "quota_lpcd": 200, "hourly_factor": 2.5,
    },
    "fire": {"outdoor_lps": 15.0},
    "options": {"count": 3},
}  # fmt: skip
