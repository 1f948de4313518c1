"""HydraulicsError (UnansweredError): the model cannot be solved. ModelInputError (InputError): a wrong file or id."""

from __future__ import annotations

from gis.errors import InputError, UnansweredError


class HydraulicsError(UnansweredError):
    """The network could not be solved; the sentence names the element."""


class ModelInputError(InputError):
    """A model file EPANET refuses, or a node the model does not have."""
