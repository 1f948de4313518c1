"""The rules of the house: layers, names with units, sizes, both languages, nothing left that lies."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import networkx as nx
import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("gis", "hydraulics", "design", "maps", "api")
SOURCES = sorted(
    p
    for room in ROOMS
    for p in (ROOT / room).rglob("*.py")
    if not {"node_modules", "web"} & set(p.relative_to(ROOT).parts)
)

UNIT_SUFFIXES = (
    "_m", "_mm", "_km", "_m2", "_m3", "_m3d", "_m3h", "_m3s", "_lps", "_lpcd", "_l", "_mpa", "_kpa", "_mps", "_cny",
    "_s", "_h", "_d", "_hours", "_days", "_years", "_year", "_pct", "_share", "_ratio", "_factor", "_deg", "_lon",
    "_lat", "_c", "_k", "_kn", "_kg", "_px", "_kpa_m", "_m_m", "_xy", "_per_km_year", "_cny_m", "_cny_m2", "_cny_m3",
    "_m2s", "_score", "_weight", "_fraction", "_ppm", "_x", "_y", "_persons", "_units", "_count", "_alpha", "_gradient",
)  # fmt: skip
BARE_NAMES = {"x", "y", "c", "fraction", "share", "tolerance", "value", "limit", "measured", "ratio", "factor", "scale",
              "weight", "score", "seconds", "years", "alpha", "dn"}  # fmt: skip


def _is_float(annotation: ast.expr | None) -> bool:
    if annotation is None:
        return False
    return bool(
        re.fullmatch(r"(float|FloatArray|NDArray\[np\.float64\])( \| None)?", ast.unparse(annotation))
    )


def _has_unit(name: str) -> bool:
    return name.endswith(UNIT_SUFFIXES) or name.lstrip("_") in BARE_NAMES


def _float_names(tree: ast.AST):
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            for arg in [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]:
                if _is_float(arg.annotation):
                    yield arg.arg, arg.lineno
        elif isinstance(node, ast.ClassDef):
            for statement in node.body:
                if isinstance(statement, ast.AnnAssign) and _is_float(statement.annotation):
                    yield ast.unparse(statement.target), statement.lineno


def test_float_parameters_and_fields_carry_their_unit():
    bare = [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path in SOURCES
        for name, line in _float_names(ast.parse(path.read_text(encoding="utf-8")))
        if not _has_unit(name)
    ]
    assert not bare, "\n".join(bare)


def test_the_unit_rule_can_fail():
    tree = ast.parse("def f(length: float, width_m: float): ...")
    assert [name for name, _ in _float_names(tree) if not _has_unit(name)] == ["length"]


def _imported(node: ast.AST, package: tuple[str, ...]):
    """Modules a statement names, wherever it stands; `from a import b` may mean the file a.py or a/b.py."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        above = package[: len(package) + 1 - node.level] if node.level else ()
        base = ".".join([*above, *filter(None, [node.module])])
        yield base
        yield from (f"{base}.{alias.name}" for alias in node.names)


def _file_graph(sources, root):
    """Who imports whom, as names under `root`: at the top, in functions and for types only alike."""
    names = {path.relative_to(root).as_posix() for path in sources}
    graph = nx.DiGraph()
    graph.add_nodes_from(names)
    for name in names:
        package = Path(name).parent.parts
        for node in ast.walk(ast.parse((root / name).read_text(encoding="utf-8"))):
            for module in _imported(node, package):
                stem = module.replace(".", "/")
                graph.add_edges_from(
                    (name, file) for file in (f"{stem}.py", f"{stem}/__init__.py") if file in names
                )
    return graph


def _circles(graph):
    """One circle of every knot of files that import each other."""
    for knot in nx.strongly_connected_components(graph):
        if (part := graph.subgraph(knot)).number_of_edges():
            edges = nx.find_cycle(part, source=min(knot))
            yield " > ".join([*(file for file, _ in edges), edges[0][0]])


def test_no_file_imports_in_a_circle():
    graph = _file_graph(SOURCES, ROOT)
    assert graph.has_edge("gis/store.py", "gis/network.py")
    circles = sorted(_circles(graph))
    assert not circles, "\n".join(circles)


@pytest.mark.parametrize(
    "back",
    [
        "from room.one import ONE", "from room import one", "import room.one", "from . import one", "from .one import ONE",
        "def f():\n    from room.one import ONE",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from room.one import ONE",
    ],
)  # fmt: skip
def test_the_circle_rule_can_fail(tmp_path, back):
    texts = {"one": "from room.two import TWO", "two": "TWO = 2", "user": "import room.one, room.two"}
    (tmp_path / "room").mkdir()
    files = {name: tmp_path / "room" / f"{name}.py" for name in texts}
    for name, text in texts.items():
        files[name].write_text(text, encoding="utf-8")
    assert not list(_circles(_file_graph(files.values(), tmp_path)))

    files["two"].write_text(back, encoding="utf-8")
    assert list(_circles(_file_graph(files.values(), tmp_path))) == [
        "room/one.py > room/two.py > room/one.py"
    ]


def test_room_roots_import_nothing():
    for room in ROOMS:
        tree = ast.parse((ROOT / room / "__init__.py").read_text(encoding="utf-8"))
        assert ast.get_docstring(tree)
        assert not [n for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom)]


def test_files_and_functions_stay_small():
    too_long = []
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        if text.count("\n") > 400:
            too_long.append(f"{path.relative_to(ROOT)}: {text.count(chr(10))} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                lines = (body[-1].end_lineno - body[0].lineno + 1) if body else 0
                if lines > 40:
                    too_long.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}: {lines} lines")
    assert not too_long, "\n".join(too_long)


