"""Shapes of the import page on the wire: drafts, mappings, issues."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from api.intake.limits import load_upload_limits
from api.wire.models import Body


class MappingBody(Body):
    """A mapping: as the page edits it, as the text of a file, or the name of a kept one."""

    document: dict[str, Any] | None = None
    toml: str | None = Field(None, max_length=load_upload_limits().most_mapping_characters)
    name: str | None = Field(None, max_length=120)


class PublishBody(Body):
    """Who imports, and why it is right that much disappears; neither is needed to suggest or check."""

    by: str | None = Field(None, max_length=80)
    accepted: str | None = Field(None, max_length=2000)


class DraftFile(BaseModel):
    """A file of a draft."""

    name: str
    bytes: int


class DraftBrief(BaseModel):
    """An import that is being prepared."""

    id: str
    created: str
    title: str
    files: list[DraftFile]
    bytes: int
    job: str | None = Field(description="the job that works on it, or did last")
    task: Literal["suggest", "check", "publish"] | None = Field(description="what that job does")
    parts: list[Literal["suggestion", "check", "result"]] = Field(description="what can be asked for")


class Draft(DraftBrief):
    """A draft with its mapping."""

    mapping: dict[str, Any] | None


class KeptMapping(BaseModel):
    """A mapping kept for the next delivery."""

    name: str
    saved: str


class IssueKind(BaseModel):
    """One kind of issue at one severity."""

    kind: str
    severity: Literal["error", "warning", "repaired"]
    count: int
    placed: int = Field(description="how many of them can be shown on the map")
    name: str
    name_en: str


class IssueKinds(BaseModel):
    """What the issues of a version are about."""

    version: str
    total: int
    kinds: list[IssueKind]


class Issue(BaseModel):
    """One thing that was doubted or mended."""

    id: str
    kind: str
    severity: Literal["error", "warning", "repaired"]
    subject: str
    layer: str
    layer_label: str
    layer_label_en: str
    position: list[float] | None
    message: str
    message_en: str
    repair: str | None
    repair_en: str | None
    name: str
    name_en: str
    place: dict[str, str | int | float] = Field(description="file, row, field and value, where known")


class IssuePage(BaseModel):
    """Some rows of the list of issues."""

    total: int
    offset: int
    issues: list[Issue]
