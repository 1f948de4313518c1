"""
The error tree every room shares; an error means "cannot answer", never "bad news".

    TapwrightError            code, params; the sentence lives in <room>/data/messages/{zh,en}.toml under [error]
      InputError              the caller's file, request or option is wrong            exit status 2, HTTP 422
      UnansweredError         workspace, engine or data cannot answer                  exit status 3, HTTP 503
"""

from __future__ import annotations

from typing import ClassVar

Param = str | int | float | None


class TapwrightError(Exception):
    """
    A question that could not be answered, named by `code`, with what its sentence needs in `params`.

    `room` is taken from the package of the class, so each room keeps its own sentences.
    """

    exit_status: ClassVar[int] = 3

    def __init__(self, code: str, **params: Param) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params

    @property
    def room(self) -> str:
        return type(self).__module__.partition(".")[0]

    def __str__(self) -> str:
        return f"{self.room}.{self.code} {self.params}"


class InputError(TapwrightError):
    """The input is wrong: the sentence names file, row, field and the way out."""

    exit_status = 2


class UnansweredError(TapwrightError):
    """The workspace or the engine cannot answer: no network, no convergence, no database."""

    exit_status = 3


class GisInputError(InputError):
    """A source file, mapping or coordinate the gis room cannot accept."""


class WorkspaceError(UnansweredError):
    """A workspace that is missing, empty, or written by another version of the format."""


class SourceError(UnansweredError):
    """A database to import from that does not answer."""
