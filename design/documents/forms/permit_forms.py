"""Permit forms 申请表: one Word file a permit, filled from the scheme; blanks are left for what only people know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from design.documents.forms.docx_page import FormPage, new_form, save_form
from design.documents.reading import chosen_option, connection_name, pipe_name, second_inlet
from design.documents.words import Words
from design.works.permits import FILED, permit_kinds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from design.wire.scheme import OptionDoc, SchemeDoc
    from design.wire.works import PermitDoc

FOLDER = "permits"
COMMITMENT, NOTICE = "commitment.docx", "road-notice.docx"


def form_names() -> tuple[str, ...]:
    """Every file a scheme may have in its folder `permits`."""
    return tuple(
        f"{FOLDER}/{name}" for name in (*(f"{kind}.docx" for kind in permit_kinds()), COMMITMENT, NOTICE)
    )


def write_forms(scheme: SchemeDoc, folder: Path) -> list[str]:
    """
    Write the forms of the proposed option into `folder`/permits and give their names; none where no permit is needed.

    One a permit; a commitment where the city lets permits be filed; a notice to who maintains the road.
    """
    option = chosen_option(scheme)
    permits = [] if option is None else [p for p in option["permits"] if p.get("form")]
    if option is None or not permits:
        return []
    made = [_form(scheme, option, permit, folder) for permit in permits]
    filed = [permit for permit in permits if permit.get("filing") and permit["kind"] in FILED]
    if filed:
        made.append(_commitment(scheme, option, filed, folder))
    opened = [permit for permit in permits if permit["kind"] == "road-opening"]
    if opened:
        made.append(_notice(scheme, option, opened[0], folder))
    return made


def _form(scheme: SchemeDoc, option: OptionDoc, permit: PermitDoc, folder: Path) -> str:
    page = _page(scheme, permit["form_title"], permit["form_title_en"])
    authority = f"{permit['authority']} {_bracketed(permit.get('level', ''))}".strip()
    page.fields(
        [
            *_applicant(scheme),
            (_both("form-authority"), f"{authority}\n{permit.get('authority_en', '')}"),
            (_both("form-clause"), permit.get("clause", "")),
            *_works(option),
            (_both("form-extent"), f"{permit['basis']}\n{permit.get('basis_en', '')}"),
            (_both("form-period"), _period(permit)),
        ]
    )
    page.heading(_both("form-items"))
    page.grid([_both(key) for key in _HEADS], _items(permit))
    page.heading(_both("form-documents"))
    page.grid([_both("number"), _both("form-document"), _both("form-attached")], _documents(permit))
    _promises(page, ["form-promise-restore", "form-promise-traffic", "form-promise-pipes"])
    page.box(_both("form-opinion"))
    page.box(
        _both("form-opinion-police")
        if permit["kind"].startswith(("road", "moratorium"))
        else _both("form-remarks")
    )
    return _saved(page, folder, permit["form"])


_HEADS = ("number", "form-subject", "form-class", "form-surface", "form-length", "form-width", "form-area")


def _commitment(scheme: SchemeDoc, option: OptionDoc, permits: Sequence[PermitDoc], folder: Path) -> str:
    page = _page(scheme, *_pair("form-commitment"))
    page.fields([*_applicant(scheme), *_works(option)])
    rows = [
        [
            str(n),
            f"{p['name']}\n{p.get('name_en', '')}",
            p["authority"],
            f"{p['area_m2']:.2f}",
            str(p.get("days", "")),
        ]
        for n, p in enumerate(permits, 1)
    ]
    heads = ("number", "form-matter", "form-authority", "form-area", "form-days")
    page.grid([_both(key) for key in heads], rows)
    _promises(
        page, ["form-promise-filing", "form-promise-restore", "form-promise-traffic", "form-promise-trees"]
    )
    _signature(page)
    return _saved(page, folder, f"{FOLDER}/{COMMITMENT}")


def _notice(scheme: SchemeDoc, option: OptionDoc, permit: PermitDoc, folder: Path) -> str:
    page = _page(scheme, *_pair("form-notice"))
    page.note(_both("form-notice-to"))
    page.fields([*_applicant(scheme), *_works(option), (_both("form-period"), _period(permit))])
    page.grid([_both(key) for key in _HEADS], _items(permit))
    page.note(_both("form-notice-text"))
    _signature(page)
    return _saved(page, folder, f"{FOLDER}/{NOTICE}")


def _page(scheme: SchemeDoc, title_zh: str, title_en: str) -> FormPage:
    made = scheme["provenance"]
    footer = (
        f"{scheme['id']} · {made['network_version']} · {', '.join(made['rules'][:2])} · {made['created']}"
    )
    page = new_form(title=title_zh, created=made["created"], footer=footer)
    page.title(title_zh, title_en)
    if made["synthetic"]:
        page.note(f"{_ZH('synthetic')} {_ZH('synthetic-note')} {_EN('synthetic-note')}", bold=True)
    return page


def _applicant(scheme: SchemeDoc) -> list[tuple[str, str]]:
    request = scheme["request"]
    site = request.get("site") or {}
    position = ", ".join(str(value) for value in site.get("position") or [])
    return [
        (_both("form-unit"), ""),
        (_both("form-contact"), ""),
        (_both("project"), scheme["name"]),
        (_both("applicant"), str(request.get("applicant") or "")),
        (_both("form-place"), str(site.get("address") or position)),
        (_both("scheme-id"), scheme["id"]),
        (_both("form-builder"), ""),
    ]


def _works(option: OptionDoc) -> list[tuple[str, str]]:
    trench = next((a for a in option["assemblies"] if a["code"].startswith("trench-")), None)
    sizes = {} if trench is None else trench.get("dimensions_mm", {})
    section = ""
    if {"width", "depth", "cover"} <= set(sizes):
        section = _ZH(
            "form-section-value", **{key: sizes[key] / 1000.0 for key in ("width", "depth", "cover")}
        )
    second = second_inlet(option)
    inlets = [option] if second is None else [option, second]
    return [
        (_both("form-tie-in"), "\n".join(_tie_in(inlet) for inlet in inlets)),
        (_both("form-pipe"), "\n".join(_pipe(inlet) for inlet in inlets)),
        (_both("form-section"), section),
    ]


def _tie_in(inlet: OptionDoc) -> str:
    return f"{connection_name(inlet['connection'], _ZH)}，{inlet['connection']['method_text']}"


def _pipe(inlet: OptionDoc) -> str:
    return f"{pipe_name(inlet['service_pipe'], _ZH)}，{inlet['route']['length_m']:.1f} m"


def _items(permit: PermitDoc) -> Iterator[list[str]]:
    items = permit.get("items", [])
    for number, item in enumerate(items, 1):
        road = _ZH.code("streets", "road_class", item["road_class"]) if item["road_class"] else "—"
        surface = (
            _ZH.code("streets", "surface", item["surface"])
            if item["road_class"]
            else _ZH.known("form-kind", item["surface"])
        )
        yield [
            str(number),
            item["subject"],
            road,
            surface,
            f"{item['length_m']:.2f}",
            f"{item['width_m']:.2f}",
            f"{item['area_m2']:.2f}",
        ]
    yield ["", _both("form-sum"), "", "", f"{permit['length_m']:.2f}", "", f"{permit['area_m2']:.2f}"]


def _documents(permit: PermitDoc) -> Iterator[list[str]]:
    """The list of papers; those the scheme itself brings are ticked."""
    english = permit.get("documents_en", [])
    for number, name in enumerate(permit.get("documents", []), 1):
        ours = "申请表" in name or "方案（含平面图" in name or "平面图" in name
        told = english[number - 1] if number <= len(english) else ""
        yield [str(number), f"{name}\n{told}", "☑" if ours else "☐"]


def _period(permit: PermitDoc) -> str:
    days = permit.get("days", 0)
    return f"{_ZH('form-period-value', days=days)}\n{_EN('form-period-value', days=days)}" if days else ""


def _promises(page: FormPage, keys: Sequence[str]) -> None:
    page.heading(_both("form-promise"))
    for number, key in enumerate(keys, 1):
        page.note(f"{number}. {_ZH(key)}\n{_EN(key)}")


def _signature(page: FormPage) -> None:
    page.note(_both("form-signature"), right=True)


def _saved(page: FormPage, folder: Path, name: str) -> str:
    save_form(page, folder / name)
    return name


_ZH, _EN = Words("zh"), Words("en")


def _both(key: str) -> str:
    return f"{_ZH(key)} {_EN(key)}"


def _pair(key: str) -> tuple[str, str]:
    return _ZH(key), _EN(key)


def _bracketed(text: str) -> str:
    return f"（{text}）" if text else ""
