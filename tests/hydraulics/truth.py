"""What a session says against plain, cold EPANET 2.2 run on the exported files: every node, before and after."""

from dataclasses import dataclass, field

import numpy as np

from hydraulics.inp.written import write_after, write_before
from hydraulics.pressure import check_connection
from tests.hydraulics.models import random_sites
from tests.hydraulics.plain_epanet import heads_of

NO_PEAK = ("TwoLoop", "TwoReservoir")  # their own run diverges, and the import says so


@dataclass
class Truth:
    """Largest differences [m] over all nodes with water, where, and the nodes without."""

    before_m: float = 0.0
    after_m: float = 0.0
    where: list = field(default_factory=list)
    cut_off: set = field(default_factory=set)
    sites: int = 0


def compared(session, folder, *, count, seed=7, allowed_m=0.01):
    """Compare the base state and `count` connections."""
    truth, index = Truth(), session.index
    names = [*session.model.engine_nodes]
    write_before(session.model, folder / "before.inp")
    truth.before_m = _worst_m(session.base.head_m, heads_of(folder / "before.inp"), names, truth, index)
    for site, flow_m3s in random_sites(session, count=count, seed=seed):
        check = check_connection(session, site, flow_m3s=flow_m3s, limit_m=14.0)
        write_after(session.model, folder / "after.inp", tie_in=site, flow_m3s=flow_m3s, service=None)
        plain = heads_of(folder / "after.inp")
        away_m = _worst_m(check.after.head_m, plain, names, truth, index)
        node = "TW-TIE-IN" if site.pipe_id else names[session.node_position[site.node_id]]
        away_m = max(away_m, abs(check.tie_in_head_after_m - plain[node]))
        truth.sites += 1
        truth.after_m = max(truth.after_m, away_m)
        if not away_m <= allowed_m:
            truth.where.append((site, flow_m3s, round(away_m, 4)))
    return truth


def _worst_m(head_m, plain, names, truth, index):
    ours = head_m[: len(names)]
    theirs = np.array([plain[name] for name in names])
    wet = np.isfinite(ours)
    truth.cut_off |= {index.node_ids[n] for n in np.flatnonzero(~wet)} | set(index.node_ids[len(names) :])
    return float(np.abs(ours - theirs)[wet].max(initial=0.0))
