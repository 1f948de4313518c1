/** The quote as the scheme document carries it; money is decimal text. */

export interface QuoteLineDoc {
  code: string
  name: string
  name_en?: string
  quantity: string
  unit: string
  price_cny: string
  amount_cny: string
  payer: 'utility' | 'customer'
  ledger: 'outside-red-line' | 'inside-red-line' | 'third-party' | 'secondary-supply'
  basis: string
  basis_en?: string
  tax_rate?: string
  taxed?: boolean
  source?: string
  confidence?: string
  valid_to?: string | null
  borrowed?: boolean
}

export interface TaxDoc {
  rate: string
  base_cny: string
  tax_cny: string
}

export interface PayerDoc {
  ledger: QuoteLineDoc['ledger']
  payer: QuoteLineDoc['payer']
  net_cny: string
}

export interface PolicyDoc {
  id: string
  title: string
  title_en: string
  source: string
  conditions: string
  conditions_en: string
}

/** The price by the one-fee list; `difference_cny` is it less the total of the quote. */
export interface OneFeeDoc {
  total_cny: string
  difference_cny: string
  /** Of the quote's total what the list does not cover. */
  left_out_cny?: string
  basis: string
  basis_en: string
  includes: string
  source: string
  confidence: string
}

export interface QuoteDoc {
  catalogue: string
  catalogue_en?: string
  catalogue_note: string
  catalogue_note_en?: string
  valid_from: string
  valid_to: string | null
  regional_factor?: string
  rounding?: string
  lines: QuoteLineDoc[]
  net_cny: string
  tax_rate: string
  tax_cny: string
  taxes?: TaxDoc[]
  total_cny: string
  customer_total_cny: string
  utility_total_cny: string
  payers?: PayerDoc[]
  policy?: PolicyDoc
  one_fee?: OneFeeDoc | null
}
