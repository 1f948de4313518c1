"""DataIssue 数据问题: a doubt or a repair, as a value with a place, never an exception."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from gis.messages import Language, Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gis.errors import Param

Severity = Literal["error", "warning", "repaired"]


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
        for part in (
            "field",
            "pipe",
        ):  # one thing may be wrong in several fields, one node lie on several pipes
            if part in self.params:
                text += f"|{self.params[part]}"
        return text

    @property
    def issue_id(self) -> str:
        """The same issue has the same id in every run."""
        return hashlib.blake2s(self.key.encode(), digest_size=8).hexdigest()

    def message(self, language: Language = "zh") -> str:
        """What is wrong, for a person."""
        params = {"layer": self.layer, "subject": self.subject, **self.params}
        return Text("gis", f"issue.{self.kind}", params).render(language)

    def repair_text(self, language: Language = "zh") -> str | None:
        """What was done about it, or None."""
        if self.repair is None:
            return None
        params = {"layer": self.layer, "subject": self.subject, **self.params}
        return Text("gis", f"repair.{self.repair}", params).render(language)
