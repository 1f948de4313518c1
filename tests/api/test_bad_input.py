"""What is wrong is named in both languages, nothing goes to stdout, and nothing is left behind or changed."""

import json
import os
import random
import shutil
from pathlib import Path

import pytest

from tests.api.command import said, state_of

AT = "117.02,36.66"
ROOT = Path(__file__).parents[2]
GOOD = {
    "name": "某居住小区",
    "site": {"position": [117.02, 36.66], "storeys": 6},
    "use": {"type": "residential", "dwellings": 48},
}
SURVEY, STREETS, OPERATION = "给水管线成果.xlsx", "道路中心线", "运行数据.gpkg"
# A network of two pipes without any reservoir or tank.
NO_SOURCE_INP = """[JUNCTIONS]
J1 10 1
J2 10 1
[PIPES]
P1 J1 J2 100 100 100 0 Open
[OPTIONS]
Units LPS
Headloss H-W
[COORDINATES]
J1 0 0
J2 100 0
[END]
"""


def noise(count, seed=5):
    return random.Random(seed).randbytes(count)


def refuses(status, *words, naming=(), unchanged=(), env=None):
    """The call is refused, and every place stays exactly as it was."""
    before = state_of(*unchanged)
    answer = said(*words, env=env).refused(status, *naming)
    assert state_of(*unchanged) == before
    return answer


# ---- a request -------------------------------------------------------------------------------------------------


def without(key):
    return {name: value for name, value in GOOD.items() if name != key}


def with_site(**site):
    return {**GOOD, "site": {**GOOD["site"], **site}}


def with_use(use):
    return {**GOOD, "use": use}


REQUESTS = {
    "not JSON": ("{site: 117}", "b.json"),
    "an empty file": ("", "b.json"),
    "a list": ("[1, 2]", "b.json"),
    "brackets without end": ("[" * 100_000, "b.json"),
    "no site": (without("site"), "site"),
    "no position": ({**GOOD, "site": {"storeys": 6}}, "site.position"),
    "half a position": (with_site(position=[117.02]), "site.position"),
    "a position in words": (with_site(position=["east", "north"]), "site.position"),
    "NaN for a longitude": (json.dumps(with_site(position=[float("nan"), 36.66])), "site.position"),
    "an infinite elevation": (json.dumps(with_site(elevation_m=float("inf"))), "site.elevation_m"),
    "NaN for a flow": (json.dumps(with_use({"design_flow_lps": float("nan")})), "use.design_flow_lps"),
    "half a storey": (with_site(storeys=1.5), "site.storeys"),
    "less than no storeys": (with_site(storeys=-1), "site.storeys"),
    "an outline of one point": (with_site(polygon=[[117.02, 36.66]]), "site.polygon"),
    "an outline beyond all numbers": (
        with_site(polygon=[[117, 36], [117.1, 36], [117, 10**400]]),
        "site.polygon",
    ),
    "no use": (without("use"), "use"),
    "a use of no type": (with_use({}), "use.type"),
    "a use nobody knows": (with_use({"type": "space-port"}), "space-port"),
    "dwellings missing": (with_use({"type": "residential"}), "use.dwellings"),
    "fewer than no dwellings": (with_use({"type": "residential", "dwellings": -3}), "use.dwellings"),
    "a flow no pipe carries": (with_use({"design_flow_lps": 1e9}), "use.design_flow_lps"),
    "a negative flow": (with_use({"design_flow_lps": -1}), "use.design_flow_lps"),
    "a fire flow in words": ({**GOOD, "fire": "much"}, "fire"),
    "no options wanted": ({**GOOD, "options": {"count": 0}}, "options.count"),
    "a million options wanted": ({**GOOD, "options": {"count": 10**6}}, "options.count"),
    "a site in the next province": (with_site(position=[118.5, 36.66]), "2000 m"),
    "latitude and longitude swapped": (with_site(position=[36.66, 117.02]), "36.66"),
}


