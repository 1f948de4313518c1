"""Models laid over a survey: parts of it, parallel pipes of two sizes, pipes that go on in the same way."""

import geopandas as gpd
import pytest
from shapely import LineString

from hydraulics.association.differences import compared
from hydraulics.inp.importing import import_inp


def pipes(**lines):
    """Rows of name = (bore in m, points, more columns)."""
    rows = [
        {
            "pipe_id": name, "inner_diameter_m": bore, "dn": round(bore * 1000), "status": "open", "role": "distribution",
            "length_m": LineString(points).length, **more,
        }
        for name, (bore, points, more) in lines.items()
    ]  # fmt: skip
    return gpd.GeoDataFrame(rows, geometry=[LineString(points) for _, points, _ in lines.values()])


def kinds(result):
    return {
        (row.kind, row.model_pipe_id if isinstance(row.model_pipe_id, str) else row.gis_pipe_id)
        for row in result.differences.itertuples()
    }


STREET = [(0, 0), (200, 0)]


def test_of_two_pipes_beside_each_other_the_one_of_its_size_is_taken():
    gis = pipes(BIG=(0.6, [(0, 3), (200, 3)], {}), SMALL=(0.1, [(0, -3), (200, -3)], {}))
    model = pipes(M1=(0.6, STREET, {}), M2=(0.1, [(0, 1), (200, 1)], {}))

    linked = compared(model, gis, shut_pipes=set()).associations.set_index("pipe_id")["gis_pipe_id"]

    assert dict(linked) == {"M1": "BIG", "M2": "SMALL"}


def test_a_model_pipe_over_three_of_the_survey_differs_where_one_of_them_does():
    gis = pipes(
        A=(0.2, [(0, 0), (70, 0)], {}), B=(0.3, [(70, 0), (140, 0)], {}), C=(0.2, [(140, 0), (200, 0)], {}),
        SIDE=(0.1, [(100, 0), (100, 90)], {}), SERVICE=(0.05, [(30, 0), (30, 40)], {"role": "service"}),
        OLD=(0.2, [(0, 60), (90, 60)], {"status": "abandoned"}),
    )  # fmt: skip
    result = compared(pipes(M=(0.2, STREET, {})), gis, shut_pipes=set())

    assert kinds(result) == {("diameter", "M"), ("only-in-gis", "SIDE")}
    size = result.differences[result.differences["kind"] == "diameter"].iloc[0]
    assert (size["gis_pipe_id"], size["gis_bore_m"]) == ("B", 0.3)


def test_a_missing_pipe_is_not_hidden_by_those_it_joins():
    gis = pipes(
        A=(0.2, [(0, 0), (100, 0)], {}), B=(0.2, [(100, 0), (140, 0)], {}), C=(0.2, [(140, 0), (240, 0)], {})
    )
    model = pipes(MA=(0.2, [(0, 1), (100, 1)], {}), MC=(0.2, [(140, 1), (240, 1)], {}))

    assert kinds(compared(model, gis, shut_pipes=set())) == {("only-in-gis", "B")}


def test_a_closed_valve_of_the_survey_and_a_closed_pipe_of_the_model_are_told():
    gis = pipes(
        A=(0.2, STREET, {}),
        B=(0.2, [(0, 90), (200, 90)], {}),
        C=(0.2, [(0, 180), (200, 180)], {"status": "closed"}),
    )
    model = pipes(
        MA=(0.2, STREET, {"status": "closed"}), MB=(0.2, [(0, 91), (200, 91)], {}), MC=(0.2, [(0, 181), (200, 181)], {}),
    )  # fmt: skip

    found = kinds(compared(model, gis, shut_pipes={"B"}))

    assert found == {("closed-in-model", "MA"), ("closed-in-gis", "MB"), ("closed-in-gis", "MC")}


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["HU_csapod", "HU_und"])
def test_the_model_of_a_village_lies_on_the_survey_of_its_region(name, shared_data):
    """Sopron: one utility drew both, models by village and the survey of all; the survey has its own pipe lengths."""
    survey = gpd.read_file(shared_data / "gis" / "sopron" / "sopron_rural.gpkg", layer="pipes")
    gis = survey.assign(
        inner_diameter_m=survey["diam_mm"] / 1000, dn=survey["diam_mm"], status="open", role="distribution"
    )
    model = (
        import_inp(shared_data / "networks" / f"{name}.inp", crs="EPSG:23700").layers["pipes"].to_crs(gis.crs)
    )

    result = compared(model, gis, shut_pipes=set())

    assert result.model_covered_m > 0.95 * result.model_length_m
    assert result.gis_covered_m < 0.2 * result.gis_length_m
    sizes = (result.differences["kind"] == "diameter").sum()
    assert sizes < 0.05 * len(model)
