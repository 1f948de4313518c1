/** What the engineer asks: site, use, storeys; and the request document it makes. */

import type { Position, RequestDoc, UseDoc } from '../contract/wire'
import { parseNumber } from '../text/position'

export const USE_TYPES = ['residential', 'office', 'school', 'hotel', 'hospital', 'shop', 'flow'] as const
export type UseType = (typeof USE_TYPES)[number]

/** The figure each use is known by, named as in the request document. */
export const FIGURE: Record<UseType, string> = {
  residential: 'dwellings',
  office: 'area_m2',
  school: 'students',
  hotel: 'beds',
  hospital: 'beds',
  shop: 'area_m2',
  flow: 'design_flow_lps',
}

const WHOLE = new Set(['dwellings', 'students', 'beds'])

export interface Form {
  name: string
  position: Position | null
  useType: UseType
  /** As typed, so that nothing is lost while editing. */
  amount: string
  storeys: string
}

export const EMPTY_FORM: Form = { name: '', position: null, useType: 'residential', amount: '48', storeys: '6' }

export type FormFault = 'generate.no-site' | 'generate.bad-amount' | 'generate.bad-storeys'

export function formFault(form: Form): FormFault | null {
  if (form.position === null) return 'generate.no-site'
  if (amountOf(form) === null) return 'generate.bad-amount'
  if (storeysOf(form) === null) return 'generate.bad-storeys'
  return null
}

export function amountOf(form: Form): number | null {
  const value = parseNumber(form.amount)
  if (value === null || value <= 0) return null
  return WHOLE.has(FIGURE[form.useType]) && !Number.isInteger(value) ? null : value
}

export function storeysOf(form: Form): number | null {
  const value = parseNumber(form.storeys)
  return value !== null && Number.isInteger(value) && value >= 1 && value <= 200 ? value : null
}

/** The request document; null while something is missing. */
export function requestOf(form: Form): RequestDoc | null {
  const amount = amountOf(form)
  const storeys = storeysOf(form)
  if (form.position === null || amount === null || storeys === null) return null
  const figure = FIGURE[form.useType]
  const use: RequestDoc['use'] =
    form.useType === 'flow' ? { design_flow_lps: amount } : ({ type: form.useType, [figure]: amount } as UseDoc)
  const name = form.name.trim()
  return { ...(name ? { name } : {}), site: { position: form.position, storeys }, use, options: { count: 3 } }
}

/** Two forms with the same key ask the same question. */
export function requestKey(form: Form): string {
  const request = requestOf(form)
  return request === null ? '' : JSON.stringify({ ...request, name: '' })
}

/** Fill the form from the request a stored scheme carries; uses this form does not know keep the present ones. */
export function formOf(request: RequestDoc, present: Form): Form {
  const use = Array.isArray(request.use) ? request.use[0] : request.use
  const type = use === undefined ? null : 'type' in use ? use.type : 'flow'
  const useType = USE_TYPES.find((one) => one === type) ?? present.useType
  const value = (use as Record<string, unknown> | undefined)?.[FIGURE[useType]]
  return {
    name: request.name ?? '',
    position: request.site.position,
    useType,
    amount: value === undefined ? present.amount : String(value),
    storeys: request.site.storeys === undefined ? present.storeys : String(request.site.storeys),
  }
}