@pytest.mark.parametrize("case", REQUESTS)
def test_a_wrong_request_is_refused_with_its_field(case, sample_workspace, tmp_path):
    content, named = REQUESTS[case]
    path = tmp_path / "b.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    refuses(
        2, "scheme", "--workspace", sample_workspace, path, "--out", tmp_path / "out", "--json",
        naming=[named], unchanged=[sample_workspace, tmp_path],
    )  # fmt: skip


def test_a_request_that_is_no_text_or_no_file_is_refused_with_its_name(sample_workspace, tmp_path):
    (tmp_path / "noise.json").write_bytes(noise(300))
    (tmp_path / "folder.json").mkdir()
    for name in ("noise.json", "folder.json", "absent.json"):
        refuses(
            2, "scheme", "--workspace", sample_workspace, tmp_path / name, "--out", tmp_path / "out",
            naming=[name], unchanged=[sample_workspace, tmp_path],
        )  # fmt: skip


# ---- a place, a number, an option ------------------------------------------------------------------------------

CALLS = {
    "tap-offs near a place that is no number": (["tapoffs", "--at", "nan,36.66"], "nan,36.66"),
    "tap-offs near nowhere": (["tapoffs", "--at", ""], "--at"),
    "tap-offs near one number": (["tapoffs", "--at", "117.02"], "117.02"),
    "tap-offs beyond the poles": (["tapoffs", "--at", "117.02,96.66"], "96.66"),
    "tap-offs with swapped axes": (["tapoffs", "--at", "36.66,117.02"], "117.02"),
    "tap-offs in the next province": (["tapoffs", "--at", "118.5,36.66"], "118.5"),
    "tap-offs on the other side of the earth": (["tapoffs", "--at", "-63,-36.66"], "-63"),
    "no tap-offs wanted": (["tapoffs", "--at", AT, "--count", "0"], "--count"),
    "fewer than no tap-offs": (["tapoffs", "--at", AT, "--count", "-5"], "--count"),
    "half a tap-off": (["tapoffs", "--at", AT, "--count", "1.5"], "--count"),
    "a reach that is no number": (["tapoffs", "--at", AT, "--within-m", "nan"], "--within-m"),
    "a reach without end": (["tapoffs", "--at", AT, "--within-m", "inf"], "--within-m"),
    "a negative reach": (["tapoffs", "--at", AT, "--within-m", "-3"], "--within-m"),
    "a state nobody knows": (["tapoffs", "--at", AT, "--status", "lost"], "lost"),
    "an empty state": (["tapoffs", "--at", AT, "--status", ""], "not-found"),
    "a CRS nobody knows": (["tapoffs", "--at", AT, "--crs", "EPSG:99999"], "EPSG:99999"),
    "an empty CRS": (["tapoffs", "--at", AT, "--crs", ""], "--crs"),
    "a CRS of a lost datum": (["tapoffs", "--at", AT, "--crs", "EPSG:2430"], "Beijing 1954"),
    "a flow that is no number": (["check", "--at", AT, "--flow-lps", "nan"], "nan"),
    "a negative flow": (["check", "--at", AT, "--flow-lps", "-2"], "-2"),
    "a flow in words": (["check", "--at", AT, "--flow-lps", "much"], "--flow-lps"),
    "a limit that is no number": (["check", "--at", AT, "--flow-lps", "2", "--required-pressure-m", "nan"], "nan"),
    "a check at no node": (["check", "--node", "", "--flow-lps", "2"], "--at"),
    "a check at a node that is not there": (["check", "--node", "NOWHERE", "--flow-lps", "2"], "NOWHERE"),
    "a check in the next province": (["check", "--at", "118.5,36.66", "--flow-lps", "2"], "118.5"),
    "a check without a place": (["check", "--flow-lps", "2"], "--node"),
    "a check at two places": (["check", "--at", AT, "--node", "JS1", "--flow-lps", "2"], "--at"),
    "another scenario": (["check", "--at", AT, "--flow-lps", "2", "--scenario", "night"], "night"),
    "an unknown renewal step": (["renewal", "guess", "--out", "x"], "guess"),
    "a served workspace without accounts": (["serve"], "--local"),
    "a port below all ports": (["serve", "--local", "--port", "-1"], "-1"),
    "a port above all ports": (["serve", "--local", "--port", "99999999"], "99999999"),
}  # fmt: skip


