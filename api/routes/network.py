"""Health and what the network is."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from api.wire.answers import answer
from api.wire.models import Health, NetworkInfo, SiteCard, Tapoff
from api.wire.params import At, Count, Held, Status, WithinM

router = APIRouter()


@router.get("/health", response_model=Health, summary="是否在运行 / whether the server is there")
def health(held: Held) -> Response:
    """Answer at once, also while the network is still being warmed up."""
    network = held.bench.network
    return answer(
        {
            "status": "ok", "workspace": held.workspace_id, "network_version": network.version,
            "register_mark": held.bench.register_mark, "synthetic": network.synthetic, "software": held.software, "warm": held.warm.is_set(),
        }
    )  # fmt: skip


@router.get("/network", response_model=NetworkInfo, summary="管网概况 / what the network is")
def network(held: Held) -> Response:
    """Version, source, extent and counts."""
    return answer(held.bench.info())


@router.get("/tapoffs", response_model=list[Tapoff], summary="最近的预留口 / nearest reserved tap-offs")
def tapoffs(
    held: Held, at: At, count: Count = 5, within_m: WithinM = 500.0, status: Status = "free"
) -> Response:
    """Nearest first, by straight distance, with the length of the route."""
    wanted = None if status == "any" else status
    return answer(held.bench.tapoffs(at, count=count, within_m=within_m, status=wanted))


@router.get("/site-card", response_model=SiteCard, summary="点位信息卡 / what lies around a place")
def site_card(held: Held, at: At) -> Response:
    """Pipes, tap-offs and valves near a place, with the peak-hour pressure."""
    return answer(held.bench.site_card(at))
