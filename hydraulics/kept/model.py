"""The peak model of a network version, taken from beside the version where it has been built before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hydraulics.epanet.engine import library_mark
from hydraulics.kept.model_file import arrays_of, model_of
from hydraulics.kept.program import program_mark
from hydraulics.kept.shelf import digest_of, put, take
from hydraulics.uncertainty.known import known_of

if TYPE_CHECKING:
    from pathlib import Path

    from gis.network import Network
    from hydraulics.demand.basis import PeakBasis
    from hydraulics.model import PeakModel

_KIND = "model"


def kept_model(network: Network, scratch: Path, *, basis: PeakBasis) -> PeakModel:
    """
    Give the peak model of a version, from beside it or built and kept there.

    It is used only where version and files of the network, the basis of demand, the program and its data, and the
    engine are those it was made with; reservations and calibrations are not in it: they come on top every time.

    Raises
    ------
    ModelInputError, HydraulicsError
        As `build_peak_model`.
    """
    if network.derived is None:
        from hydraulics.model import build_peak_model

        return build_peak_model(network, scratch, basis=basis)
    key = _key(network, basis)
    if (arrays := take(network.derived, _KIND, key)) is not None:
        return replace(model_of(arrays, scratch), derived=network.derived)
    return _built(network, scratch, basis, key)


def _built(network: Network, scratch: Path, basis: PeakBasis, key: str) -> PeakModel:
    from hydraulics.model import build_peak_model

    model = build_peak_model(network, scratch, basis=basis)
    known = known_of(network, model.tables)
    arrays = arrays_of(model, known)
    if arrays is not None:
        put(network.derived, _KIND, key, arrays)
    return replace(model, known=known, derived=network.derived)


def _key(network: Network, basis: PeakBasis) -> str:
    parts = (network.version, network.files_mark, repr(basis), program_mark(), library_mark())
    return digest_of(repr(parts).encode(errors="surrogateescape"))