@pytest.mark.parametrize("case", CALLS)
def test_a_wrong_option_is_refused_with_its_name_or_value(case, sample_workspace):
    words, named = CALLS[case]
    refuses(2, *words, "--workspace", sample_workspace, naming=[named], unchanged=[sample_workspace])


@pytest.mark.parametrize(
    "words", [["frobnicate"], [], ["tapoffs"], ["tapoffs", "--at"], ["versions", "extra"]]
)
def test_a_call_that_is_none_is_refused_in_both_languages(words):
    said(*words).refused(2, "--help")


def test_a_wrong_sample_is_refused_and_makes_no_folder(tmp_path):
    for words, named in (
        (["--pipes", "-5"], "-5"), (["--pipes", "99999999999"], "99999999999"), (["--pipes", "many"], "many"),
        (["--pipes", "500", "--seed", "-1"], "-1"),
    ):  # fmt: skip
        refuses(2, "sample", *words, "--out", tmp_path / "city", naming=[named], unchanged=[tmp_path])


def test_a_day_that_is_none_is_refused(sample_workspace):
    said("versions", "--workspace", sample_workspace, env={"TAPWRIGHT_TODAY": "tomorrow"}).refused(
        2, "tomorrow"
    )


# ---- the workspace ---------------------------------------------------------------------------------------------


def of_version(workspace, name):
    return workspace / "versions" / (workspace / "current").read_text(encoding="utf-8") / name


