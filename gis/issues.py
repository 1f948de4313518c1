"""DataIssue 数据问题: a doubt or a repair, as a value with a place, never an exception."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from gis.messages import Language, Text, catalogue
from gis.schema import codes, layers, materials

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gis.errors import Param
    from gis.schema import Attribute, Layer, Material

Severity = Literal["error", "warning", "repaired"]
EVERYTHING = "*"
KEYS = (
    "field",
    "attribute",
    "pipe",
)  # one thing may be wrong in several fields, one node lie on several pipes


@dataclass(frozen=True)
class DataIssue:
    """
    One thing that is wrong or was mended in the data.

    Attributes
    ----------
    kind
        Key of the sentence in gis/data/messages under [issue], e.g. `end-snapped`.
    layer, subject
        Schema layer name and the id of the thing there.
    position
        (x, y) in the working CRS of the network, or None for things without a place.
    params
        What the sentence names, original value included.
    repair
        Key under [repair] of what was done; None when nothing was changed.
    """

    kind: str
    severity: Severity
    layer: str
    subject: str
    position: tuple[float, float] | None = None
    params: Mapping[str, Param] = field(default_factory=dict)
    repair: str | None = None

    @property
    def key(self) -> str:
        """What makes two issues the same one."""
        text = f"{self.kind}|{self.layer}|{self.subject}"
        for part in KEYS if self.subject != EVERYTHING else (*KEYS, "value"):
            if part in self.params:
                text += f"|{self.params[part]}"
        return text

    @property
    def issue_id(self) -> str:
        """The same issue has the same id in every run."""
        return hashlib.blake2s(self.key.encode(), digest_size=8).hexdigest()

    def message(self, language: Language = "zh") -> str:
        """What is wrong, for a person."""
        return Text("gis", f"issue.{self.kind}", self._words(language)).render(language)

    def repair_text(self, language: Language = "zh") -> str | None:
        """What was done about it, or None."""
        if self.repair is None:
            return None
        return Text("gis", f"repair.{self.repair}", self._words(language)).render(language)

    def _words(self, language: Language) -> dict[str, Param]:
        """Params with attributes, materials and the layer of a whole layer's doubt called as people call them."""
        params: dict[str, Param] = {"layer": self.layer, "subject": self.subject, **self.params}
        if "attribute" in params:
            params["attribute"] = _attribute_label(self.layer, str(params["attribute"]), language)
            params["layer"] = _label(layers()[self.layer], language)
        if (known := codes(self.layer, "kind").get(str(params.get("kind")))) is not None:
            params["kind"] = known.label_zh if language == "zh" else known.label_en
        for name in ("material", "value"):
            if params.get(name) in materials():
                params[name] = _label(materials()[str(params[name])], language)
        return params


def repairs_told(
    kinds: Iterable[str], layer: str, subjects: Iterable[str], positions: Iterable[tuple[float, float]],
    params: Iterable[Mapping[str, Param]], repair: str,
) -> list[DataIssue]:  # fmt: skip
    """Give the issues of many repairs; a frozen dataclass sets field by field, in thrice the time, and cities have millions."""
    new, put = object.__new__, object.__setattr__
    told = []
    for kind, subject, position, given in zip(kinds, subjects, positions, params, strict=False):
        issue = new(DataIssue)
        values = {
            "kind": kind, "severity": "repaired", "layer": layer, "subject": subject, "position": position,
            "params": given, "repair": repair,
        }  # fmt: skip
        put(issue, "__dict__", values)
        told.append(issue)
    return told


def known_kinds() -> frozenset[str]:
    """Give every kind of issue that has a sentence."""
    return frozenset(catalogue("gis", "zh")["issue"])


def kind_title(kind: str, language: Language = "zh") -> str:
    """Give the short name of a kind of issue; the kind itself where it has none."""
    return catalogue("gis", language).get("issue-name", {}).get(kind, kind)


def _attribute_label(layer: str, name: str, language: Language) -> str:
    found = {item.name: item for item in layers()[layer].attributes}.get(name)
    return name if found is None else _label(found, language)


def _label(thing: Layer | Attribute | Material, language: Language) -> str:
    return thing.label_zh if language == "zh" else thing.label_en
