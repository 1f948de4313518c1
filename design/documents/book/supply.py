"""Rows of the book about supply behind the tie-in: devices and budget, local losses, inlets, other ways to tie in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from design.documents.figures import figure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from design.documents.words import Words
    from design.wire import OptionDoc

Rows = list[list[str]]


def device_rows(option: OptionDoc, words: Words) -> Rows:
    """How low the meter measures, the backflow preventer, and what of their loss counts."""
    meter: Mapping[str, Any] = option["meter"]
    devices: Mapping[str, Any] = option.get("devices") or {}
    rows: Rows = []
    if meter.get("q1_m3h") is not None:
        rows.append(
            [
                words("meter-low"),
                words("meter-low-figures", q1=f"{meter['q1_m3h']:.3f}", q2=f"{meter['q2_m3h']:.3f}"),
            ]
        )
    if devices:
        backflow = devices["backflow"]
        told = f"{words.text(backflow, 'name')} DN{backflow['dn']} · {figure(backflow['headloss_m'], 'm')} m"
        reasons = backflow["reasons" if words.language == "zh" else "reasons_en"]
        rows.append([words("backflow"), " · ".join([told, *reasons])])
        key = "deducted-yes" if devices["deducted"] else "deducted-no"
        rows.append([words("devices-loss"), words(key, loss=figure(devices["loss_m"], "m"))])
    return rows


def local_rows(option: OptionDoc, words: Words) -> Rows:
    """Local losses of the service pipe, fitting by fitting."""
    losses: list[Mapping[str, Any]] = list(option["service_pipe"].get("local_losses") or [])
    if not losses:
        return []
    told = [f"{words.text(loss, 'name')} {loss['count']}×K{loss['factor']:g}" for loss in losses]
    return [[words("local-losses"), "，".join(told) if words.language == "zh" else ", ".join(told)]]


def way_rows(option: OptionDoc, words: Words) -> Rows:
    """Other ways to tie in with what they take from others, and the second inlet where two are needed."""
    rows = [
        [words("other-way", name=words.text(way, "name")), _way(way, words)]
        for way in option.get("tie_in_methods") or []
        if not way["chosen"] and way["method"] != "reserved"
    ]
    inlets: Mapping[str, Any] = option.get("inlets") or {"required": 1}
    if inlets["required"] > 1:
        second = inlets["second"]
        place = (
            words("none")
            if second is None
            else f"{second['tapoff_id'] or second['pipe_id']} · {figure(second['route_length_m'], 'length')} m"
        )
        rows.append([words("second-inlet"), place])
    return rows


def _way(way: Mapping[str, Any], words: Words) -> str:
    told = words.text(way, "reason")
    if way["customers_out"] is None:
        return told
    return f"{told} · {words('way-outage', valves=way['valves_to_close'], customers=way['customers_out'])}"