def halve(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


WORKSPACES = {
    "of another format": (lambda w: (w / "workspace.json").write_text('{"format": 99}'), "99"),
    "with noise for its note": (lambda w: (w / "workspace.json").write_bytes(noise(60)), "workspace"),
    "with a list for its note": (lambda w: (w / "workspace.json").write_text("[1]"), "workspace"),
    "with half a manifest": (lambda w: halve(of_version(w, "manifest.json")), "manifest.json"),
    "with an empty manifest": (lambda w: of_version(w, "manifest.json").write_text("{}"), "manifest.json"),
    "with a manifest of noise": (lambda w: of_version(w, "manifest.json").write_bytes(noise(60)), "manifest.json"),
    "without a manifest": (lambda w: of_version(w, "manifest.json").unlink(), "workspace"),
    "without its network": (lambda w: of_version(w, "network.gpkg").unlink(), "network.gpkg"),
    "with half its network": (lambda w: halve(of_version(w, "network.gpkg")), "network.gpkg"),
    "with an empty network file": (lambda w: of_version(w, "network.gpkg").write_bytes(b""), "network.gpkg"),
    "with noise for its network": (lambda w: of_version(w, "network.gpkg").write_bytes(noise(9000)), "network.gpkg"),
    "without a current version": (lambda w: (w / "current").unlink(), "workspace"),
    "whose current version is not there": (lambda w: (w / "current").write_text("v000"), "v000"),
    "whose current version leads outside": (lambda w: (w / "current").write_text("../.."), "../.."),
    "without versions": (lambda w: shutil.rmtree(w / "versions"), "workspace"),
    "with nothing in it": (lambda w: (shutil.rmtree(w), w.mkdir()), "workspace"),
    "that is not there": (shutil.rmtree, "workspace"),
    "that is a file": (lambda w: (shutil.rmtree(w), w.write_text("here")), "workspace"),
}  # fmt: skip


@pytest.mark.parametrize("case", WORKSPACES)
def test_a_workspace_that_cannot_be_used_is_named(case, sample_workspace, tmp_path):
    break_it, named = WORKSPACES[case]
    workspace = tmp_path / "workspace"
    shutil.copytree(sample_workspace, workspace)
    break_it(workspace)
    request = tmp_path / "r.json"
    request.write_text(json.dumps(GOOD), encoding="utf-8")
    # A workspace without a current version is served: the page makes the first import, or an older version current.
    served = [] if case == "without a current version" else [["serve", "--local", "--port", "0"]]
    for words in (
        ["tapoffs", "--at", AT], ["check", "--at", AT, "--flow-lps", "3", "--inp-out", tmp_path / "models"],
        ["scheme", request, "--out", tmp_path / "scheme"], ["export", "--out", tmp_path / "all.gpkg"],
        ["renewal", "assess", "--out", tmp_path / "list"], *served,
    ):  # fmt: skip
        refuses(3, *words, "--workspace", workspace, naming=[named], unchanged=[tmp_path])


def test_an_import_into_a_workspace_of_another_format_is_refused(sample_sources, sample_workspace, tmp_path):
    workspace = tmp_path / "w"
    shutil.copytree(sample_workspace, workspace)
    (workspace / "workspace.json").write_text('{"format": 99}')
    refuses(3, "import", sample_sources, "--workspace", workspace, naming=["99"], unchanged=[workspace])


def test_an_import_where_no_folder_can_be_is_refused(sample_sources, tmp_path):
    (tmp_path / "file").write_text("here")
    refuses(
        3, "import", sample_sources / "给水管线成果.xlsx", "--workspace", tmp_path / "file" / "w",
        naming=["file"], unchanged=[tmp_path],
    )  # fmt: skip


def test_importing_the_same_again_mends_a_damaged_version(sample_sources, sample_workspace, tmp_path):
    workspace = tmp_path / "w"
    shutil.copytree(sample_workspace, workspace)
    whole = said("tapoffs", "--at", AT, "--workspace", workspace, "--json").document
    halve(of_version(workspace, "network.gpkg"))
    said("import", sample_sources, "--workspace", workspace, "--json").document
    assert said("tapoffs", "--at", AT, "--workspace", workspace, "--json").document == whole


def test_no_workspace_and_a_database_that_is_not_there_are_refused(tmp_path):
    said("tapoffs", "--at", AT).refused(2, "--workspace")
    said("tapoffs", "--at", AT, "--workspace", "").refused(2, "--workspace")
    said("tapoffs", "--at", AT, "--workspace", "mysql://db/city").refused(2, "mysql", "postgresql")
    absent = f"postgresql://gis:hush@/city?host={tmp_path}"
    for words in (["tapoffs", "--at", AT], ["versions"], ["import", ROOT / "nothing"]):
        answer = said(*words, "--workspace", absent).refused(3, "gis@", str(tmp_path))
        assert "hush" not in answer.err


def test_a_version_that_is_not_there_is_named(sample_workspace, tmp_path):
    for version in ("v123", "", ".", "..", "../versions"):
        for words in (["issues", "--version", version], ["diff", version, version],
                      ["export", "--version", version, "--out", tmp_path / "x.gpkg"]):  # fmt: skip
            refuses(
                3,
                *words,
                "--workspace",
                sample_workspace,
                naming=[version],
                unchanged=[sample_workspace, tmp_path],
            )


# ---- sources ---------------------------------------------------------------------------------------------------


def only(path, content):
    def make(folder, _):
        (folder / path).write_bytes(content)

    return make


def damaged(name, damage, *others):
    """Files of the sample city, one of them damaged."""

    def make(folder, sample):
        for pattern in (name, *others):
            for file in sample.glob(pattern):
                shutil.copy(file, folder)
        damage(folder / name)

    return make


FOLDERS = {
    "half a workbook": (damaged(SURVEY, halve), SURVEY),
    "an empty workbook": (damaged(SURVEY, lambda p: p.write_bytes(b"")), SURVEY),
    "a workbook of noise": (damaged(SURVEY, lambda p: p.write_bytes(noise(5000))), SURVEY),
    "a shapefile of noise": (
        damaged(f"{STREETS}.shp", lambda p: p.write_bytes(noise(5000)), SURVEY, f"{STREETS}.*"), f"{STREETS}.shp",
    ),
    "an empty shapefile": (
        damaged(f"{STREETS}.shp", lambda p: p.write_bytes(b""), SURVEY, f"{STREETS}.*"), f"{STREETS}.shp",
    ),
    "a shapefile without its table": (
        damaged(f"{STREETS}.dbf", os.unlink, SURVEY, f"{STREETS}.*"), f"{STREETS}.dbf",
    ),
    "a shapefile with half a table": (
        damaged(f"{STREETS}.dbf", halve, SURVEY, f"{STREETS}.*"), f"{STREETS}.shp",
    ),
    "an empty GeoPackage": (damaged(OPERATION, lambda p: p.write_bytes(b""), SURVEY), OPERATION),
    "half a GeoPackage": (damaged(OPERATION, halve, SURVEY), OPERATION),
    "a GeoPackage of noise": (damaged(OPERATION, lambda p: p.write_bytes(noise(5000)), SURVEY), OPERATION),
    "a map without pipes": (damaged(f"{STREETS}.shp", lambda p: None, f"{STREETS}.*"), "streets"),
    "a model of words": (only("a.inp", b"garbage"), "a.inp"),
    "a model of noise": (only("b.inp", noise(4000)), "b.inp"),
    "an empty model": (only("c.inp", b""), "c.inp"),
    "a drawing": (only("d.dwg", b"AC1015"), "d.dwg"),
    "a letter": (only("e.txt", b"hello"), "e.txt"),
    "half a GeoJSON": (only("供水管段.geojson", b'{"type":'), "供水管段.geojson"),
    "an empty GeoJSON": (only("供水管段.geojson", b""), "供水管段.geojson"),
    "an empty table": (only("供水管段.csv", b""), "供水管段.csv"),
    "a table in no encoding": (only("供水管段.csv", b"\xff\xfe\x00\x81" * 40), "供水管段.csv"),
    "an old workbook of noise": (only("供水管段.xls", noise(700)), "供水管段.xls"),
    "a table nobody knows": (only("h.csv", b"a,b\n1,2\n"), "h"),
    "nothing": (lambda folder, _: None, ""),
}  # fmt: skip


@pytest.mark.parametrize("case", FOLDERS)
def test_sources_that_cannot_be_read_are_refused_and_make_no_workspace(case, sample_sources, tmp_path):
    make, named = FOLDERS[case]
    folder = tmp_path / "delivered"
    folder.mkdir()
    make(folder, sample_sources)
    alone = [path for path in folder.iterdir() if path.suffix in {".inp", ".dwg", ".txt"}]
    refuses(
        2, "import", *(alone or [folder]), "--workspace", tmp_path / "w", "--json",
        naming=[named or "delivered"], unchanged=[tmp_path],
    )  # fmt: skip


def test_a_refused_import_leaves_the_workspace_as_it_was(sample_sources, sample_workspace, tmp_path):
    folder = tmp_path / "delivered"
    folder.mkdir()
    damaged(SURVEY, halve)(folder, sample_sources)
    refuses(
        2, "import", folder, "--workspace", sample_workspace, naming=[SURVEY], unchanged=[sample_workspace]
    )


def test_sources_that_are_not_there_or_do_not_go_together_are_named(sample_sources, tmp_path):
    (tmp_path / "a.inp").write_text(NO_SOURCE_INP)
    mapping = tmp_path / "m.toml"
    mapping.write_text("format = 1\n[[layer]]\nlayer = 'pipez'\n")
    for words, named in (
        ([tmp_path / "absent.shp"], "absent.shp"), ([tmp_path / "a.inp", sample_sources], "a.inp"), ([""], "SOURCE"),
        ([sample_sources, "--crs", "EPSG:1"], "EPSG:1"), ([sample_sources, "--crs", "EPSG:2437"], "Beijing 1954"),
        ([sample_sources, "--crs", ""], "--crs"), ([sample_sources, "--mapping", tmp_path / "absent.toml"], "absent.toml"),
        ([sample_sources, "--mapping", mapping], "pipez"), ([sample_sources, "--mapping", tmp_path], tmp_path.name),
    ):  # fmt: skip
        refuses(2, "import", *words, "--workspace", tmp_path / "w", naming=[named], unchanged=[tmp_path])


# ---- what cannot be computed -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def dry_workspace(sample_sources, tmp_path_factory):
    """The sample city's survey alone: pipes and tap-offs, no source."""
    workspace = tmp_path_factory.mktemp("dry") / "w"
    sources = [sample_sources / SURVEY, sample_sources / "预留口台账.xlsx"]
    assert said("import", *sources, "--workspace", workspace, "--crs", "EPSG:4548").status == 0
    return workspace


def test_a_network_without_sources_answers_where_but_not_how_much(dry_workspace, tmp_path):
    issues = said("issues", "--workspace", dry_workspace, "--json").document
    assert "no-sources" in {issue["kind"] for issue in issues}
    tapoffs = said("tapoffs", "--workspace", dry_workspace, "--at", AT, "--json").document
    assert len(tapoffs) == 5 and {row["peak_pressure_mpa"] for row in tapoffs} == {None}

    request = tmp_path / "r.json"
    request.write_text(json.dumps(GOOD), encoding="utf-8")
    for words in (
        ["check", "--at", AT, "--flow-lps", "3", "--nodes-out", tmp_path / "n.csv", "--inp-out", tmp_path / "m"],
        ["scheme", request, "--out", tmp_path / "out"],
    ):  # fmt: skip
        answer = refuses(3, *words, "--workspace", dry_workspace, unchanged=[dry_workspace, tmp_path])
        assert "水源" in answer.err and "source" in answer.err


@pytest.mark.parametrize(
    ("line", "wrong", "naming"),
    [("J2 10 1", "J2 1e400 1", ["J2", "elevation_m"]), ("J2 10 1", "J2 10 nan", ["J2", "demand_m3s"]),
     ("P1 R1 J2 100 100", "P1 R1 J2 1e30 100", ["P1", "length_m"]), ("P1 R1 J2 100 100", "P1 R1 J2 100 1e30", ["P1", "diameter_m"])],
)  # fmt: skip
def test_a_number_no_network_has_is_refused_though_epanet_reads_it(line, wrong, naming, tmp_path):
    sound = (
        NO_SOURCE_INP.replace("J1 10 1\n", "")
        .replace("[PIPES]", "[RESERVOIRS]\nR1 40\n[PIPES]")
        .replace("J1", "R1")
    )
    (tmp_path / "sound.inp").write_text(sound)
    said("import", tmp_path / "sound.inp", "--workspace", tmp_path / "w", "--json").document
    (tmp_path / "wrong.inp").write_text(sound.replace(line, wrong))
    refuses(
        2, "import", tmp_path / "wrong.inp", "--workspace", tmp_path / "w", naming=["wrong.inp", *naming],
        unchanged=[tmp_path],
    )  # fmt: skip


@pytest.mark.real_data
def test_a_crs_given_to_a_network_in_its_own_plane_is_refused(shared_data, tmp_path):
    workspace, request = tmp_path / "w", tmp_path / "r.json"
    said("import", shared_data / "networks" / "L-TOWN.inp", "--workspace", workspace, "--json").document
    request.write_text(json.dumps(GOOD), encoding="utf-8")
    for words in (
        ["check", "--at", "1,2", "--flow-lps", "1"], ["tapoffs", "--at", "1,2"], ["scheme", request, "--out", tmp_path / "out"],
    ):  # fmt: skip
        refuses(
            2,
            *words,
            "--crs",
            "EPSG:4548",
            "--workspace",
            workspace,
            naming=["EPSG:4548"],
            unchanged=[tmp_path],
        )
    # Without one, a place far from its pipes is outside of it.
    refuses(2, "check", "--at", "1e7,1e7", "--flow-lps", "1", "--workspace", workspace, naming=["10000000.0"])


@pytest.mark.real_data
def test_a_model_that_diverges_is_imported_with_its_doubt_and_the_check_says_where(shared_data, tmp_path):
    workspace = tmp_path / "w"
    said("import", shared_data / "networks" / "TwoLoop.inp", "--workspace", workspace, "--json").document
    errors = {
        i["kind"]
        for i in said("issues", "--workspace", workspace, "--json").document
        if i["severity"] == "error"
    }
    assert errors == {"model-bore-impossible", "model-no-convergence"}
    refuses(
        3,
        "check",
        "--node",
        "2",
        "--flow-lps",
        "3",
        "--workspace",
        workspace,
        naming=["2"],
        unchanged=[workspace],
    )


# ---- prices, rules, parameters ---------------------------------------------------------------------------------


@pytest.fixture
def request_file(tmp_path):
    path = tmp_path / "r.json"
    path.write_text(json.dumps(GOOD), encoding="utf-8")
    return path


def lacking(folder, code):
    """The shipped catalogue without one of its items."""
    shipped = ROOT / "design" / "data" / "catalogues"
    folder.mkdir()
    text = (shipped / "illustrative-2026.toml").read_text(encoding="utf-8")
    (folder / "ours.toml").write_text(text.replace("illustrative-2026.csv", "ours.csv"), encoding="utf-8")
    lines = (shipped / "illustrative-2026.csv").read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith(f"{code},")]
    assert len(kept) == len(lines) - 1
    (folder / "ours.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")
    shutil.copy(shipped / "one-fee-illustrative.csv", folder)
    return folder / "ours.toml"


