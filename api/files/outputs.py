"""Results that appear wholly or not at all: written beside their place, then moved there."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.errors import CallError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def sums_of(folder: Path) -> dict[str, str]:
    """SHA-256 of every file of a folder, by its name, of one in a folder below with that folder before it."""
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest() for file in files
    }


def digest_of(document: Mapping[str, Any]) -> str:
    """SHA-256 of a document without its own `digest`: the same content, the same name."""
    content = {key: value for key, value in document.items() if key != "digest"}
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


@contextmanager
def whole_folder(out: Path) -> Iterator[Path]:
    """
    Give a draft folder; when the block ends well its files take their places in `out`, which is made.

    Raises
    ------
    CallError
        `output-not-folder`, `output-is-folder` or `output-refused`: what was at `out` stays as it was.
    """
    base = out
    while not base.exists() and base != base.parent:
        base = base.parent
    if not base.is_dir():
        raise CallError("output-not-folder", path=str(base))
    draft = _draft(base, out)
    try:
        yield draft
        _settle(draft, out)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """
    Give a draft path; when the block ends well the file takes its place at `path`.

    Raises
    ------
    CallError
        `output-is-folder`, `output-no-folder` or `output-refused`: what was at `path` stays as it was.
    """
    if path.is_dir():
        raise CallError("output-is-folder", path=str(path))
    with _beside(path) as draft:
        yield draft / path.name
        (draft / path.name).replace(path)


@contextmanager
def whole_geodatabase(path: Path) -> Iterator[Path]:
    """
    Give a draft place for a geodatabase (a folder that is one source); when the block ends well it stands at `path`.

    An earlier geodatabase there is replaced as a whole, anything else is left alone.

    Raises
    ------
    CallError
        `output-not-geodatabase`, `output-no-folder` or `output-refused`: what was at `path` stays as it was.
    """
    if path.suffix.lower() != ".gdb" or (path.exists() and not (path / "gdb").is_file()):
        raise CallError("output-not-geodatabase", path=str(path))
    with _beside(path) as draft:
        yield draft / path.name
        if path.exists():
            path.replace(draft / "earlier")
        (draft / path.name).replace(path)


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """Give a scratch folder beside `path`, gone when the block ends."""
    if not path.parent.is_dir():
        raise CallError("output-no-folder", path=str(path), folder=str(path.parent))
    draft = _draft(path.parent, path)
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _draft(base: Path, out: Path) -> Path:
    try:
        return Path(tempfile.mkdtemp(dir=base, prefix=".tapwright-"))
    except OSError as error:
        raise CallError("output-refused", path=str(out), problem=error.strerror or str(error)) from None


def _settle(draft: Path, out: Path) -> None:
    files = sorted(draft.iterdir())
    for file in files:
        there = out / file.name
        if there.is_dir() != file.is_dir() and there.exists():
            raise CallError("output-is-folder", path=str(there))
    out.mkdir(parents=True, exist_ok=True)
    for file in files:
        if file.is_dir():
            _settle(file, out / file.name)
        else:
            file.replace(out / file.name)
