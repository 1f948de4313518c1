"""Condition 状况评估: every pipe classed by the national criteria and the four causes, with its evidence and its score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from design.renewal.assessment.breaks import assign_breaks, known_breaks
from design.renewal.assessment.criteria import load_criteria
from design.renewal.assessment.facts import collect_facts
from design.renewal.assessment.grading import grade_readings
from design.renewal.assessment.score import score_pipes
from design.renewal.assessment.verdicts import MaterialLookup, judge
from gis.progress import SILENT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    import geopandas as gpd

    from design.renewal.assessment.criteria import Criteria
    from design.renewal.assessment.grading import Grade
    from design.renewal.parameters import RenewalParameters
    from gis.network import Network
    from gis.progress import Progress

LISTED = ("certain", "possible")


@dataclass(frozen=True, eq=False)
class Assessment:
    """
    The stock-take of one network version on one day.

    Attributes
    ----------
    pipes
        One row a pipe in service, index = row in the pipes layer: copied attributes, the columns of `collect_facts`,
        `judge` and `score_pipes`, and has_place (whether it has a geometry).
    breaks
        Table of `assign_breaks` over the records known on the day.
    grades
        How readings of the national list would have done in past years; empty without records.
    """

    network_version: str
    network_source: str
    synthetic: bool
    on: date
    parameters: RenewalParameters
    criteria: Criteria
    pipes: pd.DataFrame
    breaks: pd.DataFrame
    grades: list[Grade]

    def candidates(self, certainties: Sequence[str] = LISTED) -> pd.DataFrame:
        """Pipes on the list, most urgent first: certain ones by score, then possible ones by possible score."""
        listed = self.pipes[self.pipes["certainty"].isin(certainties)]
        order = pd.DataFrame(
            {
                "rank": listed["certainty"].map({name: at for at, name in enumerate(LISTED)}),
                "score": -listed["score"].where(listed["certainty"] == "certain", listed["score_possible"]),
                "pipe_id": listed["pipe_id"],
            }
        )
        return listed.loc[order.sort_values(["rank", "score", "pipe_id"]).index]


def assess(
    network: Network, *, on: date, parameters: RenewalParameters, progress: Progress = SILENT
) -> Assessment:
    """
    Class every pipe in service on a day.

    Pipes laid after the day and breaks recorded after it are left out, so that a list can be made again for a past
    date. Nothing unknown is guessed: it makes a verdict possible or unknown, and is counted.
    """
    progress.step("renewal-breaks", 0, 3)
    pipes = network.pipes
    records = known_breaks(network.layer("breaks"), on=on, parameters=parameters)
    breaks = assign_breaks(pipes, records, parameters=parameters)
    progress.step("renewal-criteria", 1, 3)
    criteria = load_criteria(on=on, count_pccp_as_cement=parameters.assessment_count_pccp_as_cement)
    table = collect_facts(pipes, breaks, on=on, parameters=parameters)
    verdicts = judge(table, criteria, parameters)
    progress.step("renewal-score", 2, 3)
    scores = score_pipes(table, MaterialLookup(table, criteria), parameters)
    table = pd.concat([table, verdicts, scores], axis=1)
    table["has_place"] = has_place(pipes)[table.index]
    grades = grade_readings(pipes, breaks, criteria, on=on, parameters=parameters)
    progress.step("renewal-score", 3, 3)
    return Assessment(
        network.version, network.source, network.synthetic, on, parameters, criteria, table, breaks, grades
    )


def has_place(pipes: gpd.GeoDataFrame) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which rows have a geometry to be matched by."""
    return ~(pipes.geometry.isna() | pipes.geometry.is_empty).to_numpy()
