"""Renewal runs: read parameters, assess, match, keep people's decisions, and write list, layers and map."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from api.files.outputs import whole_folder
from api.store.state import FILE, open_state
from design.documents.gpkg.programme_gpkg import write_layers
from design.documents.sheets.programme_xlsx import write_assessment, write_coordination
from design.renewal.assessment.condition import assess as assess_network
from design.renewal.matching.coordination import coordinate as coordinate_network
from design.renewal.parameters import load_parameters, parse_parameters
from design.renewal.reports.coordination_report import coordination_document, pipe_table
from design.renewal.reports.layers import (
    ban_layer,
    candidate_layer,
    coordinated_layer,
    match_layer,
    programme_layer,
)
from design.renewal.reports.report import assessment_document, candidate_table
from design.renewal.standing import Decision, apply_decisions, standing_rows

if TYPE_CHECKING:
    import geopandas as gpd

    from api.serving.held import Held
    from api.store.decisions import Decision as Recorded
    from design.renewal.assessment.condition import Assessment
    from design.renewal.parameters import RenewalParameters
    from design.renewal.standing import DecisionKind
    from gis.progress import Progress

Given = Path | Mapping[str, Any] | None


def assess(held: Held, parameters: Given, out: Path, *, progress: Progress) -> dict[str, Any]:
    """Write renewal.json, renewal.xlsx, renewal.gpkg and, where pipes have a place, map.html."""
    settings, decided = _parameters(parameters), _decisions(held)
    assessment = assess_network(held.network, on=held.today, parameters=settings, progress=progress)
    listed = candidate_table(assessment)
    document = {**assessment_document(assessment, listed), "standing": _standing(assessment, decided)}
    layers = {"candidates": candidate_layer(listed, held.network)}
    with whole_folder(out) as draft:
        _json(document, draft / "renewal.json")
        write_assessment(document, draft / "renewal.xlsx")
        write_layers(layers, document, draft / "renewal.gpkg")
        _map(held, layers, draft / "map.html")
    return document


def coordinate_programmes(held: Held, parameters: Given, out: Path, *, progress: Progress) -> dict[str, Any]:
    """Assess as `assess` does, then match with other programmes and bans; both results are written."""
    settings, decided = _parameters(parameters), _decisions(held)
    today, network = held.today, held.network
    assessment = assess_network(network, on=today, parameters=settings, progress=progress)
    found = coordinate_network(assessment, network, on=today, parameters=settings, progress=progress)
    listed, timed = candidate_table(assessment), pipe_table(found)
    assessed = {**assessment_document(assessment, listed), "standing": _standing(assessment, decided)}
    document = {
        **coordination_document(found, timed),
        "candidates": assessed["candidates"],
        "standing": assessed["standing"],
    }
    layers = {
        "candidates": candidate_layer(listed, network),
        "coordinated": coordinated_layer(timed, network),
        "matches": match_layer(found, network),
        "programmes": programme_layer(found, network),
        "bans": ban_layer(found, network),
    }
    with whole_folder(out) as draft:
        _json(document, draft / "coordination.json")
        write_assessment(assessed, draft / "renewal.xlsx")
        write_coordination(document, draft / "coordination.xlsx")
        write_layers(layers, document, draft / "coordination.gpkg")
        _map(held, layers, draft / "map.html")
    return document


def _parameters(given: Given) -> RenewalParameters:
    if isinstance(given, Mapping):
        return parse_parameters(given, file="parameters")
    return load_parameters(given)


def _standing(assessment: Assessment, decided: Mapping[str, Decision]) -> list[dict[str, Any]]:
    """Give the list as people left it: their decisions survive the run."""
    return standing_rows(apply_decisions(assessment, decided))


def _decisions(held: Held) -> dict[str, Decision]:
    folder = held.settings.folder
    if not (folder / FILE).is_file():
        return {}
    state = open_state(folder)
    try:
        current = state.decisions.current()
    finally:
        state.close()
    return {pipe_id: _decision(made) for pipe_id, made in current.items()}


def _decision(made: Recorded) -> Decision:
    return Decision(
        kind=cast("DecisionKind", made.decision),
        reason=made.reason or "",
        until=date.fromisoformat(made.until) if made.until else None,
        by=made.author,
        decided_on=date.fromisoformat(made.decided[:10]),
        stage=made.status or "candidate",
    )


def _json(document: Mapping[str, Any], path: Path) -> None:
    text = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)
    path.write_text(text, encoding="utf-8")


def _map(held: Held, layers: Mapping[str, gpd.GeoDataFrame], path: Path) -> None:
    if held.network.crs is None or layers["candidates"].geometry.isna().all():
        return
    from maps.quick.quicklook import renewal_map

    path.write_text(
        renewal_map(
            layers=layers, title=held.network.source, synthetic=held.network.synthetic,
            vendor=held.settings.vendor, fonts=held.settings.fonts,
        ),
        encoding="utf-8",
    )  # fmt: skip
