"""Writes api/openapi.json, the description other programs are built from: `python -m api.openapi`."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

from api.app import bare_app

FILE = "openapi.json"


def text() -> str:
    """Give the description as it is committed."""
    return json.dumps(bare_app().openapi(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def main() -> None:
    """Write the file beside this module."""
    Path(str(files("api"))).joinpath(FILE).write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
