"""`make demo`: a sample city, its import, one scheme printed, a renewal list, and the map served."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.errors import CallError
from api.network.imports import import_into
from api.printing.pages import scheme_lines
from api.printing.stderr_progress import StderrProgress
from api.settings import read_settings
from api.workbench import Workbench
from gis.errors import TapwrightError
from gis.messages import both_languages
from gis.sample.city import write_sample

if TYPE_CHECKING:
    from gis.progress import Progress

SEED, PIPES = 7, 2000
MARK = "demo.json"


def main() -> int:
    """Build the demo workspace unless it is there, run the main job once, print it, and serve when asked."""
    parser = argparse.ArgumentParser(prog="demo")
    parser.add_argument("--workspace", type=Path, required=True)
    parser.add_argument("--serve", action="store_true")
    parser.add_argument("--port", type=int, default=8420)
    arguments = parser.parse_args()
    try:
        run(arguments.workspace, progress=StderrProgress(shown=sys.stderr.isatty()))
        if arguments.serve:
            from api.serving.server import run_server

            run_server(read_settings(workspace=str(arguments.workspace)), port=arguments.port, local=True)
    except TapwrightError as error:
        print(both_languages(error), file=sys.stderr)
        return error.exit_status
    return 0


def run(workspace: Path, *, progress: Progress) -> None:
    """Make the workspace, plan a connection for a site of the sample, assess renewal; print what a person wants to see."""
    build(workspace, progress=progress)
    bench = Workbench.open(read_settings(workspace=str(workspace)))
    try:
        out = workspace / "demo-scheme"
        document = bench.scheme(demo_request(bench), out, progress=progress)
        print("\n".join(scheme_lines(dict(document))))
        print(f"成果文件：{out}")
        for path in sorted(out.iterdir()):
            print(f"  {path.name}  {path.stat().st_size / 1024:.0f} kB")
        renewal = bench.renewal_coordinate(None, workspace / "demo-renewal", progress=progress)
        print(f"更新改造清单：{workspace / 'demo-renewal'}（候选 {len(renewal['candidates'])} 段）")
    finally:
        bench.close()


def build(workspace: Path, *, progress: Progress) -> None:
    """Write and import the sample city; a workspace of the same sample is kept, any other folder is never touched."""
    mark = workspace / MARK
    wanted = {"seed": SEED, "pipes": PIPES}
    if mark.is_file() and json.loads(mark.read_text(encoding="utf-8")) == wanted:
        return
    if workspace.exists() and any(workspace.iterdir()) and not mark.is_file():
        raise CallError("demo-folder-taken", path=str(workspace))
    shutil.rmtree(workspace, ignore_errors=True)
    sources = workspace / "sources"
    write_sample(sources, seed=SEED, pipes=PIPES, progress=progress)
    answer = import_into(workspace, [sources], progress=progress)
    counts = answer["counts"]
    print(
        f"合成示范城区已导入：管段 {counts['pipes']}，预留口 {counts['tapoffs']}，用户 {counts['customers']}，"
        f"修复 {answer['issues']['repaired']} 处，疑问 {answer['issues']['warning']} 处（{answer['seconds']} s）"
    )
    mark.write_text(json.dumps(wanted), encoding="utf-8")


def demo_request(bench: Workbench) -> dict[str, Any]:
    """A six-storey residential building near the middle of the district, off the streets."""
    from api.positions import wire_position

    parcels = bench.network.layer("parcels")
    homes = parcels[parcels["use"] == "residential"]
    middle = bench.network.pipes.union_all().centroid
    parcel = homes.geometry.iloc[int(homes.geometry.distance(middle).argmin())]
    inside = parcel.representative_point()
    return {
        "name": "示范：某居住小区 3 号楼",
        "site": {"position": list(wire_position(bench.network, (inside.x, inside.y))), "storeys": 6},
        "use": {
            "type": "residential", "dwellings": 48, "fixture_units_per_dwelling": 4.0, "persons_per_dwelling": 3.2,
            "quota_lpcd": 200, "hourly_factor": 2.5,
        },
        "fire": {"outdoor_lps": 15.0},
        "options": {"count": 3},
    }  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main())
