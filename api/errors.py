"""CallError (InputError): a wrong call. ServerRefusal (UnansweredError): a running server said no."""

from __future__ import annotations

from gis.errors import InputError, UnansweredError


class CallError(InputError):
    """A wrong option, position, file or request at the door."""


class ServerRefusal(UnansweredError):
    """The warm server refused; its own sentences are in `zh` and `en`."""


class NotFoundError(InputError):
    """A scheme, job, file or version that does not exist: HTTP 404."""


class DefectError(UnansweredError):
    """A fault of the program itself, told in one sentence instead of a traceback."""


class StateError(UnansweredError):
    """The workspace's own state (schemes, decisions, jobs) cannot be read."""


class ConflictError(InputError):
    """What is asked goes against what is so already, such as another scheme's reservation: HTTP 409."""
