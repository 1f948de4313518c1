"""A planner's parameter file: what it may say, and what it is told when it says something else."""

from datetime import date

import pytest

from design.errors import RequestError
from design.renewal.parameters import default_parameters, load_parameters, parameter_fields, parameter_rows
from gis.messages import error_sentence


def refused(tmp_path, text):
    path = tmp_path / "p.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RequestError) as error:
        load_parameters(path)
    assert error.value.exit_status == 2
    sentences = [error_sentence(error.value, language) for language in ("zh", "en")]
    assert all(str(path) in sentence for sentence in sentences)
    return sentences[0]


def test_every_key_of_the_data_file_is_a_field_with_source_and_confidence():
    assert parameter_fields() == {key.replace(".", "_") for key in parameter_rows()}
    assert all(
        row.source and row.confidence and row.label_zh and row.label_en for row in parameter_rows().values()
    )


def test_given_values_replace_the_defaults_and_are_listed_as_changed(tmp_path):
    path = tmp_path / "p.toml"
    path.write_text(
        '[breaks]\nreach_m = 5\nknown_until = 2022-12-31\n[hazard]\nkinds = ["own-breaks", "listed"]\nmin_breaks = 1\n',
        encoding="utf-8-sig",
    )
    found = load_parameters(path)
    assert (found.breaks_reach_m, found.breaks_known_until) == (5.0, date(2022, 12, 31))
    assert found.hazard_kinds == ("own-breaks", "listed")
    assert set(found.changed) == {"breaks.reach_m", "breaks.known_until", "hazard.kinds"}
    assert load_parameters(None) == default_parameters()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[breaks]\nreach = 5", ("breaks.reach", "breaks.reach_m")),
        ("[brakes]\nreach_m = 5", ("brakes.reach_m", "[breaks]")),
        ("reach_m = 5", ("reach_m", "[breaks]")),
        ("[breaks]\nreach_m = -1", ("breaks.reach_m", "-1", "0.1 … 500")),
        ("[breaks]\nreach_m = true", ("breaks.reach_m", "True")),
        ("[breaks]\nreach_m = nan", ("breaks.reach_m", "nan")),
        ("[breaks]\nwindow_years = 2.5", ("breaks.window_years", "1 … 100")),
        ('[breaks]\ninstalled_precision = "month"', ("breaks.installed_precision", "day | year")),
        ('[breaks]\nknown_until = "2022"', ("breaks.known_until", "YYYY-MM-DD")),
        ("[breaks]\nknown_until = 2022-12-31T10:00:00", ("breaks.known_until", "YYYY-MM-DD")),
        ('[hazard]\nkinds = ["own-breaks", "age"]', ("hazard.kinds", "own-breaks | shallow-cover | listed")),
        ("[hazard]\npipe_ids = [1]", ("hazard.pipe_ids",)),
        ('[assessment]\ncount_pccp_as_cement = "yes"', ("assessment.count_pccp_as_cement", "true | false")),
        ("[breaks\nreach_m = 5", ("TOML", "line 1")),
    ],
)
def test_a_wrong_entry_is_named_with_what_is_allowed(tmp_path, text, told):
    sentence = refused(tmp_path, text)
    assert all(part in sentence for part in told), sentence


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(RequestError, match="unreadable"):
        load_parameters(tmp_path / "none.toml")
