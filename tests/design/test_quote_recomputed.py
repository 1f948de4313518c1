"""Any quote recomputed from its workbook by a script that knows nothing of ours, to the cent."""

import ast
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from design.pricing.catalogue import load_catalogue
from design.works.digging import GroundConditions
from design.documents.sheets.quote_xlsx import write_quote
from design.pricing.policy import load_policy
from design.pricing.quoting import quote_works
from design.works.plan import RoadRun
from tests.design import recompute_quote
from tests.design import scheme_builder as town
from tests.design.works_builder import RULES, TODAY, works

CATALOGUE = load_catalogue(None, on=TODAY)
RUNS = st.lists(
    st.tuples(
        st.sampled_from(["asphalt", "concrete", "paving-brick", "gravel", "soil", "green"]),
        st.floats(0.01, 400.0), st.sampled_from(["arterial", "branch", "lane", ""]),
    ), min_size=1, max_size=4,
)  # fmt: skip


def test_the_script_imports_nothing_of_ours_and_stays_short():
    text = Path(recompute_quote.__file__).read_text(encoding="utf-8")
    names = {
        alias.name if isinstance(node, ast.Import) else node.module
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert names == {"re", "sys", "decimal", "openpyxl"}
    assert text.count("\n") <= 75


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    RUNS, st.floats(0.0, 300.0), st.sampled_from(["red-line", "six-zero"]), st.sampled_from(["soft", "firm", "rock"]),
    st.none() | st.floats(0.1, 2.0), st.decimals("0.5", "1.8", places=3), st.sampled_from(["zh", "en"]),
)  # fmt: skip
def test_any_quote_follows_from_its_workbook(
    tmp_path, runs, inside_m, policy, soil, water_m, factor, language
):
    job = works(*(RoadRun(s, length, "x", kind) for s, length, kind in runs), inside_m=inside_m,
                ground=GroundConditions(soil, water_m))  # fmt: skip
    items = {
        code: replace(item, price_cny=(item.price_cny * factor).quantize(Decimal("0.01")))
        for code, item in CATALOGUE.items.items()
    }
    quote = quote_works(
        job, RULES, catalogue=replace(CATALOGUE, items=items), policy=load_policy(policy, on=TODAY)
    )
    scheme = town.scheme(name="=cmd|' /C calc'!A0")
    scheme["options"][0]["quote"] = quote.doc()
    write_quote(scheme, tmp_path / "quote.xlsx", language=language)

    totals = recompute_quote.recompute(str(tmp_path / "quote.xlsx"))

    labels = {
        "zh": ("不含税合计", "含税合计", "用户承担", "供水企业承担", "一费制减清单报价"),
        "en": ("Net", "Total", "Paid by the customer", "Paid by the utility", "One-fee list less quote"),
    }
    net, total, customer, utility, difference = labels[language]
    assert totals[net] == quote.net_cny
    assert (totals[total], totals[customer], totals[utility]) == (
        quote.total_cny, quote.customer_total_cny, quote.utility_total_cny,
    )  # fmt: skip
    assert totals[difference] == quote.one_fee.difference_cny
