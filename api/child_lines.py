"""How a working process of ours talks to its parent: JSON lines on the standard output, faults among them."""

from __future__ import annotations

import contextlib
import json
import os
import traceback
from typing import TYPE_CHECKING, Any, TextIO

from gis.errors import TapwrightError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NICENESS = 5  # the map goes on being served beside long work


def own_output() -> TextIO:
    """Step back behind the server, and give the output for our lines: what libraries print goes to the error stream."""
    os.nice(NICENESS)
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return out


def say(out: TextIO, line: Mapping[str, Any]) -> None:
    """Write one line."""
    out.write(json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n")
    out.flush()


@contextlib.contextmanager
def faults_told(out: TextIO) -> Iterator[None]:
    """Turn whatever goes wrong inside into a line; a parent that has gone ends the process."""
    try:
        yield
    except TapwrightError as error:
        kind = type(error)
        say(out, {"error": [kind.__module__, kind.__qualname__, error.code, error.params]})
    except BrokenPipeError:
        raise SystemExit(0) from None
    except Exception:
        say(out, {"defect": traceback.format_exc()[-4000:]})
