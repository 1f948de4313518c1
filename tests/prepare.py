"""Installs what the tests need beyond Python: Chromium and PostGIS. Says loudly what it could not get."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from tests.postgis import PACKAGES, programs

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def browser() -> str | None:
    """Path of a Chromium on this machine, or None."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def _install(*packages: str) -> None:
    if shutil.which("apt-get") is None:
        return
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    quiet = {"stdout": subprocess.DEVNULL}
    subprocess.run([*prefix, "apt-get", "update", "-qq"], check=False, **quiet)
    # env: sudo does not hand our environment on
    command = [
        "env",
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "install",
        "-y",
        "-qq",
        "--no-install-recommends",
    ]
    subprocess.run([*prefix, *command, *packages], check=False, **quiet)


def main() -> int:
    """Exit 1 in CI when browser or database cannot be had: there a skip is a failure."""
    missing = 0
    for found, packages, sentence in (
        (
            browser,
            ("chromium",),
            "未能安装 Chromium，浏览器测试将跳过 / no Chromium: browser tests will be SKIPPED",
        ),
        (
            programs,
            PACKAGES,
            "未能安装 PostGIS，数据库工作区的测试将跳过 / no PostGIS: database tests will be SKIPPED",
        ),
    ):
        if found() is None:
            _install(*packages)
        if found() is None:
            print(f"!! {sentence}", file=sys.stderr)
            missing += 1
    return 1 if missing and os.environ.get("CI") else 0


if __name__ == "__main__":
    raise SystemExit(main())
