"""What ArcGIS knows of its fields beside their names: aliases and coded values, in geodatabases and REST answers."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pandas as pd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError

from gis.errors import GisInputError
from gis.files.gdal import remarks_of_gdal
from gis.issues import DataIssue

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

REST_MARKS = (b'"esriGeometry', b'"esriFieldType', b'"wkid"', b'"exceededTransferLimit"')
MARK_BYTES = 1 << 16


@dataclass(frozen=True)
class EsriFields:
    """Alias of each field, and the word of each code of fields with a coded domain (codes as text)."""

    aliases: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def worded(self, table: pd.DataFrame) -> pd.DataFrame:
        """Give the table with codes replaced by their words; a code outside its domain stays."""
        table = table.copy()
        for column, words in self.words.items():
            if column in table:
                codes = table[column].map(_code, na_action="ignore")
                table[column] = (
                    codes.map(words).where(codes.isin(list(words)), table[column]).astype("object")
                )
        return table


def _code(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def is_rest_answer(file: Path) -> bool:
    """Tell by its beginning whether a JSON file is an answer of an ArcGIS server, a refusal included."""
    with file.open("rb") as stream:
        start = stream.read(MARK_BYTES)
    if b'"FeatureCollection"' in start[:400]:
        return False
    return any(mark in start for mark in REST_MARKS) or start.lstrip(b"\xef\xbb\xbf \t\r\n")[:12].replace(
        b" ", b""
    ).startswith(b'{"error":')


def rest_fields(file: Path) -> tuple[EsriFields, tuple[DataIssue, ...]]:
    """
    Give the fields of an ArcGIS REST answer; an answer cut short by the server is an issue.

    Raises
    ------
    GisInputError
        `rest-refused` when the file holds the server's refusal instead of data, `file-unreadable`.
    """
    try:
        document: Any = json.loads(file.read_bytes().decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise GisInputError("file-unreadable", file=file.name, problem=str(error)[:200]) from None
    if not isinstance(document, dict):
        raise GisInputError("file-unreadable", file=file.name, problem="JSON")
    if isinstance(document.get("error"), dict):
        problem = f"{document['error'].get('code', '')} {document['error'].get('message', '')}".strip()
        raise GisInputError("rest-refused", file=file.name, problem=problem[:200])
    issues: tuple[DataIssue, ...] = ()
    if document.get("exceededTransferLimit") is True:
        params = {"count": len(document.get("features") or [])}
        issues = (DataIssue("rest-cut-short", "error", "", file.name, None, params),)
    entries = [entry for entry in document.get("fields") or [] if isinstance(entry, dict)]
    aliases = {str(e["name"]): str(e["alias"]) for e in entries if e.get("name") and e.get("alias")}
    words = {
        str(e["name"]): {
            _code(value.get("code")): str(value.get("name"))
            for value in e["domain"].get("codedValues") or []
            if isinstance(value, dict)
        }
        for e in entries
        if isinstance(e.get("domain"), dict) and e["domain"].get("type") == "codedValue"
    }
    return EsriFields(aliases, words), issues


def geodatabase_fields(folder: Path, layer: str) -> EsriFields:
    """Give the fields of a geodatabase's layer, from the definitions the geodatabase keeps of itself."""
    try:
        with remarks_of_gdal():
            items = pyogrio.read_dataframe(
                folder,
                layer="GDB_Items",
                columns=["Name", "Definition"],
                read_geometry=False,
                LIST_ALL_TABLES="YES",
            )
    except (DataSourceError, DataLayerError, FeatureError, ValueError):
        return EsriFields()
    aliases: dict[str, str] = {}
    domain_of: dict[str, str] = {}
    words: dict[str, Mapping[str, str]] = {}
    for root in _definitions(items["Definition"]):
        kind = root.tag.rpartition("}")[2]
        if kind == "GPCodedValueDomain2":
            words[root.findtext("DomainName", "")] = dict(_coded(root))
        elif kind in {"DEFeatureClassInfo", "DETableInfo"} and root.findtext("Name") == layer:
            for info in root.iter("GPFieldInfoEx"):
                name = info.findtext("Name", "")
                aliases[name] = info.findtext("AliasName", "") or name
                domain_of[name] = info.findtext("DomainName", "")
    return EsriFields(aliases, {name: words[domain] for name, domain in domain_of.items() if domain in words})


def _definitions(texts: pd.Series) -> Iterator[ET.Element]:
    for text in texts.dropna():
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            continue  # a definition never has one; entities could be made to grow without end
        try:
            yield ET.fromstring(text)  # noqa: S314 - nothing with a DTD comes here
        except ET.ParseError:
            continue


def _coded(root: ET.Element) -> Iterator[tuple[str, str]]:
    for value in root.iter("CodedValue"):
        yield value.findtext("Code", ""), value.findtext("Name", "")
