from datetime import date

import pytest

from design.errors import DesignDataError
from design.rules.ruleset import finding, load_rules
from gis.messages import both_languages
from tests.design.works_builder import RULES, TODAY


def written(tmp_path, text: str):
    path = tmp_path / "单位规则.toml"
    path.write_text(text, encoding="utf-8")
    return path


OVERRIDE = """
[file]
id = "jinan-2026"
standard = "济水〔2026〕1号"
source = "测试用"
confidence = "high"
[value.network-end-pressure]
value = 0.12
unit = "MPa"
clause = "第三条"
"""


def test_every_value_says_where_it_comes_from():
    for rule in [*RULES.values.values(), *RULES.tables.values()]:
        assert rule.standard and rule.clause and rule.source and rule.confidence, rule.rule_id


def test_provenance_names_each_file_with_its_hash():
    names = [entry.partition("@") for entry in RULES.provenance]
    assert {"gb50015-2019", "gb50013-2018", "gbt778-2018", "gb50268-2008"} <= {name for name, _, _ in names}
    assert all(len(digest) == 12 for _, _, digest in names)


def test_a_utility_overrides_single_values_and_is_named(tmp_path):
    rules = load_rules(on=TODAY, extra=written(tmp_path, OVERRIDE))

    assert RULES.value("network-end-pressure").value == 0.14
    assert rules.value("network-end-pressure").value == 0.12
    assert rules.value("network-end-pressure").standard == "济水〔2026〕1号"
    assert rules.value("service-head-first").value == 10
    assert rules.provenance[-1].startswith("jinan-2026@")


def test_a_table_of_an_override_may_be_a_csv_beside_it(tmp_path):
    (tmp_path / "v.csv").write_text("dn_min,dn_max,velocity_mps\n15,9999,0.8\n", encoding="utf-8-sig")
    text = OVERRIDE + '[table.service-velocity]\nunit = "m/s"\nclause = "第四条"\nfile = "v.csv"\n'
    rules = load_rules(on=TODAY, extra=written(tmp_path, text))
    assert rules.table("service-velocity").rows == ({"dn_min": 15, "dn_max": 9999, "velocity_mps": 0.8},)


@pytest.mark.parametrize(
    ("day", "value"), [("2026-12-31", 0.14), ("2027-01-01", 0.12), ("2027-06-30", 0.12), ("2027-07-01", 0.14)]
)
def test_a_value_counts_from_its_first_to_its_last_day(tmp_path, day, value):
    text = OVERRIDE + "valid_from = 2027-01-01\nvalid_to = 2027-06-30\n"
    rules = load_rules(on=date.fromisoformat(day), extra=written(tmp_path, text))
    assert rules.value("network-end-pressure").value == value


def test_before_a_standard_came_into_force_its_rules_are_missing():
    with pytest.raises(DesignDataError) as caught:
        load_rules(on=date(2020, 2, 29)).table("alpha-c")
    assert caught.value.code == "rule-missing"
    assert "alpha-c" in both_languages(caught.value)
    assert load_rules(on=date(2020, 3, 1)).table("alpha-c").rows


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[file", "rule-file-unreadable"),
        ("[value.x]\nvalue = 1\n", "rule-file-bad"),
        (OVERRIDE.replace("0.12", '"much"'), "rule-file-bad"),
        (OVERRIDE.replace('clause = "第三条"', ""), "rule-file-bad"),
        (OVERRIDE.replace('source = "测试用"', ""), "rule-file-bad"),
        (OVERRIDE.replace("network-end-pressure", "network-end-presure"), "rule-override-unknown"),
        (OVERRIDE + '[table.alpha-c]\nclause = "x"\nfile = "absent.csv"\n', "rule-file-unreadable"),
        (OVERRIDE + '[table.alpha-c]\nclause = "x"\nrows = []\n', "rule-file-bad"),
    ],
)
def test_a_bad_rule_file_is_refused_by_name(tmp_path, text, code):
    with pytest.raises(DesignDataError) as caught:
        load_rules(on=TODAY, extra=written(tmp_path, text))
    assert caught.value.code == code
    assert "单位规则.toml" in both_languages(caught.value)


def test_a_rule_file_that_is_not_there_or_not_utf8_is_refused(tmp_path):
    path = tmp_path / "gbk.toml"
    path.write_bytes('[file]\nid = "规则"\n'.encode("gbk"))
    for wrong in (path, tmp_path / "none.toml"):
        with pytest.raises(DesignDataError, match="rule-file-unreadable"):
            load_rules(on=TODAY, extra=wrong)


def test_a_finding_carries_rule_clause_and_both_languages():
    rule = RULES.value("low-velocity")
    document = finding(rule, "low-velocity", measured=0.25, limit=0.3, unit="m/s", verdict="warn").doc()
    assert document["rule"] == "low-velocity"
    assert (document["measured"], document["limit"], document["verdict"]) == (0.25, 0.3, "warn")
    assert "0.25" in document["text"] and "0.25" in document["text_en"]
    assert document["source"] and document["confidence"] == "design"
