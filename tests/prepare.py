"""Installs what the tests need beyond Python: a Chromium for the browser journeys. Says loudly what it could not get."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def browser() -> str | None:
    """Path of a Chromium on this machine, or None."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def _install_browser() -> None:
    if shutil.which("apt-get") is None:
        return
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    quiet = {"stdout": subprocess.DEVNULL}
    subprocess.run([*prefix, "apt-get", "update", "-qq"], check=False, **quiet)
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]
    subprocess.run([*prefix, *command], check=False, **quiet)


def main() -> int:
    """Exit 1 in CI when the browser cannot be had: there a skip is a failure."""
    if browser() is None:
        _install_browser()
    if browser() is None:
        print(
            "!! 未能安装 Chromium，浏览器测试将跳过 / no Chromium: browser tests will be SKIPPED",
            file=sys.stderr,
        )
        return 1 if os.environ.get("CI") else 0
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
