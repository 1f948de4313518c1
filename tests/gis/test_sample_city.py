"""The sample city, judged from its files alone: plain pandas and geopandas read them, plain EPANET solves them."""

import hashlib
import sys
from zipfile import ZipFile

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, dijkstra

from gis.sample.city import build_city, write_sample
from gis.schema import codes, layers
from tests.gis.sample_network import read_sample, solve

SHAPEFILES = ("道路中心线", "街区", "用地红线", "建筑", "小区", "其他管线")
OPERATION = ("用户水表", "水源", "测压点", "阀门", "爆漏记录", "道路工程", "老旧小区改造", "高程点")
MPA = 9.80665 / 1000


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Give a city of a size and seed, written once."""
    made = {}

    def city(pipes, seed):
        if (pipes, seed) not in made:
            folder = tmp_path_factory.mktemp(f"city-{pipes}-{seed}")
            write_sample(folder, seed=seed, pipes=pipes)
            made[pipes, seed] = read_sample(folder)
        return made[pipes, seed]

    return city


def places(network):
    return network.points[["Y坐标", "X坐标"]].to_numpy(float)


def in_use(network):
    return network.pipes[network.pipes["使用状态"] == "使用"].reset_index(drop=True)


def graph(pipes, count, rows=None):
    pipes = pipes if rows is None else pipes[rows]
    return coo_array(
        (np.maximum(pipes["length"], 1e-3), (pipes["a"], pipes["b"])), shape=(count, count)
    ).tocsr()


def dn(pipes):
    return pipes["管径或断面尺寸(mm)"].str.extract(r"(\d+)")[0].astype(float)


# files


def digest(folder):
    """What every file holds; a workbook and a geopackage by their content."""
    sums = {
        p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir() if p.suffix != ".gpkg"
    }
    for name in OPERATION:
        table = gpd.read_file(folder / "运行数据.gpkg", layer=name)
        text = table.drop(columns="geometry").to_csv() + "".join(table.geometry.to_wkb(hex=True))
        sums[name] = hashlib.sha256(text.encode()).hexdigest()
    return sums


def test_the_same_seed_gives_the_same_bytes_and_another_seed_another_city(tmp_path):
    for folder, seed in (("a", 3), ("b", 3), ("c", 4)):
        write_sample(tmp_path / folder, seed=seed, pipes=500)
    first, again, other = (digest(tmp_path / folder) for folder in "abc")
    assert first == again
    assert first["给水管线成果.xlsx"] != other["给水管线成果.xlsx"]


def test_every_named_file_is_there_and_nothing_else(written):
    network = written(2000, 7)
    assert sorted(p.name for p in network.folder.iterdir()) == network.summary["files"]
    for name in (
        "SYNTHETIC.txt",
        "sample.json",
        "给水管线成果.xlsx",
        "预留口台账.xlsx",
        "运行数据.gpkg",
        *(f"{s}.shp" for s in SHAPEFILES),
    ):
        assert name in network.summary["files"]


def test_shapefiles_are_gbk_and_say_so(written):
    folder = written(2000, 7).folder
    for name in SHAPEFILES:
        assert (folder / f"{name}.cpg").read_text().strip() == "GBK"
        assert "Gauss" in (folder / f"{name}.prj").read_text()
    raw = (folder / "小区.dbf").read_bytes()
    assert "小区编号".encode("gbk") in raw and "小区编号".encode() not in raw
    assert gpd.read_file(folder / "小区.shp")["名称"].str.len().min() >= 2


def test_headings_and_code_words_are_those_of_the_attribute_dictionary(written):
    network = written(2000, 7)
    for layer in layers().values():
        if layer.label_zh in SHAPEFILES:
            table = network.maps(layer.label_zh)
        elif layer.label_zh in OPERATION:
            table = network.layer(layer.label_zh)
        else:
            continue
        labels = {a.label_zh: a for a in layer.attributes}
        assert set(table.columns) - {"geometry"} <= set(labels), layer.name
        assert all(a.label_zh in table.columns for a in layer.attributes if a.required)
        assert len(table) == network.summary["counts"][layer.name]
        for label, attribute in labels.items():
            if attribute.value_type == "code" and label in table.columns:
                words = {entry.label_zh for entry in codes(layer.name, attribute.name).values()}
                assert set(table[label].dropna()) <= words, (layer.name, label)


def test_names_hold_rare_characters_where_the_format_can(written):
    network = written(2000, 7)
    assert network.layer("用户水表")["户名"].str.contains("𠮷|㙟").any()
    names = "".join(network.maps("小区")["名称"]) + "".join(network.maps("道路中心线")["道路名称"])
    names.encode("gbk")
    assert any(c in "".join(written(20_000, 1).maps("道路中心线")["道路名称"]) for c in "塱淏骉")


def test_a_workbook_is_cut_at_a_hundred_thousand_lines_and_reads_back_whole(tmp_path):
    from gis.sample.papers import files

    assert files.LINES_A_WORKBOOK == 100_000
    columns = {"点号": [f"JS{n}" for n in range(7)], "口径": [None, *range(6)]}
    parts = files._write_parts(tmp_path, columns, {**columns, "说明": ["a<b & c"] * 7})
    assert parts == ["给水管线成果.xlsx"]
    for engine in ("openpyxl", "calamine"):
        sheet = pd.read_excel(tmp_path / parts[0], sheet_name="线表", engine=engine)
        assert list(sheet["点号"]) == columns["点号"] and list(sheet["说明"]) == ["a<b & c"] * 7
        assert sheet["口径"].isna().tolist() == [True] + [False] * 6
    assert {i.date_time for i in ZipFile(tmp_path / parts[0]).infolist()} == {(2026, 11, 21, 0, 0, 0)}


def test_the_city_lies_where_it_is_said_to(written):
    place = places(written(2000, 7))
    streets = written(2000, 7).maps("道路中心线").to_crs(4490).total_bounds
    assert abs(place[:, 0].mean() - 501_790) < 500 and abs(place[:, 1].mean() - 4_058_700) < 700
    assert streets[0] < 117.02 < streets[2] and streets[1] < 36.66 < streets[3]


# the network


@pytest.mark.parametrize(
    ("pipes", "seed"), [(500, 1), (500, 2), (500, 3), (2000, 7), (2000, 2), (2000, 3), (20_000, 1)]
)
def test_pipes_between_nodes_are_as_many_as_asked_for(written, pipes, seed):
    network = written(pipes, seed)
    assert abs(len(network.pipes) - pipes) <= 0.03 * pipes
    assert network.summary["counts"]["pipes"] == len(network.pipes)
    assert network.summary["counts"]["nodes"] == len(np.unique(network.pipes[["a", "b"]].to_numpy()))


@pytest.mark.parametrize("seed", [7, 2, 3])
def test_every_pipe_in_use_hangs_on_a_source(written, seed):
    network = written(2000, seed)
    pipes, count = in_use(network), len(network.points)
    _, part = connected_components(graph(pipes, count), directed=False)
    source = part[network.kind("水厂|泵站")]
    assert set(part[pipes["a"]]) == set(source)


@pytest.mark.parametrize(("pipes", "seed"), [(500, 2), (2000, 7), (2000, 3)])
def test_hydrants_along_mains_are_at_most_120_m_apart(written, pipes, seed):
    network = written(pipes, seed)
    all_pipes, count = in_use(network), len(network.points)
    mains = (dn(all_pipes).fillna(150) >= 100) & (all_pipes["管线类别"] != "输水干管")
    ends = np.isin(all_pipes["b"], network.kind("消火栓|消防栓"))
    tees = all_pipes["a"][ends].to_numpy()
    along = all_pipes[mains & ~ends]
    far = dijkstra(graph(along, count), directed=False, indices=tees, min_only=True)
    # The farthest place of a pipe from hydrants: half of what it would take to go from one to the next through it.
    assert ((far[along["a"]] + far[along["b"]] + along["length"]) / 2).max() <= 60.0


@pytest.mark.parametrize("seed", [7, 2, 3])
def test_tees_have_a_valve_within_fifteen_metres(written, seed):
    network = written(2000, seed)
    pipes, count = in_use(network), len(network.points)
    leads = np.isin(pipes["b"], network.kind("消火栓|消防栓"))
    rest = pipes[~leads]
    degree = np.bincount(rest[["a", "b"]].to_numpy().ravel(), minlength=count)
    far = dijkstra(graph(rest, count), directed=False, indices=network.kind("阀门"), min_only=True)
    assert (degree >= 3).sum() > 200
    assert far[degree >= 3].max() <= 15.0


def test_reserved_tapoffs_are_short_stubs_with_a_valve(written):
    network = written(2000, 7)
    ledger = pd.read_excel(network.folder / "预留口台账.xlsx", sheet_name="预留口", engine="openpyxl")
    pipes, place = in_use(network), places(network)
    row = dict(zip(network.points["点号"], range(len(place))))
    into = {b: (a, size) for a, b, size in zip(pipes["a"], pipes["b"], dn(pipes))}
    valve_at = dict(zip(network.layer("阀门")["阀门编号"], network.layer("阀门")["节点编号"]))
    assert set(ledger["口径"]) <= {50, 80, 100, 150, 200}
    free = (ledger["状态"] == "空闲").mean()
    assert 0.6 < free < 0.8 and {"已用", "已预留", "堵塞", "未找到"} <= set(ledger["状态"])
    assert (ledger["预留至"].notna() == (ledger["状态"] == "已预留")).all()
    for point, size, valve in zip(ledger["点号"], ledger["口径"], ledger["阀门编号"]):
        end = row[point]
        middle, stub_dn = into[end]
        assert (middle, stub_dn) == (row[valve_at[valve]], size)
        main = into[middle][0]
        assert 1.9 <= np.linalg.norm(place[end] - place[main]) <= 6.1


def test_points_lie_on_foreign_lines_only_where_it_was_planted(written):
    network = written(2000, 3)
    lines = pd.concat(
        [
            pd.read_excel(f, sheet_name="线表", engine="calamine")
            for f in [network.folder / "给水管线成果.xlsx"]
        ]
    )
    place, row = places(network), dict(zip(network.points["点号"], range(len(network.points))))
    ends = np.stack([lines["点号"].map(row), lines["连接点号"].map(row)], axis=1)
    shapes = shapely.linestrings(place[ends])
    point, line = shapely.STRtree(shapes).query(shapely.points(place), predicate="dwithin", distance=0.25)
    foreign = (ends[line] != point[:, None]).all(axis=1)
    touched = {tuple(p) for p in np.stack([point, line], axis=1)[foreign]}
    planted = network.summary["planted"]
    # A loose end lies on its main's two or three lines, and the main's point on the branch; a whole tee on one line.
    points_touched = {p for p, _ in touched}
    assert len(points_touched) == 2 * planted["ends_off"] + planted["tees_not_split"]


def test_the_planted_dirt_is_counted_right(written):
    network = written(2000, 7)
    lines = pd.read_excel(network.folder / "给水管线成果.xlsx", sheet_name="线表", engine="calamine")
    planted = network.summary["planted"]
    pairs = pd.Series([tuple(sorted(p)) for p in zip(lines["点号"], lines["连接点号"])])
    once = lines[~pairs.duplicated()]
    assert pairs.duplicated().sum() == planted["lines_listed_twice"] > 0
    assert len(once) == network.summary["counts"]["pipes"] - planted["tees_not_split"]
    assert once["管径或断面尺寸(mm)"].isna().sum() == planted["diameter_missing"] > 0
    assert once["埋设日期"].isna().sum() == planted["date_missing"] > 0
    assert (once["使用状态"] == "废弃").sum() == planted["abandoned_lines"] > 0
    assert network.layer("用户水表")["接水管段"].isna().sum() == planted["customers_without_pipe"] > 0


# hydraulics


@pytest.mark.parametrize(
    ("pipes", "seed"), [(500, 1), (500, 2), (500, 3), (2000, 7), (2000, 2), (2000, 3), (20_000, 1)]
)
def test_epanet_finds_believable_pressures(written, tmp_path, pipes, seed):
    network = written(pipes, seed)
    pressure = solve(network, tmp_path / "city.inp") * MPA
    solved = pressure[~np.isnan(pressure)]
    assert len(solved) > 0.9 * len(network.points)
    assert ((solved >= 0.20) & (solved <= 0.45)).mean() >= 0.85
    assert 0 < (solved < 0.20).mean() < 0.08, "a few weak corners"
    assert 0.28 < np.median(solved) < 0.38
    assert solved.min() > 0.05
    loggers = network.layer("测压点")
    row = dict(zip(network.points["点号"], range(len(network.points))))
    there = pressure[loggers["节点编号"].map(row).to_numpy(int)]
    assert np.abs(loggers["高峰压力"] - there).max() < 0.04
    assert np.abs((loggers["高峰压力"] - there).mean()) < 0.015


def test_the_layout_heads_are_epanets(tmp_path):
    from gis.sample.pipes.heads import resistance, solve_heads
    from tests.hydraulics.plain_epanet import heads_of

    rng = np.random.default_rng(5)
    side = 6
    node = np.arange(side * side).reshape(side, side)
    first = np.concatenate([node[:-1].ravel(), node[:, :-1].ravel()])
    second = np.concatenate([node[1:].ravel(), node[:, 1:].ravel()])
    length, bore, c = (
        rng.uniform(80, 300, len(first)),
        rng.choice([0.15, 0.2, 0.3], len(first)),
        rng.uniform(75, 140, len(first)),
    )
    demand = rng.uniform(0, 3e-3, side * side)
    source, fixed = np.array([0, 35]), np.array([52.0, 50.0])
    head, _ = solve_heads(
        first, second, resistance(length, bore, c), demand_m3s=demand, source=source, source_head_m=fixed
    )
    text = ["[JUNCTIONS]", *(f"{n} 0 {demand[n] * 1000:.9f}" for n in range(side * side) if n not in source), "[RESERVOIRS]",
            *(f"{n} {h}" for n, h in zip(source, fixed)), "[PIPES]",
            *(f"P{k} {a} {b} {x:.6f} {d * 1000:.3f} {r:.6f}" for k, (a, b, x, d, r) in enumerate(zip(first, second, length, bore, c))),
            "[OPTIONS]", "UNITS LPS", "HEADLOSS H-W", "ACCURACY 0.000001", "TRIALS 200", "[END]"]  # fmt: skip
    (tmp_path / "grid.inp").write_text("\n".join(text))
    theirs = heads_of(tmp_path / "grid.inp")
    assert max(abs(theirs[str(n)] - head[n]) for n in range(side * side)) < 0.01


# what was recorded and planned


def test_breaks_follow_material_and_age_and_most_do_not_name_their_pipe(written):
    network = written(20_000, 1)
    breaks, pipes = network.layer("爆漏记录"), in_use(network)
    assert 0.86 < breaks["管段编号"].isna().mean() < 0.94
    assert breaks["发生日期"].astype(str).str[:4].astype(int).between(2005, 2025).all()
    place = places(network)
    shapes = shapely.linestrings(np.stack([place[pipes["a"]], place[pipes["b"]]], axis=1))
    near = shapely.STRtree(shapes).query_nearest(
        breaks.geometry.to_numpy(), all_matches=False, return_distance=True
    )[1]
    assert near.max() < 3.0
    words = pipes["材质"].fillna("")
    year = pd.to_numeric(pipes["埋设日期"].astype(str).str[:4], errors="coerce")

    def rate(mask, label):
        exposed = (
            pipes["length"][mask] / 1e5 * np.clip(2026 - np.maximum(2005, year[mask] + 1), 0, 21)
        ).sum()
        return ((breaks["管材"] == label) & (breaks["类别"] == "爆管")).sum() / exposed

    iron = rate(words.str.contains("灰|^铸铁"), "灰口铸铁")
    ductile = rate(words.str.contains("球|QT"), "球墨铸铁")
    plastic = rate(words.str.contains("聚|PE|PVC"), "聚乙烯") + rate(
        words.str.contains("聚|PE|PVC"), "硬聚氯乙烯"
    )
    # Per 100 km and year: iron 30.7, ductile 6.9, plastic 0.7 in Kitchener, 30 / 5 / 1 asked for here.
    assert 20 < iron < 42 and 2.5 < ductile < 8 and 0.2 < plastic < 2.5


def test_old_communities_are_renovated_and_works_have_the_status_of_the_day(written):
    network = written(20_000, 1)
    communities = network.maps("小区").set_index("小区编号")
    renovations, works = network.layer("老旧小区改造"), network.layer("道路工程")
    assert (communities["建成年份"] < 2000).mean() > 0.3
    assert communities.loc[renovations["小区编号"], "建成年份"].max() <= 2000
    for table in (renovations, works):
        start, end, status = (table[c].astype(str) for c in ("开工日期", "竣工日期", "状态"))
        assert (start < end).all()
        assert (end[status == "完工"] < "2026-11-21").all()
        assert (end[(status == "在建")] >= "2026-11-21").all() and (
            start[status == "在建"] <= "2026-11-21"
        ).all()
        assert (start[status.isin(["计划", "已批"])] > "2026-11-21").all()
    assert {"完工", "计划"} <= set(works["状态"]) and works["竣工日期"].astype(str).max() > "2031"


def test_red_lines_keep_off_the_carriageway_and_houses_inside_them(written):
    network = written(2000, 7)
    streets, parcels, houses = network.maps("道路中心线"), network.maps("用地红线"), network.maps("建筑")
    roads = streets[streets["道路等级"] != "巷道"]
    carriageway = shapely.union_all(
        roads.geometry.buffer(roads["路宽"] / 2 - 0.5, cap_style="flat").to_numpy()
    )
    assert shapely.area(shapely.intersection(parcels.geometry.to_numpy(), carriageway)).max() < 25.0
    home = parcels.set_index("地块编号").geometry.loc[houses["地块编号"]].to_numpy()
    outside = shapely.area(shapely.difference(houses.geometry.to_numpy(), home)) / houses.area
    assert outside.max() < 0.05
    assert set(streets["道路等级"]) >= {"主干路", "次干路", "支路", "巷道"}


def test_street_pieces_share_their_end_points(written):
    network = written(2000, 7)
    lines = network.maps("道路中心线").geometry
    ends = [tuple(np.round(line.coords[k], 3)) for line in lines for k in (0, -1)]
    lonely = pd.Series(ends).value_counts()
    # A lane is a dead end; a street has another one at both ends except at the rim.
    assert (lonely == 1).sum() <= (network.maps("道路中心线")["道路等级"] == "巷道").sum() + 4


# growth


def counted_calls(work):
    """How many functions were called: a measure of work that no clock disturbs."""
    count = 0

    def tally(_frame, event, _argument):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(tally)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def test_work_grows_no_faster_than_the_city(tmp_path):
    write_sample(tmp_path / "warm", seed=1, pipes=500)
    small, large = (
        counted_calls(lambda n=n: write_sample(tmp_path / str(n), seed=1, pipes=n)) for n in (4_000, 16_000)
    )
    assert large / small < 1.15 * 4


def test_memory_grows_no_faster_than_the_city():
    import tracemalloc

    peaks = []
    for pipes in (5_000, 20_000):
        tracemalloc.start()
        build_city(1, pipes=pipes)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] / peaks[0] < 1.15 * 4


def test_sources_become_more_as_the_city_grows(written):
    assert len(written(2000, 7).layer("水源")) == 1
    many = written(20_000, 1).layer("水源")
    assert 4 <= len(many) <= 7
    distances = shapely.distance(many.geometry.to_numpy()[:, None], many.geometry.to_numpy()[None, :])
    assert np.sort(distances, axis=1)[:, 1].min() > 500
