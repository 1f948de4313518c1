"""DXF drawings: layers by utility, character sets, and what a drawing may not do."""

import ezdxf
import pytest

from gis.errors import GisInputError
from gis.importing import import_sources
from gis.messages import both_languages
from tests.drawn import new_drawing

X, Y = 510000.0, 4057000.0


def drawing(file, *, release="R2000", layer="给水-现状", fill=None):
    document, space = new_drawing(release)
    (fill or plain)(document, space, layer)
    document.saveas(file)
    return file


def plain(_document, space, layer):
    space.add_line((X, Y), (X + 100, Y), dxfattribs={"layer": layer})
    space.add_line((X + 100, Y), (X + 200, Y + 50), dxfattribs={"layer": layer})
    space.add_text("DN３００", dxfattribs={"layer": layer, "insert": (X + 50, Y + 1)})
    space.add_blockref("闸阀", (X + 100, Y), dxfattribs={"layer": "给水阀门"})
    space.add_line((X, Y + 10), (X + 100, Y + 10), dxfattribs={"layer": "污水"})
    space.add_line((X, Y + 90), (X + 100, Y + 90), dxfattribs={"layer": "图框"})


def read(file, **options):
    return import_sources([file], crs="EPSG:4548", **options)


def refusal(file):
    with pytest.raises(GisInputError) as caught:
        read(file)
    assert file.name in both_languages(caught.value)
    return caught.value


def kinds(candidate):
    return [issue.kind for issue in candidate.issues]


@pytest.mark.parametrize("release", ["R12", "R2000", "R2018"], ids=lambda release: f"B-061 {release}")
def test_layers_are_known_by_their_utility_in_every_release(tmp_path, release):
    candidate = read(drawing(tmp_path / "a.dxf", release=release))
    assert candidate.layers["pipes"]["length_m"].round(3).tolist() == [100.0, 111.803]
    assert len(candidate.layers["valves"]) == 1
    assert candidate.layers["utilities"]["kind"].tolist() == ["sewer"]
    assert "drawing-encoding" not in kinds(candidate)


def test_layers_of_no_known_name_are_said_to_be_left_out(tmp_path):
    candidate = read(drawing(tmp_path / "a.dxf"))
    (issue,) = [issue for issue in candidate.issues if issue.kind == "table-skipped"]
    assert issue.subject == "a.dxf:图框"


def test_size_notes_are_said_not_to_be_used(tmp_path):
    candidate = read(drawing(tmp_path / "a.dxf"))
    (issue,) = [issue for issue in candidate.issues if issue.kind == "drawing-texts"]
    assert issue.params == {"count": 1, "layer_name": "给水-现状"}
    assert candidate.layers["pipes"]["dn"].isna().all()


@pytest.mark.parametrize(
    "layer", ["给水DN300", "给水dn３００管", "供水管Φ300"], ids=lambda layer: f"B-066 {layer}"
)
def test_a_size_in_the_name_of_the_layer_is_the_pipes(tmp_path, layer):
    assert read(drawing(tmp_path / "a.dxf", layer=layer)).layers["pipes"]["dn"].tolist() == [300, 300]


def test_a_mapping_file_says_which_layer_is_what(tmp_path):
    """B-066."""
    file = drawing(tmp_path / "a.dxf", layer="管线图层7")
    mapping = tmp_path / "m.toml"
    mapping.write_text(
        'format = 1\n[[layer]]\nlayer = "pipes"\nfile = "*.dxf"\ntable = "管线*"\nfields.pipe_id = "编号"\n'
        'fields.dn = { value = 200 }\n[[layer]]\nlayer = "valves"\nfile = "*.dxf"\ntable = "给水阀门"\n'
        'fields.valve_id = "编号"\n',
        encoding="utf-8",
    )
    candidate = read(file, mapping=mapping)
    assert candidate.layers["pipes"]["dn"].tolist() == [200, 200]
    assert len(candidate.layers["valves"]) == 1


def test_utf8_under_a_gbk_label_is_mended_and_said(tmp_path):
    """B-061."""
    file = drawing(tmp_path / "a.dxf")
    file.write_bytes(file.read_bytes().decode("gbk").encode("utf-8"))
    candidate = read(file)
    assert len(candidate.layers["pipes"]) == 2
    (issue,) = [issue for issue in candidate.issues if issue.kind == "drawing-encoding"]
    assert (issue.severity, issue.params["stated"]) == ("repaired", "ANSI_936")


def test_splines_and_arcs_become_lines_of_their_length(tmp_path):
    """B-066."""

    def curves(_document, space, layer):
        space.add_arc((X, Y), 50, 0, 180, dxfattribs={"layer": layer})
        space.add_spline([(X + 50, Y, 0), (X + 75, Y, 0), (X + 100, Y, 0)], dxfattribs={"layer": layer})

    lengths_m = read(drawing(tmp_path / "a.dxf", fill=curves)).layers["pipes"]["length_m"]
    assert sorted(lengths_m) == pytest.approx([50.0, 157.08], abs=0.2)


def test_a_block_that_inserts_itself_and_deep_nests_cost_nothing(tmp_path):
    """B-063: blocks are points and are never exploded."""

    def nested(document, space, layer):
        plain(document, space, layer)
        document.blocks.new("自身").add_blockref("自身", (0, 0))
        for depth in range(20):
            block = document.blocks.new(f"N{depth}")
            for _ in range(10):
                block.add_blockref(f"N{depth + 1}", (0, 0))
        for name in ("自身", "N0"):
            space.add_blockref(name, (X, Y), dxfattribs={"layer": "给水阀门"})

    assert len(read(drawing(tmp_path / "a.dxf", fill=nested)).layers["valves"]) == 3


def test_outer_references_are_never_opened(tmp_path, monkeypatch):
    """B-067."""
    secret = tmp_path / "secret.dxf"
    drawing(secret)

    def referring(document, space, layer):
        plain(document, space, layer)
        document.add_xref_def(str(secret), "外部")
        space.add_blockref("外部", (X, Y), dxfattribs={"layer": layer})
        image = document.add_image_def("//host/share/a.tif", (10, 10))
        space.add_image(image, (X, Y), (1, 1), dxfattribs={"layer": layer})

    file = drawing(tmp_path / "a.dxf", fill=referring)
    secret.unlink()
    secret.mkdir()  # opening it would now fail
    assert len(read(file).layers["pipes"]) == 2


def paper_only(document, _space, _layer):
    document.layout("Layout1").add_line((0, 0), (1, 1), dxfattribs={"layer": "给水"})


def test_a_drawing_with_paper_space_only_is_refused(tmp_path):
    """B-065."""
    assert refusal(drawing(tmp_path / "a.dxf", fill=paper_only)).code == "drawing-empty"


BAD = [
    pytest.param("a.dwg", b"AC1032" + bytes(100), "drawing-is-dwg", id="B-062 DWG"),
    pytest.param("a.dxf", b"AC1032" + bytes(100), "drawing-is-dwg", id="B-062 DWG renamed"),
    pytest.param("a.dxf", b"<OGRVRTDataSource/>", "file-unreadable", id="B-022 VRT named DXF"),
    pytest.param("a.dxf", b"  0\nSECTION\n  2\nENT", "file-unreadable", id="cut off"),
]


@pytest.mark.parametrize(("name", "content", "code"), BAD)
def test_what_is_no_drawing_is_refused(tmp_path, name, content, code):
    (tmp_path / name).write_bytes(content)
    assert refusal(tmp_path / name).code == code
