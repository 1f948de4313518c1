"""
Result tables (管线点成果表): one sheet with points and lines, a row for each neighbour of a point.

The point's own columns stand only in its first row. A line is listed from both ends, which repair finds like any
other double. Layout F1 of the survey formats in use.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gis.intake.mapping import LayerRule
    from gis.sources.raw import RawTable

DEPTH = "埋深"
START_DEPTH, END_DEPTH = "起点埋深", "终点埋深"


def split(raw: RawTable, rule: LayerRule) -> tuple[RawTable, LayerRule]:
    """
    Give the point table or the line table that a result table holds, by the rule for either, and the rule for it.

    In a rule for lines the column of `start_depth_m` may be the point's depth: each end then has its own.
    """
    number = str(rule.fields["node_id" if rule.layer == "nodes" else "start_node_id"].column)
    table = raw.table.copy()
    first = table[number].notna() & (table[number].ffill() != table[number].ffill().shift())
    table[number] = table[number].ffill()
    if rule.layer == "nodes":
        return replace(raw, table=table.loc[first]), rule
    other = str(rule.fields["end_node_id"].column)
    depth = rule.fields.get("start_depth_m")
    fields = dict(rule.fields)
    if depth is not None and "end_depth_m" not in fields:
        own = table.loc[first].drop_duplicates(number).set_index(number)[depth.column]
        table[START_DEPTH], table[END_DEPTH] = table[number].map(own), table[other].map(own)
        fields["start_depth_m"] = replace(depth, column=START_DEPTH)
        fields["end_depth_m"] = replace(depth, column=END_DEPTH)
    return replace(raw, table=table.loc[table[other].notna()]), replace(rule, fields=fields)
