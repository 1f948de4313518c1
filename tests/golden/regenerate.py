"""
Writes the reviewed facts anew: `python -m tests.golden.regenerate`.

To be followed by a look at the difference (`git diff tests/golden`): every changed figure needs a reason. Sant Boi is
left as it is where the real data are not beside the checkout.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.golden.facts import facts_of, keep
from tests.golden.sites import SAMPLE, SANTBOI, request
from tests.golden.town import SHARED, opened, sample_workspace, santboi_workspace


def main() -> None:
    """Plan every site and keep its facts."""
    with tempfile.TemporaryDirectory() as folder:
        groups = {"sample": (SAMPLE, sample_workspace(Path(folder) / "sample"))}
        if SHARED.is_dir():
            groups["santboi"] = (SANTBOI, santboi_workspace(Path(folder) / "santboi"))
        for group, (sites, workspace) in groups.items():
            bench = opened(workspace)
            keep(group, {name: facts_of(bench.plan(request(group, name))) for name in sites})
            bench.close()


if __name__ == "__main__":
    main()