@pytest.mark.parametrize("code", ["040101002", "meter-set-dn50", "pipe-PE-dn65"])
def test_a_catalogue_without_an_item_the_scheme_needs_is_refused_with_that_item(
    code, sample_workspace, request_file, tmp_path
):
    catalogue = lacking(tmp_path / "prices", code)
    refuses(
        2, "scheme", "--workspace", sample_workspace, request_file, "--out", tmp_path / "out", naming=[code],
        unchanged=[sample_workspace, tmp_path], env={"TAPWRIGHT_CATALOGUE": catalogue},
    )  # fmt: skip


def test_prices_rules_and_policies_that_cannot_be_read_are_refused_with_their_name(
    sample_workspace, request_file, tmp_path
):
    for name, content in (("noise.toml", noise(200)), ("words.toml", b"no = [toml"), ("empty.toml", b"")):
        (tmp_path / name).write_bytes(content)
    (tmp_path / "nothing").mkdir()
    for setting, value in (
        ("CATALOGUE", "absent.toml"), ("CATALOGUE", "noise.toml"), ("CATALOGUE", "words.toml"),
        ("CATALOGUE", "empty.toml"), ("CATALOGUE", "nothing"), ("RULES", "absent.toml"), ("RULES", "noise.toml"),
        ("RULES", "words.toml"),
    ):  # fmt: skip
        path = (tmp_path / value).resolve()
        refuses(
            2, "scheme", "--workspace", sample_workspace, request_file, "--out", tmp_path / "out", naming=[path.name],
            unchanged=[sample_workspace, tmp_path], env={f"TAPWRIGHT_{setting}": path},
        )  # fmt: skip
    said(
        "scheme", "--workspace", sample_workspace, request_file, "--out", tmp_path / "out",
        env={"TAPWRIGHT_POLICY": "all-free"},
    ).refused(2, "all-free")  # fmt: skip


