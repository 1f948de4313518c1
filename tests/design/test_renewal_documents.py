"""Written lists: workbook, GeoPackage, JSON."""

import json
from datetime import date

import openpyxl
import pyogrio
import pytest

from design.documents.gpkg.programme_gpkg import write_layers
from design.documents.sheets.programme_xlsx import write_assessment, write_coordination
from design.renewal.assessment.condition import assess
from design.renewal.matching.coordination import coordinate
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
from tests.design.renewal_town import EPSG, assessed, network_of, parameters, pipe, random_city, table_of

ON = date(2026, 11, 21)


@pytest.fixture(scope="module")
def run():
    network = random_city(21)
    assessment = assess(network, on=ON, parameters=parameters())
    return network, assessment, coordinate(assessment, network, on=ON, parameters=parameters())


def sheets(path):
    book = openpyxl.load_workbook(path)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


def test_documents_are_plain_json_without_nan(run):
    for document in (assessment_document(run[1]), coordination_document(run[2])):
        text = json.dumps(document, allow_nan=False, ensure_ascii=False)
        assert json.loads(text) == document


def test_counts_add_up_over_certainties_and_classes(run):
    document = assessment_document(run[1])
    counts = document["counts"]
    assert (
        sum(counts[c]["pipes"] for c in ("certain", "possible", "unknown", "none")) == counts["all"]["pipes"]
    )
    for certainty in ("certain", "possible"):
        classes = [row for row in document["classes"] if row["certainty"] == certainty]
        assert sum(row["pipes"] for row in classes) == counts[certainty]["pipes"]
        assert sum(row["length_km"] for row in classes) == pytest.approx(
            counts[certainty]["length_km"], abs=0.01
        )
    assert len(document["candidates"]) == counts["certain"]["pipes"] + counts["possible"]["pipes"]


def test_an_empty_network_gives_an_empty_list_and_not_an_error(tmp_path):
    network = network_of()
    assessment = assess(network, on=ON, parameters=parameters())
    coordination = coordinate(assessment, network, on=ON, parameters=parameters())
    write_assessment(assessment_document(assessment), tmp_path / "a.xlsx")
    write_coordination(coordination_document(coordination), tmp_path / "c.xlsx")
    layers = {
        "candidates": candidate_layer(candidate_table(assessment), network),
        "matches": match_layer(coordination, network),
    }
    write_layers(layers, assessment_document(assessment), tmp_path / "a.gpkg")
    assert assessment_document(assessment)["candidates"] == coordination_document(coordination)["pipes"] == []


def test_the_workbook_holds_the_list_the_basis_and_a_dictionary_of_every_column(run, tmp_path):
    document = assessment_document(run[1])
    found = sheets(write_assessment(document, tmp_path / "清单.xlsx"))
    rows = found["候选清单"]
    assert [row[1] for row in rows[1:]] == [c["pipe_id"] for c in document["candidates"]]
    assert len(found["数据字典"]) - 1 == len(rows[0]) + len(found["处理意见"][0])
    stamp = found["说明"]
    assert ("管网版本", "v-test") in stamp
    assert any(row[0] == "依据" and row[1].startswith("国办发〔2022〕22号") for row in stamp)
    assert ("满30年且存在安全隐患", "确定") in [row[:2] for row in found["汇总"]]


def test_the_coordination_workbook_holds_pipes_programmes_and_matches(run, tmp_path):
    document = coordination_document(run[2])
    found = sheets(write_coordination(document, tmp_path / "时序.xlsx"))
    for title, key in (("管段时序", "pipes"), ("工程清单", "programmes"), ("匹配明细", "matches")):
        assert len(found[title]) - 1 == len(document[key]) > 0
    assert any("第三十三条" in str(row[1]) for row in found["说明"])


def test_synthetic_data_is_called_synthetic_in_the_workbook(tmp_path):
    network = network_of(synthetic=True, pipes=table_of([pipe()]))
    document = assessment_document(assess(network, on=ON, parameters=parameters()))
    assert any(
        "合成数据" in str(row[1]) for row in sheets(write_assessment(document, tmp_path / "a.xlsx"))["说明"]
    )


@pytest.mark.parametrize("name", ['=HYPERLINK("http://x")', "+1", "@SUM(1)", "-2", "bad\x07bell"])
def test_no_text_of_the_source_becomes_a_formula_or_breaks_the_file(tmp_path, name):
    document = assessment_document(assessed([pipe(material="AC", road_name=name)]))
    path = write_assessment(document, tmp_path / "a.xlsx")
    cell = openpyxl.load_workbook(path)["候选清单"].cell(2, 3)
    assert (cell.data_type, cell.value) == ("s", name.replace("\x07", ""))


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"old")
    with pytest.raises(KeyError):
        write_assessment({"kind": "renewal-assessment", "provenance": {}}, path)
    assert [p.name for p in tmp_path.iterdir()] == ["a.xlsx"] and path.read_bytes() == b"old"


def test_the_geopackage_holds_candidates_matches_programmes_and_bans_with_their_shapes(run, tmp_path):
    network, assessment, coordination = run
    layers = {
        "candidates": candidate_layer(candidate_table(assessment), network), "coordinated": coordinated_layer(pipe_table(coordination), network),
        "matches": match_layer(coordination, network), "programmes": programme_layer(coordination, network),
        "bans": ban_layer(coordination, network),
    }  # fmt: skip
    path = write_layers(layers, coordination_document(coordination), tmp_path / "r.gpkg")

    for name, frame in layers.items():
        read = pyogrio.read_dataframe(path, layer=name)
        assert len(read) == len(frame) > 0 and read.crs.to_epsg() == EPSG
        assert (
            read["label_zh"].notna().all()
            and read["popup_zh"].notna().all()
            and read["popup_en"].notna().all()
        )
    matches = pyogrio.read_dataframe(path, layer="matches")
    assert matches.geometry.length.to_numpy() == pytest.approx(matches["overlap_m"].to_numpy(), abs=0.006)
    run_rows = pyogrio.read_dataframe(path, layer="run", read_geometry=False)
    assert '"v-test"' in set(run_rows["value"])


def test_peoples_decisions_are_a_sheet_of_the_workbook(tmp_path):
    assessment = assessed([pipe("A", "AC", "1980-01-02"), pipe("B", "AC", "1980-01-02")])
    standing = standing_rows(
        apply_decisions(assessment, {"B": Decision("dismiss", reason="随地铁迁改", by="李工")})
    )

    rows = sheets(
        write_assessment({**assessment_document(assessment), "standing": standing}, tmp_path / "a.xlsx")
    )["处理意见"]

    assert [row[:5] for row in rows[1:]] == [("B", "已剔除", "随地铁迁改", None, "李工")]
