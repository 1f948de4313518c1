"""A throw-away PostGIS cluster for the tests: own folder, own port, nothing brought to disk, gone at the end."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

PASSWORD = "correct"
PACKAGES = ("postgresql", "postgresql-15-postgis-3")


def programs() -> Path | None:
    """Folder of the newest PostgreSQL server on this machine that has PostGIS, or None."""
    for control in sorted(Path("/usr/share/postgresql").glob("*/extension/postgis.control"), reverse=True):
        folder = Path("/usr/lib/postgresql") / control.parents[1].name / "bin"
        if (folder / "initdb").is_file():
            return folder
    return None


@contextmanager
def cluster():
    """Give its folder (of the socket) and port; user `gis` needs no password there, over TCP it does."""
    found = programs()
    folder = Path(tempfile.mkdtemp(prefix="tapwright-pg-"))
    prefix = []
    if os.geteuid() == 0:  # the server refuses to run as root
        shutil.chown(folder, "postgres")
        prefix = ["runuser", "-u", "postgres", "--"]

    def run(program: str, *words: str) -> None:
        done = subprocess.run(
            [*prefix, found / program, *words], cwd=folder, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()

    port, secret, data = _free_port(), folder / "secret", folder / "data"
    secret.write_text(PASSWORD)
    secret.chmod(0o644)
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
    try:
        run(
            "initdb", "-D", str(data), "-U", "gis", "-N", "--locale=C.UTF-8", "--auth-local=trust",
            "--auth-host=scram-sha-256", "--pwfile", str(secret),
        )  # fmt: skip
        run("pg_ctl", "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start")
        run("createdb", "-h", str(folder), "-p", str(port), "-U", "gis", "gis")
        run(
            "psql",
            "-q",
            "-h",
            str(folder),
            "-p",
            str(port),
            "-U",
            "gis",
            "-c",
            "create extension postgis",
            "gis",
        )
        yield folder, port
    finally:
        if (data / "postmaster.pid").is_file():
            run("pg_ctl", "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