PARAMETERS = {
    "absent": (None, "p.toml"),
    "noise": (noise(200), "p.toml"),
    "not TOML": (b"no = [toml", "p.toml"),
    "an unknown table": (b"[wishes]\nx = 1\n", "wishes"),
    "an unknown parameter": (b"[coordination]\nhorizon = 3\n", "horizon"),
    "a parameter in words": (b"[coordination]\nhorizon_years = 'long'\n", "coordination.horizon_years"),
    "a parameter that is no number": (b"[coordination]\nmin_overlap_m = nan\n", "coordination.min_overlap_m"),
    "a parameter out of range": (b"[coordination]\nhorizon_years = -1\n", "coordination.horizon_years"),
}


@pytest.mark.parametrize("step", ["assess", "coordinate"])
@pytest.mark.parametrize("case", PARAMETERS)
def test_wrong_renewal_parameters_are_refused_with_their_key(case, step, sample_workspace, tmp_path):
    content, named = PARAMETERS[case]
    path = tmp_path / "p.toml"
    if content is not None:
        path.write_bytes(content)
    refuses(
        2, "renewal", step, "--workspace", sample_workspace, "--parameters", path, "--out", tmp_path / "out",
        naming=[named], unchanged=[sample_workspace, tmp_path],
    )  # fmt: skip


