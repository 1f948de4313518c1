"""Where the HTTP API stands: the front of every address, for routes, links and callers."""

API = "/api/v1"
