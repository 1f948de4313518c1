"""What all documents read alike from a scheme: the option that is proposed, the name of a tie-in, the flat request."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

from design.asked.uses import field_labels, figure_labels, fixture_labels, use_types, value_labels

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from design.documents.words import Words
    from design.wire.scheme import OptionDoc, SchemeDoc

_WORDED = ("building", "mode", "local_loss", "verdict", "kind")


def chosen_option(scheme: SchemeDoc) -> OptionDoc | None:
    """The proposed option: the first feasible one, else the first; None when there is none at all."""
    options = scheme["options"]
    return next((option for option in options if option["feasible"]), options[0] if options else None)


def second_inlet(option: OptionDoc) -> OptionDoc | None:
    """The second inlet in the shape of an option: its own tie-in, route, pipe, works and details; None where there is none."""
    second = (option.get("inlets") or {}).get("second")
    if not second or "route" not in second or "service_pipe" not in second:
        return None
    return cast("OptionDoc", {**option, **{key: value for key, value in second.items() if value is not None}})


def connection_name(connection: Mapping[str, Any], words: Words) -> str:
    """One line that names a tie-in: its kind, its id, the main."""
    place = connection.get("tapoff_id") or connection.get("pipe_id") or connection.get("node_id") or "—"
    name = f"{words('kind-' + str(connection.get('kind', 'new-tap')))} {place}"
    dn = connection.get("dn")
    return f"{name} DN{dn}" if dn else name


def pipe_name(pipe: Mapping[str, Any], words: Words) -> str:
    """Material, series and size of the service pipe, the size said once."""
    series = words.text(pipe, "series")
    size = "" if str(pipe["dn"]) in series or "dn" in series.lower() else f" DN{pipe['dn']}"
    return f"{words.code('pipes', 'material', pipe['material'])} {series}{size}"


def override_lines(scheme: SchemeDoc, words: Words) -> list[str]:
    """A sentence for every rule that was set aside for this scheme: what it was, what it is, why and by whom."""
    return [
        words(
            "override-line", rule=entry["rule"], was=entry["was"] or "—", reason=entry["reason"], by=entry["by"] or "—",
            now=words(f"verdict-{entry['verdict']}") if entry["value"] is None else f"{entry['value']:g}",
        )
        for entry in scheme.get("overrides", [])
    ]  # fmt: skip


def flat_request(request: Mapping[str, Any], words: Words) -> list[tuple[str, str]]:
    """Every value of the request with its label; a key without a label is shown as it was sent."""
    labels = _request_labels(words)
    return [(_label(path, labels, words), _value(path, value, words)) for path, value in _leaves(request, "")]


def _label(path: str, labels: Mapping[str, str], words: Words) -> str:
    """Label of a field by its part and name, of a fixture by its own name; the path as sent where there is none."""
    steps = [re.sub(r"\[\d+\]", "", step) for step in path.split(".")]
    if "fixtures" in steps[:-1]:
        code = steps[steps.index("fixtures") + 1]
        name = fixture_labels().get(code, code) if words.language == "zh" else code
        return f"{name} (L/s)" if steps[-1] == "flow_lps" else name
    own = field_labels(words.language).get(".".join(steps[-2:]))
    return own or labels.get(steps[-1], path)


def _request_labels(words: Words) -> dict[str, str]:
    """Labels of the keys a request may have: the figures of a use from their own list, the others from the headings."""
    keys = (
        "name", "applicant", "address", "position", "polygon", "elevation_m", "storeys", "type", "dwellings",
        "fixture_units_per_dwelling", "persons_per_dwelling", "quota_lpcd", "hourly_factor", "outdoor_lps", "count",
        "area_m2", "design_flow_lps",
    )  # fmt: skip
    own = {key: words("request-" + key.replace("_", "-")) for key in keys}
    return figure_labels(words.language) | own


def _value(path: str, value: Any, words: Words) -> str:
    if path.endswith("polygon"):
        rings = value.get("coordinates", []) if isinstance(value, dict) else [value]
        return words("points", count=sum(len(ring) for ring in rings))
    if isinstance(value, bool):
        return words.yes(value)
    if isinstance(value, str) and path.rsplit(".", maxsplit=1)[-1] in _WORDED:
        return value_labels(words.language).get(value, value)
    if path.endswith("type") and value in use_types():
        use = use_types()[value]
        return use.label_zh if words.language == "zh" else use.label_en
    return ", ".join(str(v) for v in value) if isinstance(value, list) else str(value)


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and not path.endswith("polygon"):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for number, inner in enumerate(value, 1):
            yield from _leaves(inner, f"{path}[{number}]")
    elif value is not None:
        yield path, value


def parts_of(assembly: Mapping[str, Any], words: Words) -> list[list[str]]:
    """Numbered parts of a standard detail as its drawing lists them: number, name, specification, count with unit."""
    return [
        [str(part["no"]), words.text(part, "name"), words.text(part, "spec"), f"{part['count']} {words.said(str(part['unit']))}"]
        for part in assembly.get("parts") or []
    ]  # fmt: skip