# ---- where results go ------------------------------------------------------------------------------------------


def writers(request, out, folder):
    """Calls that write: into a folder, or into a file."""
    if folder:
        return [
            ["scheme", request, "--out", out], ["check", "--at", AT, "--flow-lps", "3", "--inp-out", out],
            ["renewal", "assess", "--out", out], ["renewal", "coordinate", "--out", out],
            ["sample", "--pipes", "500", "--out", out],
        ]  # fmt: skip
    return [
        ["export", "--out", out],
        ["issues", "--out", out],
        ["check", "--at", AT, "--flow-lps", "3", "--nodes-out", out],
    ]


def refuses_to_write(workspace, request, out, *, folder, named, unchanged):
    for words in writers(request, out, folder):
        more = [] if words[0] == "sample" else ["--workspace", workspace]
        refuses(2, *words, *more, naming=[named], unchanged=unchanged)


def test_a_file_where_a_folder_should_be_is_refused_and_kept(sample_workspace, request_file, tmp_path):
    (tmp_path / "taken").write_text("mine")
    for out in (tmp_path / "taken", tmp_path / "taken" / "below"):
        refuses_to_write(
            sample_workspace,
            request_file,
            out,
            folder=True,
            named="taken",
            unchanged=[sample_workspace, tmp_path],
        )


