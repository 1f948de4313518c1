"""Writes api/openapi.json, the description other programs are built from: `python -m api.openapi`."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

from api.app import bare_app

FILE = "openapi.json"


def text() -> str:
    """Give the description as it is committed."""
    return json.dumps(plain(bare_app().openapi()), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def plain(value: Any) -> Any:
    """Whole numbers as such: 50000.0 and 50000 are the same limit, and tools write either."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def main() -> None:
    """Write the file beside this module."""
    Path(str(files("api"))).joinpath(FILE).write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
