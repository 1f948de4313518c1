"""How supply behind the tie-in stands in the scheme document."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from design.option import SchemeOption, Site
    from design.wire.supply import BudgetDoc, InletsDoc


def budget_doc(option: SchemeOption, site: Site) -> BudgetDoc:
    """From the head at the tie-in to what is left at the site; which losses were deducted is said."""
    devices, service = option.devices, option.service
    meter_m = option.meter.headloss_m
    backflow_m, strainer_m = (devices.backflow.headloss_m, devices.strainer_m) if devices else (0.0, 0.0)
    prv_m = option.supply.prv_loss_m if option.supply else 0.0
    at_m, deducted_m = option.site_pressure_after_m, site.deducted_m
    return {
        "tie_in_head_m": option.check.tie_in_head_after_m, "site_elevation_m": site.elevation_m,
        "friction_m": service.friction_m, "local_m": service.local_m, "at_connection_m": at_m, "meter_m": meter_m,
        "backflow_m": backflow_m, "strainer_m": strainer_m,
        "prv_m": prv_m,
        "behind_devices_m": at_m - meter_m - backflow_m - strainer_m - prv_m,
        "deducted": bool(devices and devices.is_deducted), "deducted_m": deducted_m,
        "required_m": site.required_head_m, "margin_m": at_m - deducted_m - site.required_head_m,
    }  # fmt: skip


def inlets_doc(option: SchemeOption, wire: Callable[[tuple[float, float]], list[float]]) -> InletsDoc:
    """One inlet or two, and where the second comes from; `wire` turns a place into a position of the document."""
    inlets = option.inlets
    if inlets is None:
        return {"required": 1, "reasons": [], "reasons_en": [], "second": None}
    second = inlets.second
    return {
        "required": inlets.need.count,
        "reasons": [reason.render("zh") for reason in inlets.need.reasons],
        "reasons_en": [reason.render("en") for reason in inlets.need.reasons],
        "second": None if second is None else {
            "kind": second.point.kind, "tapoff_id": second.point.tapoff_id, "pipe_id": second.point.pipe_id,
            "pipe_dn": second.point.pipe_dn, "route_length_m": round(second.route.length_m, 3),
            "position": wire(second.point.position_xy),
        },
    }  # fmt: skip
