"""The sample city's files read by plain pandas and geopandas, mended by brute rules, solved by EPANET: none of our code."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

# Hazen-Williams C by material word, new and after forty years: plain textbook values (GB 50013 appendix A range).
ROUGHNESS = {"球": (130, 118), "QT": (130, 118), "灰": (110, 75), "铸铁": (110, 75), "石棉": (140, 120), "预应力": (130, 110),
             "自应力": (130, 110), "钢塑": (145, 140), "镀锌": (120, 75), "钢": (120, 95), "聚": (145, 140), "PE": (145, 140),
             "硬": (145, 140), "PVC": (145, 140)}  # fmt: skip


@dataclass
class SampleNetwork:
    """Noded pipes and what hangs on them; node numbers are rows of `points`."""

    folder: Path
    points: pd.DataFrame
    pipes: pd.DataFrame
    elevation_m: np.ndarray

    def layer(self, name):
        return gpd.read_file(self.folder / "运行数据.gpkg", layer=name)

    def maps(self, name):
        return gpd.read_file(self.folder / f"{name}.shp")

    @property
    def summary(self):
        return json.loads((self.folder / "sample.json").read_text(encoding="utf-8"))

    def kind(self, word):
        """Rows of points whose feature or appurtenance holds a word."""
        both = self.points["特征点"].fillna("") + self.points["附属物名称"].fillna("")
        return np.flatnonzero(both.str.contains(word).to_numpy())


def read_sheets(folder, sheet):
    files = sorted(folder.glob("给水管线成果*.xlsx"))
    return pd.concat([pd.read_excel(f, sheet_name=sheet, engine="calamine", dtype={"管径或断面尺寸(mm)": str}) for f in files],
                     ignore_index=True)  # fmt: skip


def read_sample(folder):
    points, lines = read_sheets(folder, "点表"), read_sheets(folder, "线表")
    xy = points[["Y坐标", "X坐标"]].to_numpy(float)
    row = dict(zip(points["点号"], range(len(points))))
    a = lines["点号"].map(row).to_numpy()
    b = lines["连接点号"].map(row).to_numpy()
    lines["name"] = lines["点号"] + "-" + lines["连接点号"]
    # Listed from both ends: the first one counts.
    key = pd.Series([tuple(sorted(p)) for p in zip(a, b)])
    first = ~key.duplicated().to_numpy()
    lines, a, b = lines[first].reset_index(drop=True), a[first], b[first]
    node = np.arange(len(points))
    for low, high in sorted(tuple(sorted(p)) for p in cKDTree(xy).query_pairs(0.06)):
        node[high] = node[low]
    lines["a"], lines["b"] = node[a], node[b]
    pipes = _split(lines, xy, np.unique(node))
    pipes["length"] = np.linalg.norm(xy[pipes["a"]] - xy[pipes["b"]], axis=1)
    return SampleNetwork(folder, points, pipes, points["地面高程"].to_numpy(float))


def _split(lines, xy, nodes):
    """Cut lines at points that lie on their middle."""
    shapes = shapely.linestrings(np.stack([xy[lines["a"]], xy[lines["b"]]], axis=1))
    node, line = shapely.STRtree(shapes).query(shapely.points(xy[nodes]), predicate="dwithin", distance=0.06)
    node = nodes[node]
    inside = (lines["a"].to_numpy()[line] != node) & (lines["b"].to_numpy()[line] != node)
    cut, extra = {}, []
    for n, k in zip(node[inside], line[inside]):
        cut.setdefault(int(k), []).append(int(n))
    for k, stops in cut.items():
        chain = [
            lines.at[k, "a"],
            *sorted(stops, key=lambda n: np.linalg.norm(xy[n] - xy[lines.at[k, "a"]])),
            lines.at[k, "b"],
        ]
        extra += [{**lines.loc[k].to_dict(), "a": p, "b": q} for p, q in zip(chain, chain[1:])]
    return (
        pd.concat([lines.drop(index=list(cut)), pd.DataFrame(extra)], ignore_index=True) if extra else lines
    )


def node_demand_lps(network):
    """Peak-hour demand by the convention both sides share: half at each end of the customer's pipe, nearest main if unknown."""
    customers = network.layer("用户水表")
    flow = customers["年用水量"].to_numpy(float) / (365 * 86400) * 1.3 * 1.5 * 1.12 * 1000
    pipes = network.pipes
    of_name = {name: k for k, name in enumerate(pipes["name"])}
    row = customers["接水管段"].map(of_name).to_numpy(float, copy=True)
    usable = np.flatnonzero((pipes["管线类别"] != "输水干管") & (pipes["使用状态"] == "使用"))
    xy = network.points[["Y坐标", "X坐标"]].to_numpy(float)
    shapes = shapely.linestrings(np.stack([xy[pipes["a"].iloc[usable]], xy[pipes["b"].iloc[usable]]], axis=1))
    lost = np.flatnonzero(np.isnan(row))
    row[lost] = usable[shapely.STRtree(shapes).nearest(customers.geometry.to_numpy()[lost])]
    row = row.astype(int)
    demand = np.zeros(len(network.points))
    for end in ("a", "b"):
        np.add.at(demand, pipes[end].to_numpy()[row], flow / 2)
    return demand


def bore_mm(size):
    number = float(re.sub(r"\D", "", size))
    return number * 0.88 if size.startswith("De") else number


def roughness(pipe_material, year):
    new, old = next(v for k, v in ROUGHNESS.items() if k in pipe_material)
    return new + (old - new) * min(max(2026 - year, 0), 50) / 40


def solve(network, path):
    """Write a single-period file and let EPANET solve it; pressures [m] by node row, NaN where the water does not come."""
    from tests.hydraulics.plain_epanet import PRESSURE, PlainEpanet

    live = network.pipes[network.pipes["使用状态"] == "使用"].reset_index(drop=True)
    live["size"] = live["管径或断面尺寸(mm)"].fillna(live["管径或断面尺寸(mm)"].mode()[0])
    years = pd.to_numeric(live["埋设日期"].astype(str).str[:4], errors="coerce").fillna(1995)
    demand = node_demand_lps(network)
    row_of = dict(zip(network.points["点号"], range(len(network.points))))
    heads = {row_of[n]: h for n, h in zip(*(network.layer("水源")[c] for c in ("节点编号", "高峰供水水头")))}
    used = np.unique(live[["a", "b"]].to_numpy())
    text = ["[JUNCTIONS]"]
    text += [f"N{n} {network.elevation_m[n]:.3f} {demand[n]:.6f}" for n in used if n not in heads]
    text += ["[RESERVOIRS]", *(f"N{n} {h:.3f}" for n, h in heads.items()), "[PIPES]"]
    text += [
        f"P{k} N{a} N{b} {max(length, 0.1):.3f} {bore_mm(size):.1f} {roughness(str(m), y):.1f}"
        for k, (a, b, length, size, m, y) in enumerate(
            zip(live["a"], live["b"], live["length"], live["size"], live["材质"], years)
        )
    ]
    text += ["[OPTIONS]", "UNITS LPS", "HEADLOSS H-W", "ACCURACY 0.0001", "TRIALS 100", "[END]"]
    path.write_text("\n".join(text) + "\n")
    pressure = np.full(len(network.points), np.nan)
    with PlainEpanet(path) as plain:
        plain.solve()
        for name, value in zip(plain.nodes, plain.values(PRESSURE)):
            pressure[int(name[1:])] = value
    for n in heads:
        pressure[n] = np.nan
    return pressure
