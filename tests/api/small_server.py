"""The real server over the small workbench, as a process of its own: `python -m tests.api.small_server FOLDER`."""

import sys
import time
from pathlib import Path

from api.app import create_app
from api.serving.server import serve
from tests.api.fakes import FakeBench


class SlowBench(FakeBench):
    """Its renewal run takes as long as the file `slow` in the workspace stands."""

    def __init__(self, workspace):
        super().__init__()
        self.workspace = workspace

    def _renewal(self, kind, parameters, out, progress):
        with (self.workspace / "begun").open("a") as note:
            note.write("x")
        (out / "half-written.xlsx").write_bytes(b"half")
        while (self.workspace / "slow").exists():
            progress.step("classify", 0, 1)
            time.sleep(0.02)
        (out / "half-written.xlsx").unlink()
        return super()._renewal(kind, parameters, out, progress)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    site = folder / "site"
    serve(
        lambda: create_app(SlowBench(folder), workspace=folder, site=site, software="tapwright 0.0-test"),
        workspace=folder,
        port=0,
    )
