from datetime import date
from decimal import Decimal

import pytest

from design.works.assemblies import standard_details
from design.pricing.catalogue import load_catalogue, restoration_code, surface_costs
from design.errors import DesignDataError
from design.pricing.quantities import quantities_of
from design.sizing.series import service_sizes
from design.works.plan import RoadRun
from gis.messages import both_languages
from tests.design.works_builder import RULES, TODAY, works

HEAD = '[catalogue]\nid = "own"\ntitle = "本单位价目"\ntax_rate = "0.09"\n'
ITEM = '[[item]]\ncode = "040101002"\nname_zh = "挖沟槽土方"\nunit = "m³"\nprice_cny = "12.345"\nsource = "合同"\n'


def written(tmp_path, text: str):
    path = tmp_path / "价目.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_bundled_catalogue_says_that_it_is_illustrative():
    catalogue = load_catalogue(None, on=TODAY)
    assert "示意" in catalogue.title and catalogue.note
    assert all(
        item.source and item.confidence and isinstance(item.price_cny, Decimal)
        for item in catalogue.items.values()
    )
    assert catalogue.provenance.startswith("illustrative-2026@")


@pytest.mark.parametrize(
    ("surface", "road_class", "fee"),
    [
        ("asphalt", "arterial", 500), ("asphalt", "secondary", 500), ("asphalt", "expressway", 500), ("asphalt", "branch", 400),
        ("concrete", "branch", 450), ("paving-brick", "arterial", 200), ("gravel", "branch", 90),
    ],
)  # fmt: skip
def test_restoration_fees_are_those_of_shandong(surface, road_class, fee):  # 6.3
    item = load_catalogue(None, on=TODAY).item(restoration_code(surface, road_class))
    assert item.price_cny == fee
    assert not item.taxed
    assert item.valid_to == date(2026, 9, 14)


@pytest.mark.parametrize(("day", "expired"), [("2026-09-14", False), ("2026-09-15", True)])
def test_a_price_expires_after_its_last_day(day, expired):
    item = load_catalogue(None, on=TODAY).item("fee-restore-asphalt")
    assert item.is_expired(date.fromisoformat(day)) is expired


def test_every_service_that_may_be_offered_has_its_prices_and_details():
    catalogue = load_catalogue(None, on=TODAY)
    for size in service_sizes(RULES):
        for main in (size.dn, 2 * size.dn):
            job = works(
                RoadRun("asphalt", 9, "a", "branch"),
                series=size.series,
                dn=size.dn,
                flow_lps=1.0,
                main_dn=main,
            )
            for quantity in quantities_of(job, RULES):
                assert catalogue.item(quantity.code).unit
            details, missing = standard_details(job, RULES)
            assert not missing and len(details) >= 4


def test_every_meter_has_its_prices():
    catalogue = load_catalogue(None, on=TODAY)
    for row in RULES.table("meter-sizes").rows:
        assert {f"040502009-dn{row['dn']}", f"meter-set-dn{row['dn']}"} <= set(catalogue.items)


def test_every_backflow_preventer_has_its_price():
    """Every device of the rules' table at every size of meter it is for."""
    catalogue = load_catalogue(None, on=TODAY)
    for meter in RULES.table("meter-sizes").rows:
        for hazard in ("low", "medium", "high"):
            rows = [r for r in RULES.table("backflow-device").rows if r["hazard"] == hazard]
            device = next(row["device"] for row in rows if meter["dn"] <= row["dn_max"])
            assert catalogue.item(f"backflow-{device}-dn{meter['dn']}").price_cny > 0


def test_dearer_surfaces_cost_more_to_cross():
    costs = surface_costs(load_catalogue(None, on=TODAY), RULES)
    plain = {"asphalt", "concrete", "paving-brick", "gravel", "soil", "green"}
    classes = ("expressway", "arterial", "secondary", "branch")
    assert set(costs) == plain | {f"{surface}:{name}" for surface in plain for name in classes}
    assert costs["asphalt:arterial"] > costs["asphalt:branch"] == costs["asphalt"]
    assert (
        costs["concrete"] > costs["asphalt"] > costs["paving-brick"] > costs["gravel"] > costs["soil"] > 100
    )


def test_a_missing_item_is_named_with_its_catalogue(tmp_path):
    catalogue = load_catalogue(written(tmp_path, HEAD + ITEM), on=TODAY)
    assert catalogue.item("040101002").price_cny == Decimal("12.345")
    with pytest.raises(DesignDataError) as caught:
        catalogue.item("pipe-DI-dn150")
    assert caught.value.code == "catalogue-item-missing"
    assert caught.value.params == {"item": "pipe-DI-dn150", "catalogue": "own"}
    assert "pipe-DI-dn150" in both_languages(caught.value)
    assert caught.value.exit_status == 2


def test_items_may_stand_in_a_csv_beside_the_catalogue(tmp_path):
    (tmp_path / "items.csv").write_text(
        "code,name_zh,unit,price_cny,source\na,甲,m,1.10,合同\n", encoding="utf-8-sig"
    )
    catalogue = load_catalogue(
        written(tmp_path, HEAD + 'items = "items.csv"\nvalid_to = 2026-06-30\n'), on=TODAY
    )
    assert catalogue.item("a").price_cny == Decimal("1.10")
    assert catalogue.item("a").is_expired(TODAY)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[catalogue", "catalogue-unreadable"),
        (HEAD + 'items = "absent.csv"\n', "catalogue-unreadable"),
        (ITEM, "catalogue-bad"),
        (HEAD.replace('"0.09"', '"nine"') + ITEM, "catalogue-bad"),
        (HEAD + ITEM.replace("12.345", "-1"), "catalogue-bad"),
        (HEAD + ITEM.replace("12.345", "NaN"), "catalogue-bad"),
        (HEAD + ITEM.replace("12.345", "12,5"), "catalogue-bad"),
        (HEAD + ITEM.replace('source = "合同"', ""), "catalogue-bad"),
        (HEAD + ITEM + 'valid_to = "soon"\n', "catalogue-bad"),
    ],
)
def test_a_bad_catalogue_is_refused_by_name(tmp_path, text, code):
    with pytest.raises(DesignDataError) as caught:
        load_catalogue(written(tmp_path, text), on=TODAY)
    assert caught.value.code == code
    assert "价目.toml" in both_languages(caught.value)


def test_a_catalogue_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(DesignDataError, match="catalogue-unreadable"):
        load_catalogue(tmp_path / "none.toml", on=TODAY)