def test_a_folder_where_a_file_should_be_is_refused(sample_workspace, request_file, tmp_path):
    (tmp_path / "taken").mkdir()
    for out in (tmp_path / "taken", tmp_path / "absent" / "x"):
        refuses_to_write(
            sample_workspace,
            request_file,
            out,
            folder=False,
            named=out.name,
            unchanged=[sample_workspace, tmp_path],
        )


def test_an_earlier_result_stays_whole_when_the_next_cannot_be_written(
    sample_workspace, request_file, tmp_path
):
    out = tmp_path / "out"
    call = ["scheme", "--workspace", sample_workspace, request_file, "--out", out]
    assert said(*call).status == 0
    (out / "plan.dxf").unlink()
    (out / "plan.dxf").mkdir()
    refuses(2, *call, naming=["plan.dxf"], unchanged=[out])


def test_both_results_of_a_check_are_written_or_neither(sample_workspace, tmp_path):
    table, models = tmp_path / "n.csv", tmp_path / "models"
    (models / "model-after.inp").mkdir(parents=True)
    table.write_text("mine")
    refuses(
        2, "check", "--workspace", sample_workspace, "--at", AT, "--flow-lps", "3", "--nodes-out", table, "--inp-out",
        models, naming=["model-after.inp"], unchanged=[tmp_path],
    )  # fmt: skip
