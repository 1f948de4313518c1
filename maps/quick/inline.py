"""Takes a web page's scripts and styles into the page itself, images as data, so that nothing is ever fetched."""

from __future__ import annotations

import base64
import json
import re
from html import escape
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from maps.errors import MapError

if TYPE_CHECKING:
    from pathlib import Path

_URL = re.compile(r"url\(\s*['\"]?([^'\")]+)['\"]?\s*\)")
_KINDS = {".png": "image/png", ".svg": "image/svg+xml", ".gif": "image/gif", ".woff2": "font/woff2"}


def script_text(vendor: Path, name: str) -> str:
    """
    A script of the vendor folder, fit to stand inside a page.

    Raises
    ------
    MapError
        `vendor-file-missing`: the web part was not built.
    """
    text = _read(vendor, name).decode("utf-8")
    text = re.sub(r"^//# sourceMappingURL=.*$", "", text, flags=re.MULTILINE)
    # Leaflet's own credit is a link; the page is made without one, so the address goes too.
    text = text.replace('href="https://leafletjs.com"', "")
    return text.replace("</script", "<\\/script")


def style_text(vendor: Path, name: str) -> str:
    """A style sheet of the vendor folder with every image it names put into it."""

    def data_address(match: re.Match[str]) -> str:
        address = match[1]
        if address.startswith(("data:", "#")):
            return match[0]
        content = base64.b64encode(_read(vendor, address)).decode("ascii")
        kind = _KINDS["." + address.rpartition(".")[2].lower()]
        return f"url(data:{kind};base64,{content})"

    return _URL.sub(data_address, _read(vendor, name).decode("utf-8")).replace("</style", "<\\/style")


def script_value(value: Any) -> Markup:
    """
    A value as a literal of a script inside a page.

    Nothing in it can end the script, and nothing can be taken for a template: folium renders its parts twice.

    >>> print(script_value(["</script>{{7*7}}"]))
    ["\\u003c/script\\u003e{\\u007b7*7}}"]
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for char in "<>&'\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    for opening in ("{{", "{%", "{#"):
        text = text.replace(opening, opening.replace("{", "\\u007b") if opening != "{{" else "{\\u007b")
    return Markup(text)  # noqa: S704  # every sign that markup knows is coded away above


def markup_name(name: str) -> str:
    """A name for a place that takes markup and is rendered twice: shown letter by letter."""
    return escape(name).replace("{", "&#123;")


def _read(vendor: Path, name: str) -> bytes:
    file = vendor / name
    if not file.is_file():
        raise MapError("vendor-file-missing", file=str(file))
    return file.read_bytes()
