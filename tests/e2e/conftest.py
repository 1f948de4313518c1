"""A running server of the sample city and a real Chromium; both as a user has them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Served:
    """Where the page is, and the workspace behind it."""

    url: str
    workspace: Path


def start_server(workspace: Path) -> tuple[subprocess.Popen, str]:
    """Start `tapwright serve` on a free port and wait until it is warm."""
    tapwright = Path(sys.executable).with_name("tapwright")
    note = workspace / "server.json"
    note.unlink(missing_ok=True)
    command = [tapwright, "serve", "--workspace", workspace, "--port", "0", "--local"]
    server = subprocess.Popen(command, env={**os.environ})
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and server.poll() is None:
        try:
            url = f"http://127.0.0.1:{json.loads(note.read_text())['port']}"
            with urllib.request.urlopen(f"{url}/api/v1/health", timeout=2) as answer:
                if json.load(answer)["warm"]:
                    return server, url
        except (OSError, ValueError, KeyError):
            pass
        time.sleep(0.2)
    server.kill()
    raise RuntimeError("the server did not come up")


@pytest.fixture(scope="session")
def served(sample_workspace, tmp_path_factory):
    workspace = tmp_path_factory.mktemp("served") / "w"
    shutil.copytree(sample_workspace, workspace)
    server, url = start_server(workspace)
    yield Served(url, workspace)
    server.terminate()
    server.wait(20)


@pytest.fixture
def faults():
    """Page errors and console errors: a journey must end with none."""
    return []


def _is_fault(message) -> bool:
    """An error of the page itself; that no renewal list exists yet is an answer (404), which Chromium also logs."""
    return message.type == "error" and not message.location.get("url", "").endswith("/api/v1/renewal")


@pytest.fixture
def open_page(chromium, served, faults):
    """Open the page in a fresh browser profile; `blocked` refuses every origin but the server's."""
    contexts = []

    def open_it(*, blocked=False, **options):
        options = {"viewport": {"width": 1440, "height": 900}, "locale": "zh-CN", **options}
        context = chromium.new_context(accept_downloads=True, **options)
        contexts.append(context)
        requests = []
        context.on("request", lambda request: requests.append(request.url))
        if blocked:

            def only_ours(route):
                ours = route.request.url.startswith((served.url, "data:", "blob:"))
                return route.continue_() if ours else route.abort()

            context.route("**/*", only_ours)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text) if _is_fault(message) else None)
        page.goto(served.url)
        page.get_by_test_id("network-version").wait_for(timeout=30_000)
        page.requests = requests
        return page

    yield open_it
    for context in contexts:
        context.close()
