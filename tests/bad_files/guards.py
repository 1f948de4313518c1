"""What no import may do: reach out, start programs, open what lies outside its own folders, leave anything behind."""

import contextlib
import ctypes
import os
import socket
import struct
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
REACHING_OUT = (
    "socket.connect",
    "socket.getaddrinfo",
    "socket.sendto",
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "os.posix_spawn",
)
OUR_OWN = [ROOT, Path(sys.prefix), Path(sys.base_prefix), Path("/proc"), Path("/sys"), Path("/dev/null"), Path("/usr/share/zoneinfo"), Path("/etc/localtime"),
           Path.home() / ".config" / "ezdxf", Path.home() / ".cache" / "ezdxf"]  # fmt: skip  # settings of the library itself
IN_OPEN = 0x20
_seen = None


def _hook(event, arguments):
    if _seen is None:
        return
    if event in REACHING_OUT:
        _seen.append((event, str(arguments)[:200]))
    elif event == "open" and isinstance(arguments[0], str | bytes | os.PathLike):
        _seen.append((event, os.fsdecode(arguments[0])))


sys.addaudithook(_hook)


@contextlib.contextmanager
def watched(*allowed):
    """Everything Python opens within lies below the allowed folders or the program's own; nothing reaches out."""
    global _seen
    _seen = []
    try:
        yield
    finally:
        seen, _seen = _seen, None
    places = [Path(place).resolve() for place in (*OUR_OWN, *allowed)]
    stray = [(event, what) for event, what in seen if event != "open" or not _within(what, places)]
    assert not stray, stray


def _within(text, places):
    path = Path(os.path.realpath(text))
    return any(path == place or place in path.parents for place in places)


@contextlib.contextmanager
def scratch_in(folder, monkeypatch):
    """Temporary files go to a folder that is empty afterwards."""
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    yield folder
    left = [path for path in folder.iterdir() if path.name != "canary"]
    assert not left, left


class Canary:
    """
    A file and an address that bad files refer to, and that nobody may touch: seen also below Python.

    The kernel tells of every opening of the file (inotify); the address counts who comes.
    """

    def __init__(self, folder):
        self.file = folder / "canary.txt"
        self.file.write_text("secret", encoding="utf-8")
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/canary"
        (folder / "canary.url").write_text(self.url, encoding="utf-8")
        self._visitors = []
        threading.Thread(target=self._serve, daemon=True).start()
        libc = ctypes.CDLL(None, use_errno=True)
        self._watch = libc.inotify_init1(os.O_NONBLOCK)
        assert libc.inotify_add_watch(self._watch, os.fsencode(self.file), IN_OPEN) > 0

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                visitor, address = self._socket.accept()
                self._visitors.append(address)
                visitor.close()

    def untouched(self):
        with contextlib.suppress(BlockingIOError):
            events = os.read(self._watch, 4096)
            raise AssertionError(f"{self.file} was opened {len(events) // struct.calcsize('iIII')} times")
        assert self._strangers() == [], "somebody called the address in the file"

    def _strangers(self):
        """Addresses of all who called before this: visitors are told in turn, so we call and wait until we are told."""
        with socket.create_connection(self._socket.getsockname()) as call:
            own = call.getsockname()
        end = time.monotonic() + 20
        while own not in self._visitors:
            assert time.monotonic() < end, "nobody answers at the address"
            time.sleep(0.001)
        self._visitors.remove(own)
        return self._visitors

    def close(self):
        self._socket.close()
        os.close(self._watch)


def canary_file(folder):
    return folder.parent / "canary.txt"


def canary_url(folder):
    return (folder.parent / "canary.url").read_text(encoding="utf-8")
