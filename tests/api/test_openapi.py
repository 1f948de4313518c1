"""The committed description is what the program does, and says what every answer looks like."""

import json
from importlib.resources import files
from typing import Any, Literal, NotRequired, TypedDict

import pytest

from api.openapi import text
from api.wire.scheme import schemas_of

COMMITTED = json.loads(files("api").joinpath("openapi.json").read_text(encoding="utf-8"))


def test_the_committed_description_is_true():
    assert text() == files("api").joinpath("openapi.json").read_text(encoding="utf-8"), (
        "run `python -m api.openapi` and look at what changed"
    )


def test_it_is_openapi_3_1_and_served(client):
    assert COMMITTED["openapi"].startswith("3.1")
    assert client.get("/api/v1/openapi.json").json() == COMMITTED


@pytest.mark.parametrize(
    "address",
    [
        "GET /api/v1/health", "GET /api/v1/network", "GET /api/v1/tapoffs", "GET /api/v1/site-card", "POST /api/v1/checks", "POST /api/v1/isolations",
        "POST /api/v1/schemes", "GET /api/v1/schemes", "GET /api/v1/schemes/{scheme_id}",
        "GET /api/v1/schemes/{scheme_id}/files", "GET /api/v1/schemes/{scheme_id}/files/{name}",
        "GET /api/v1/jobs/{job_id}", "DELETE /api/v1/jobs/{job_id}",
        "GET /api/v1/tiles/{version}/{layer}/{z}/{x}/{y}.mvt", "GET /api/v1/style.json", "GET /api/v1/renewal",
        "POST /api/v1/renewal/runs", "PUT /api/v1/renewal/candidates/{pipe_id}/decision",
        "GET /api/v1/renewal/files/{name}", "GET /api/v1/versions", "GET /api/v1/versions/history",
        "GET /api/v1/versions/{version}", "GET /api/v1/versions/{old}/diff/{new}",
        "POST /api/v1/versions/{version}/current", "POST /api/v1/versions/{version}/approve",
        "POST /api/v1/versions/{version}/reject", "GET /api/v1/tapoffs/{tapoff_id}",
        "POST /api/v1/tapoffs/{tapoff_id}/visits", "POST /api/v1/tapoffs/{tapoff_id}/status",
        "POST /api/v1/tapoffs/{tapoff_id}/undo", "POST /api/v1/schemes/{scheme_id}/asbuilt",
    ],
)  # fmt: skip
def test_every_resource_is_described(address):
    method, path = address.split(" ")
    operation = COMMITTED["paths"][path][method.lower()]
    assert operation["summary"]
    assert operation["responses"]["default"]["content"]["application/problem+json"]


def references(value: Any):
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def test_every_reference_leads_somewhere():
    known = {f"#/components/schemas/{name}" for name in COMMITTED["components"]["schemas"]}
    assert set(references(COMMITTED)) <= known


def test_the_scheme_document_is_described_down_to_its_money():
    line = COMMITTED["components"]["schemas"]["QuoteLineDoc"]
    assert line["properties"]["amount_cny"] == {"type": "string"}
    assert line["properties"]["payer"] == {"enum": ["utility", "customer"]}


class Inner(TypedDict):
    x_m: float


class Outer(TypedDict):
    name: str | None
    kind: Literal["a", "b"]
    inner: list[Inner]
    more: NotRequired[dict[str, Any]]


def test_a_typed_dictionary_becomes_a_schema():
    schemas = schemas_of(Outer)
    assert schemas["Inner"]["properties"] == {"x_m": {"type": "number"}}
    assert schemas["Outer"]["required"] == ["inner", "kind", "name"]
    assert schemas["Outer"]["properties"] == {
        "name": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "kind": {"enum": ["a", "b"]},
        "inner": {"type": "array", "items": {"$ref": "#/components/schemas/Inner"}},
        "more": {"type": "object", "additionalProperties": {}},
    }