@pytest.mark.parametrize("room", ROOMS)
def test_both_languages_have_the_same_sentences(room):
    zh, en = (
        tomllib.loads((ROOT / room / "data" / "messages" / f"{language}.toml").read_text(encoding="utf-8"))
        for language in ("zh", "en")
    )
    places = re.compile(r"\{(\w+)")
    flat = [
        {
            (table, key): set(places.findall(sentence))
            for table, rows in book.items()
            for key, sentence in rows.items()
        }
        for book in (zh, en)
    ]
    assert flat[0] == flat[1]
    assert all(sentence.strip() for book in (zh, en) for rows in book.values() for sentence in rows.values())


def test_every_kind_of_issue_has_a_name_for_lists():
    book = tomllib.loads((ROOT / "gis/data/messages/zh.toml").read_text(encoding="utf-8"))
    assert set(book["issue"]) == set(book["issue-name"]), "name it under [issue-name] in both languages"


def test_every_error_code_in_the_code_has_its_sentence():
    missing = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
                first, name = node.exc.args[0], ast.unparse(node.exc.func)
                if (
                    name.endswith("Error")
                    and isinstance(first, ast.Constant)
                    and name not in dir(__builtins__)
                ):
                    if name in {
                        "ValueError",
                        "KeyError",
                        "TypeError",
                        "RuntimeError",
                        "OSError",
                        "LookupError",
                    }:
                        continue
                    if not _sentence_exists(str(first.value)):
                        missing.append(f"{path.relative_to(ROOT)}:{node.lineno} {first.value}")
    assert not missing, "\n".join(missing)


def test_every_text_in_the_code_has_its_words():
    """`Text("design", "tapping.cut-in")`; of one put together in the code the constant front must begin some key."""
    books = {room: tuple(_keys(_words(room))) for room in ROOMS if (ROOT / room / "data/messages").is_dir()}
    missing = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and ast.unparse(node.func) == "Text" and len(node.args) >= 2):
                continue
            room, key = node.args[:2]
            if not (isinstance(room, ast.Constant) and room.value in books):
                continue
            for words in _constants(key):
                whole = isinstance(words, str)
                front = words if whole else words[0]
                if not any(
                    known == front if whole else known.startswith(front) for known in books[room.value]
                ):
                    missing.append(f"{path.relative_to(ROOT)}:{node.lineno} {front}")
    assert not missing, "\n".join(missing)


def _constants(key: ast.expr):
    """Keys as they stand, both of a choice; of a key put together its front in a tuple."""
    if isinstance(key, ast.Constant):
        yield str(key.value)
    elif isinstance(key, ast.IfExp):
        yield from _constants(key.body)
        yield from _constants(key.orelse)
    elif isinstance(key, ast.JoinedStr) and isinstance(key.values[0], ast.Constant):
        yield (str(key.values[0].value),)


def _words(room: str) -> dict:
    return tomllib.loads((ROOT / room / "data/messages/zh.toml").read_text(encoding="utf-8"))


def _keys(table: dict, front: str = ""):
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _keys(value, f"{front}{name}.")
        else:
            yield front + name


def _sentence_exists(code: str) -> bool:
    return any(
        code
        in tomllib.loads((ROOT / room / "data/messages/zh.toml").read_text(encoding="utf-8")).get("error", {})
        for room in ROOMS
    )


def test_libraries_have_one_owner():
    owners = {
        "fastapi": r"api/", "folium": r"maps/quick/quicklook\.py", "typst": r"design/documents/", "ezdxf": r"design/documents/|gis/sources/drawing\.py|gis/export/drawing\.py",
        "dbos": r"api/jobs/", "psycopg": r"gis/stores/|gis/sources/postgis/", "sqlalchemy": r"api/store/", "mapbox_vector_tile": r"maps/tiles\.py",
        "rasterio": r"gis/sources/raster\.py", "wntr": r"hydraulics/session\.py|hydraulics/engine\.py",
    }  # fmt: skip
    strays = []
    for path in SOURCES:
        name = path.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules = (
                [a.name for a in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            strays += [
                f"{name}: {m}"
                for m in modules
                if (owner := owners.get(m.partition(".")[0])) and not re.match(owner, name)
            ]
    assert not strays, "\n".join(strays)


def test_nobody_else_provides_our_package_names():
    others = {
        room: [d for d in metadata.packages_distributions().get(room, []) if d.lower() != "tapwright"]
        for room in ROOMS
    }
    assert not any(others.values()), others


def test_rooms_read_no_environment():
    readers = [
        path.relative_to(ROOT).as_posix()
        for path in SOURCES
        if re.search(r"os\.environ|os\.getenv", path.read_text(encoding="utf-8"))
    ]
    assert set(readers) <= {"api/settings.py"}, readers


def test_lock_files_name_no_host():
    assert "://" not in (ROOT / "requirements.lock").read_text()
    lock = ROOT / "maps/web/package-lock.json"
    assert not lock.exists() or '"resolved"' not in lock.read_text()


@pytest.mark.parametrize(
    "command",
    [
        ["lint-imports", "--no-cache"],
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["mypy"],
    ],
    ids=lambda c: c[0] + (" format" if "format" in c else ""),
)
def test_checker_is_content(command):
    tool = Path(sys.executable).with_name(command[0])
    result = subprocess.run([tool, *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout[-6000:] + result.stderr[-2000:]
