"""The command line as a person or a script uses it: in this process where speed matters, else as a process of its own."""

import contextlib
import hashlib
import io
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from api.cli import main

PROGRAM = Path(sys.executable).parent / "tapwright"


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    status: int
    out: str
    err: str

    @property
    def document(self):
        """The one JSON document on stdout; anything beside it fails."""
        assert self.status == 0, self.err
        return json.loads(self.out, parse_constant=_no_such_number)

    def refused(self, status, *wanted):
        """Exit status, nothing on stdout, one sentence in each language that names what is wanted, no traceback."""
        assert (self.status, self.out) == (status, ""), (self.status, self.out[:200], self.err)
        assert "Traceback" not in self.err and "程序故障" not in self.err, self.err
        zh, en = chinese_and_english(self.err)
        for word in wanted:
            assert str(word) in zh and str(word) in en, (word, self.err)
        return self


def _no_such_number(name):
    raise AssertionError(f"{name} is no JSON")


def chinese_and_english(text):
    """The two sentences of a refusal: Chinese first, English below."""
    lines = [line for line in text.splitlines() if line.strip()]
    assert len(lines) == 2, text
    assert any("\u4e00" <= letter <= "\u9fff" for letter in lines[0]), text
    assert len(lines[1].split()) > 3, text
    return lines


def said(*words, env=None):
    """Run a command in this process."""
    out, err = io.StringIO(), io.StringIO()
    with _environment(env or {}), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = main([str(word) for word in words])
        except SystemExit as leave:
            status = leave.code
    return Said(status, out.getvalue(), err.getvalue())


@contextlib.contextmanager
def _environment(wanted):
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update({name: str(value) for name, value in wanted.items()})
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def run(*words, env=None, cwd=None):
    """Run the installed command as a process."""
    done = subprocess.run(
        [str(PROGRAM), *(str(word) for word in words)], env={**clean_environment(), **(env or {})}, cwd=cwd,
        capture_output=True, timeout=300, check=False,
    )  # fmt: skip
    return Said(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))


@contextlib.contextmanager
def running(process, ready, *, within_s=180):
    """A server's process once it is ready; killed hard at the end unless it has ended by then."""
    end = time.monotonic() + within_s
    try:
        while not ready():
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < end, "the server did not come up"
            time.sleep(0.05)
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def clean_environment():
    """The environment of this process without our own settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith("TAPWRIGHT_")}


def state_of(*places):
    """Every file and folder below the places, with the hash of its content: what must not change by a refusal."""
    found = {}
    for place in map(Path, places):
        for path in sorted([place, *place.rglob("*")]) if place.exists() else []:
            content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
            found[str(path)] = content
    return found
