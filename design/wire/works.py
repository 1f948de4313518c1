"""Parts of the scheme document about what is built, what it costs and what it needs: details, quote, picking list, permits."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class PartDoc(TypedDict):
    """A part of a standard detail: its number on the drawing, and how many one detail has (a decimal string)."""

    no: int
    name: str
    name_en: str
    spec: str
    unit: str
    count: str
    from_store: bool


class AssemblyDoc(TypedDict):
    code: str
    kind: NotRequired[str]
    name: str
    name_en: NotRequired[str]
    drawing: str
    atlas: NotRequired[str]
    sheet: NotRequired[str]
    edition: NotRequired[str]
    count: int
    reason: str
    reason_en: NotRequired[str]
    source: NotRequired[str]
    confidence: NotRequired[str]
    dimensions_mm: NotRequired[dict[str, int]]
    parts: NotRequired[list[PartDoc]]


class QuoteLineDoc(TypedDict):
    """
    One line of the quote; the price of a `fee` is `rate` x `base_cny`, the items of its ledger above it.

    `base_price_cny` is the price before the regional factor, `borrowed` one that the own catalogue lacks; `share` the
    part of the scheme a line belongs to: the first inlet, the second, or pumps and tanks behind them.
    """

    code: str
    name: str
    name_en: NotRequired[str]
    quantity: str
    unit: str
    price_cny: str
    amount_cny: str
    payer: Literal["utility", "customer"]
    ledger: Literal["outside-red-line", "inside-red-line", "third-party", "secondary-supply"]
    basis: str
    basis_en: NotRequired[str]
    taxed: NotRequired[bool]
    tax_rate: NotRequired[str]
    kind: NotRequired[Literal["item", "fee"]]
    rate: NotRequired[str | None]
    base_cny: NotRequired[str | None]
    base_price_cny: NotRequired[str]
    source: NotRequired[str]
    confidence: NotRequired[str]
    valid_to: NotRequired[str | None]
    borrowed: NotRequired[bool]
    share: NotRequired[Literal["connection", "second-inlet", "secondary-supply"]]


class TaxDoc(TypedDict):
    rate: str
    base_cny: str
    tax_cny: str


class PayerDoc(TypedDict):
    """What one side bears of one ledger, without tax."""

    ledger: str
    payer: str
    net_cny: str


class PolicyDoc(TypedDict):
    id: str
    title: str
    title_en: str
    source: str
    confidence: str
    conditions: str
    conditions_en: str


class OneFeeDoc(TypedDict):
    """
    The price by the one-fee list, of one meter and one inlet; `difference_cny` is it less the quote's total.

    What the list does not cover, `left_out_cny` of the total (second inlet, pumps and tanks), is not compared.
    """

    meter_dn: int
    method: str
    base_cny: str
    base_length_m: str
    extra_cny_m: str
    extra_length_m: str
    restoration_cny: str
    total_cny: str
    difference_cny: str
    left_out_cny: NotRequired[str]
    basis: str
    basis_en: str
    includes: str
    source: str
    confidence: str


class QuoteDoc(TypedDict):
    catalogue: str
    catalogue_en: NotRequired[str]
    catalogue_note: str
    catalogue_note_en: NotRequired[str]
    valid_from: str
    valid_to: str | None
    regional_factor: NotRequired[str]
    currency: NotRequired[str]
    rounding: str
    lines: list[QuoteLineDoc]
    net_cny: str
    tax_rate: str
    tax_cny: str
    taxes: NotRequired[list[TaxDoc]]
    total_cny: str
    customer_total_cny: str
    utility_total_cny: str
    payers: NotRequired[list[PayerDoc]]
    policy: NotRequired[PolicyDoc]
    borrowed: NotRequired[list[str]]
    one_fee: NotRequired[OneFeeDoc | None]


class PickingDoc(TypedDict):
    """What the store hands out for the job: one row a thing and size, with what it is for."""

    no: int
    name: str
    name_en: str
    spec: str
    unit: str
    quantity: str
    used_for: list[str]
    used_for_en: list[str]


class PermitItemDoc(TypedDict):
    """One stretch of a permit; for a tree `length_m` is how far it stands from the pipe."""

    subject: str
    road_class: str
    surface: str
    length_m: float
    width_m: float
    area_m2: float


class PermitDoc(TypedDict):
    """`days` is how long the place is open or occupied, `filing` whether a commitment may take the place of approval."""

    kind: str
    name: str
    name_en: NotRequired[str]
    authority: str
    authority_en: NotRequired[str]
    level: NotRequired[str]
    level_en: NotRequired[str]
    area_m2: float
    length_m: float
    workdays: int
    days: NotRequired[int]
    filing: NotRequired[bool]
    basis: str
    basis_en: NotRequired[str]
    clause: NotRequired[str]
    documents: NotRequired[list[str]]
    documents_en: NotRequired[list[str]]
    form: NotRequired[str]
    form_title: NotRequired[str]
    form_title_en: NotRequired[str]
    items: NotRequired[list[PermitItemDoc]]
