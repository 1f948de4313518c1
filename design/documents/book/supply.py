"""Rows of the book about supply behind the tie-in: devices, local losses, inlets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from design.documents.book.money import money
from design.documents.figures import figure
from design.documents.reading import connection_name, pipe_name, second_inlet

if TYPE_CHECKING:
    from collections.abc import Mapping

    from design.documents.words import Words
    from design.wire.scheme import OptionDoc

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


def inlet_rows(option: OptionDoc, words: Words) -> Rows:
    """The second inlet where two are needed."""
    inlets: Mapping[str, Any] = option.get("inlets") or {"required": 1}
    if inlets["required"] < 2:
        return []
    second = inlets["second"]
    if second is None:
        return [[words("second-inlet"), words("none")]]
    place = f"{second['tapoff_id'] or second['pipe_id']} · {figure(second['route_length_m'], 'length')} m"
    return [[words("second-inlet"), place]]


def second_rows(option: OptionDoc, words: Words) -> Rows:
    """The second inlet as it is worked out: tie-in, route, pipe, meter, pressure when it alone supplies, its share of the price."""
    inlet = second_inlet(option)
    if inlet is None:
        return []
    told: Mapping[str, Any] = option["inlets"]["second"] or {}
    pipe, tie = inlet["service_pipe"], inlet["connection"]
    length = figure(inlet["route"]["length_m"], "length")
    rows = [
        [words("connection"), connection_name(tie, words)],
        [words("main"), f"{tie['pipe_id'] or '—'} DN{tie['pipe_dn']} {words.code('pipes', 'material', tie['pipe_material'])}"],
        [words("tie-method"), words.text(tie, "method_text")],
        [words("route-length"), f"{length} m"],
        [words("service-pipe"), pipe_name(pipe, words)],
        [words("velocity"), f"{figure(pipe['velocity_mps'], 'm/s')} m/s"],
        [words("headloss"), f"{figure(pipe['headloss_m'], 'm')} m"],
        [words("meter"), f"DN{inlet['meter']['dn']} {words.text(inlet['meter'], 'type')}"],
    ]  # fmt: skip
    if told.get("site_pressure_after_mpa") is not None:
        rows.append([words("second-pressure"), f"{figure(told['site_pressure_after_mpa'], 'MPa')} MPa"])
        rows.append([words("margin"), f"{figure(told['margin_m'], 'm')} m"])
    if told.get("quote_net_cny") is not None:
        rows.append([words("second-price"), money(told["quote_net_cny"])])
    return rows
